import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bookwhen.db


class Migration(migrations.Migration):
    """How a series repeats is kept as it was said, with what its dates have of their own."""

    dependencies = [("tickets", "0029_owed_and_moved")]

    operations = [
        migrations.CreateModel(
            name="EntryOverride",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="override",
                        serialize=False,
                        to="tickets.entry",
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("occurrence", bookwhen.db.WallTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SeriesDate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("starts", bookwhen.db.WallTimeField()),
                ("left_out", models.BooleanField()),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dates",
                        to="tickets.series",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("series", "starts"), name="series_date_once")],
            },
        ),
        migrations.AddField(
            model_name="series",
            name="first",
            field=bookwhen.db.WallTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="series",
            name="split_from",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.series",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="split_from",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
    ]
