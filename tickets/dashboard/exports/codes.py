"""Who has used a discount code, as a file: each booking with its customer, its tickets and what they saved."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from tickets.dashboard.codes.rows import redemptions_of
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place
from tickets.models import BookingState, DiscountCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from tickets.annotated import RedemptionWithSaving
    from tickets.dashboard.csv_export import Cell


def _code(asked: Asked) -> DiscountCode:
    return DiscountCode.objects.get(account=asked.account, pk=asked.given["code"])


def _found(asked: Asked) -> "QuerySet[RedemptionWithSaving]":
    return redemptions_of(_code(asked))


def _head(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Date")),
        _("Code"),
        _("Reference"),
        _("Customer"),
        _("Email address"),
        _("State"),
        _("Tickets"),
        _("Saved"),
        _("Currency"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    code = _code(asked)
    uses = list(rows_after(redemptions_of(code), ("pk",), place)[:most])
    currency = asked.account.currency
    rows: list[Sequence[Cell]] = [
        [
            asked.moment(each.created_at),
            code.code,
            each.booking.reference,
            each.booking.booker_name or each.customer.name,
            each.customer.reached_at,
            str(BookingState(each.booking.state).label),
            str(each.tickets),
            # Of what is paid at the studio, only what is owed is known.
            amount_of(each.saved, currency) if each.saved else "",
            currency,
        ]
        for each in uses
    ]
    return Batch(rows, [uses[-1].pk] if len(uses) == most else None, len(uses))


CODE_USES: Final = ExportList(
    name="discount_code_csv",
    label=gettext_lazy("Make a file of a discount code’s uses"),
    working=gettext_lazy("Writing uses of the code"),
    title=gettext_lazy("Uses of a discount code"),
    says=gettext_lazy("Each booking made with the code, with its customer, its tickets and what they saved."),
    file="discount-code",
    head=_head,
    read=_read,
    found=_found,
)
