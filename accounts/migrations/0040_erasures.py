"""Customers who were erased (docs/decisions/0074)."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0039_stripe_customer_index")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        AddConstraintNotValid(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("email__endswith", "@erased.invalid"),
                        ("note", ""),
                        ("phone", ""),
                        ("seen_at__isnull", True),
                        ("user__isnull", True),
                        ("news_ended_at__isnull", True),
                        ("news_since__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="customer_erased_is_nobody",
            ),
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_number", models.BigIntegerField()),
                ("customer_made_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField()),
                ("is_kept", models.BooleanField(db_default=False, default=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "left",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="erasure",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("is_kept", False)), fields=["id"], name="erasure_to_keep"),
                    models.Index(condition=models.Q(("left__isnull", True)), fields=["id"], name="erasure_to_repeat"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "customer_number", "customer_made_at"), name="erasure_once"
                    )
                ],
            },
        ),
    ]
