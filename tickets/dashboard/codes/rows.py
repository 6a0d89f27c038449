"""What the pages of discount codes show: a code as a line of the list, and who has used one for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, cast

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.email_queue import absolute
from accounts.models import Account, SchedulePage
from tickets.models import Channel, CodeRedemption, DiscountCode, Seat
from tickets.schedule.code_texts import CodeState, code_terms_text, covered_by_codes, state_of

if TYPE_CHECKING:
    from tickets.annotated import RedemptionWithSaving

NEWEST: Final = ("-created_at", "-pk")
MOST_PAGES: Final = 5
"""How many pages' links to a code are shown."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code (with its `uses`) as the list shows it."""

    code: DiscountCode
    state: CodeState
    terms: str


def code_rows(account: Account, codes: Sequence[DiscountCode], today: date) -> list[CodeRow]:
    """Some codes of an account on a local date; one statement."""
    covered = covered_by_codes(account, codes) if codes else {}
    return [
        CodeRow(
            each,
            state_of(each, each.uses, today),
            code_terms_text(each, account, covered[each.pk], limit=each.uses.limit),
        )
        for each in codes
    ]


def redemptions_of(code: DiscountCode) -> "QuerySet[RedemptionWithSaving]":
    """The uses of a code that stand, each with customer and booking, its `tickets` and what they `saved` by it."""
    seats = Seat.objects.filter(booking=OuterRef("booking"), discount_code=code.pk)
    seats = seats.exclude(cancelled_by=Channel.BASKET_ABANDONED)
    per_booking = seats.order_by().values("booking")
    tickets = per_booking.annotate(number=Count("pk")).values("number")
    saved = per_booking.annotate(saved=Sum(F("price") - F("amount"))).values("saved")
    found = CodeRedemption.objects.live().filter(account=code.account_id, code=code)
    told = found.select_related("customer", "booking").annotate(
        tickets=Coalesce(Subquery(tickets, output_field=IntegerField()), 0),
        saved=Coalesce(Subquery(saved, output_field=IntegerField()), 0),
    )
    return cast("QuerySet[RedemptionWithSaving]", told)


def code_links(code: DiscountCode, account: Account) -> list[tuple[SchedulePage, str]]:
    """The addresses that carry a code to the basket, of the pages that it is for."""
    pages = account.pages.order_by("pk")
    chosen = list(pages.filter(pk__in=code.coverage.filter(page__isnull=False).values("page"))[:MOST_PAGES])
    return [
        (page, f"{absolute(reverse('public:schedule', kwargs={'page': page.slug}))}?code={code.code}")
        for page in chosen or pages[:MOST_PAGES]
    ]
