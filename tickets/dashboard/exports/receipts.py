"""Receipts and credit notes as a file for the bookkeeper: a row for each and each of its VAT rates, by day."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, DaysForm, ExportList, Place, from_time
from tickets.models import Receipt
from tickets.money.receipts.documents import Document, with_lines

ORDER: Final = ("paid_at", "pk")


def _found(asked: Asked) -> QuerySet[Receipt]:
    return with_lines(Receipt.objects.filter(asked.within("paid_at"), account=asked.account))


def _head(asked: Asked) -> list[str]:
    return [
        _("Number"),
        _("Kind"),
        asked.zoned(_("Date")),
        asked.zoned(_("Issued")),
        _("Customer"),
        _("Booking"),
        _("Paid by"),
        _("Credit note for"),
        _("VAT"),
        _("Rate"),
        _("Net"),
        _("VAT amount"),
        _("Gross"),
        _("Currency"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    receipts = list(rows_after(_found(asked), ORDER, from_time(place))[:most])
    rows = [
        row for each in receipts for row in _rows(Document(each, list(each.lines.all()), asked.account.zone), asked)
    ]
    after = [receipts[-1].paid_at.isoformat(), receipts[-1].pk] if len(receipts) == most else None
    return Batch(rows, after, len(receipts))


def _rows(document: Document, asked: Asked) -> list[Sequence[Cell]]:
    each = document.receipt
    return [
        [
            str(each),
            each.get_kind_display(),
            asked.moment(each.paid_at),
            asked.moment(each.issued_at),
            each.name,
            each.reference,
            document.method,
            str(each.credits or ""),
            sums.name,
            sums.rate,
            amount_of(sums.net, each.currency),
            amount_of(sums.vat, each.currency),
            amount_of(sums.gross, each.currency),
            each.currency,
        ]
        for sums in document.rates
    ]


RECEIPTS: Final = ExportList(
    name="receipts_csv",
    label=gettext_lazy("Make a file of receipts"),
    working=gettext_lazy("Writing receipts"),
    title=gettext_lazy("Receipts and VAT"),
    says=gettext_lazy("Each numbered receipt and credit note, with the VAT of each rate."),
    file="receipts",
    head=_head,
    read=_read,
    found=_found,
    form=DaysForm,
)
