"""VAT rates, and what receipts say of the business (docs/decisions/0087)."""

import django.db.models.deletion
from django.db import migrations, models

import bookwhen.db


class Migration(migrations.Migration):
    """The rates, the settings, and which rate a ticket has."""

    dependencies = [
        ("accounts", "0048_retention_indexes"),
        ("tickets", "0049_entry_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="VatRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("basis_points", models.PositiveSmallIntegerField(verbose_name="rate")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "VAT rate",
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="vat_rate_text", one_line=("name",)),
                    models.UniqueConstraint(fields=("account", "name"), name="vat_rate_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("basis_points__lte", 5000)), name="vat_rate_bearable"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptSettings",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="receipt_settings",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("is_on", models.BooleanField(db_default=False, default=False)),
                ("business_name", models.CharField(max_length=200, verbose_name="business name")),
                ("business_address", models.TextField(max_length=500, verbose_name="business address")),
                (
                    "vat_number",
                    models.CharField(blank=True, db_default="", default="", max_length=30, verbose_name="VAT number"),
                ),
                (
                    "prefix",
                    models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="prefix"),
                ),
                (
                    "default_rate",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.vatrate",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "receipt settings",
                "indexes": [
                    models.Index(
                        condition=models.Q(("default_rate__isnull", False)),
                        fields=["default_rate"],
                        name="receipt_settings_rate",
                    )
                ],
                "constraints": [
                    bookwhen.db.TextCheck(
                        longest={"business_address": 500},
                        name="receipt_settings_text",
                        one_line=("business_name", "vat_number", "prefix"),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptCounter",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("first", models.PositiveIntegerField(db_default=1, default=1)),
                ("last", models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__gte", 1), ("last__gte", models.F("first") - 1)),
                        name="receipt_counter_fits",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="vat_rate",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.vatrate",
            ),
        ),
    ]
