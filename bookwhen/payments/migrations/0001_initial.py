import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("encrypted_key", models.TextField(blank=True)),
                ("key_hint", models.CharField(max_length=40)),
                ("livemode", models.BooleanField()),
                ("stripe_account", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("webhook_endpoint", models.CharField(blank=True, max_length=255)),
                ("webhook_events", models.JSONField(default=list)),
                ("portal_configuration", models.CharField(blank=True, max_length=255)),
                ("connected_at", models.DateTimeField()),
                ("disconnected_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(blank=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("cursor", models.BigIntegerField(default=0)),
                ("caught_up_at", models.DateTimeField(null=True)),
                ("reconciled_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("disconnected_at__isnull", False),
                            models.Q(("encrypted_key", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="connection_has_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EndpointSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("encrypted_secret", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("retires_at", models.DateTimeField(null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secrets", to="payments.connection"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StripeEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stripe_id", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=100)),
                ("subject", models.CharField(blank=True, max_length=255)),
                ("api_version", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField()),
                ("payload", models.JSONField()),
                ("source", models.CharField(choices=[("webhook", "Webhook"), ("catch_up", "Catch-up")], max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Waiting"),
                            ("done", "Processed"),
                            ("ignored", "Unrelated"),
                            ("dead", "Failed"),
                        ],
                        default="received",
                        max_length=20,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("error", models.TextField(blank=True)),
                ("received_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="payments.connection",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "received")), fields=["due_at"], name="event_waiting"),
                    models.Index(
                        condition=models.Q(("state", "received")),
                        fields=["connection", "subject"],
                        name="event_subject_waiting",
                    ),
                    models.Index(condition=models.Q(("state", "dead")), fields=["connection"], name="event_given_up"),
                    models.Index(fields=["connection", "-received_at", "-id"], name="event_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("connection", "stripe_id"), name="event_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["received", "done", "ignored", "dead"])),
                        name="event_state_known",
                    ),
                ],
            },
        ),
    ]
