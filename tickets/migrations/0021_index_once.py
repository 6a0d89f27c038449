"""Foreign keys whose own index a longer one repeats have none any more (docs/decisions/0047)."""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import DropKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("groups", "0011_index_once"),
        ("offers", "0003_index_once"),
        ("payments", "0006_event_state"),
        ("tickets", "0020_ticket_search"),
    ]

    operations = [
        DropKeyIndex(
            model_name="booking",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="booking",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="accounts.customer",
            ),
        ),
        DropKeyIndex(
            model_name="coverage",
            name="offer",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="coverage", to="offers.offer"
            ),
        ),
        DropKeyIndex(
            model_name="dispute",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="entry",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="entry",
            name="page",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.schedulepage",
            ),
        ),
        DropKeyIndex(
            model_name="entry",
            name="series",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="tickets.series"
            ),
        ),
        DropKeyIndex(
            model_name="finding",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="invoicerefund",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="party",
            name="entry",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.entry"
            ),
        ),
        DropKeyIndex(
            model_name="payment",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="payment",
            name="connection",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.connection"
            ),
        ),
        DropKeyIndex(
            model_name="refund",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="refundedseat",
            name="refund",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="tickets.refund"
            ),
        ),
        DropKeyIndex(
            model_name="release",
            name="member",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.member"
            ),
        ),
        DropKeyIndex(
            model_name="seat",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seats",
                to="accounts.customer",
            ),
        ),
        DropKeyIndex(
            model_name="ticketplaces",
            name="ticket",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="places", to="tickets.ticket"
            ),
        ),
    ]
