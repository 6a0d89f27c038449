"""Bookings and seats of two who become one; at an event that both had booked, one seat is their own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.merging.parts import Line, MergePart, Pair
from bookwhen.counts import MOST, CappedCount
from groups.merging import twins_of
from tickets.models import Booking, Entry, Finding, LedgerLine, Receipt, Release, Seat, StudioPayment

NAMED: Final = 3
"""How many events that both had booked are named."""

# Emails about a booking go on to the address that it was made with, which its pages name (docs/decisions/0064); for a
# walk-in there is none.
_BOOKINGS: Final = """
    UPDATE tickets_booking SET
        customer_id = %(survivor)s,
        booker_email = CASE WHEN booker_email = '' THEN %(email)s ELSE booker_email END
    WHERE account_id = %(account)s AND customer_id = %(gone)s
"""
# Nobody attends twice, and each ticket by a discount has a number of its own.
_SEATS: Final = """
    UPDATE tickets_seat AS seat SET
        customer_id = %(survivor)s,
        self_attendee_id = CASE WHEN seat.self_attendee_id IS NULL OR both_come.themselves THEN NULL
            ELSE %(survivor)s::bigint END,
        is_for_booker = seat.is_for_booker AND NOT (seat.self_attendee_id IS NOT NULL AND both_come.themselves),
        discount_index = CASE WHEN seat.cancelled_at IS NULL AND seat.discount_id IS NOT NULL
            THEN seat.discount_index + both_come.discounted ELSE seat.discount_index END
    FROM tickets_seat AS same, LATERAL (
        SELECT
            same.cancelled_at IS NULL AND EXISTS(
                SELECT FROM tickets_seat AS other
                WHERE other.entry_id = same.entry_id AND other.self_attendee_id = %(survivor)s
                    AND other.cancelled_at IS NULL
            ) AS themselves,
            coalesce((
                SELECT max(other.discount_index) + 1 FROM tickets_seat AS other
                WHERE other.entry_id = same.entry_id AND other.customer_id = %(survivor)s
                    AND other.discount_id = same.discount_id AND other.cancelled_at IS NULL
            ), 0) AS discounted
    ) AS both_come
    WHERE same.id = seat.id AND seat.account_id = %(account)s AND seat.customer_id = %(gone)s
"""
_PARTIES: Final = """
    WITH gone AS (
        DELETE FROM tickets_party WHERE account_id = %(account)s AND customer_id = %(gone)s
        RETURNING account_id, entry_id, seats, allowed
    )
    INSERT INTO tickets_party AS party (account_id, entry_id, customer_id, seats, allowed)
    SELECT account_id, entry_id, %(survivor)s, seats, allowed FROM gone ORDER BY entry_id
    ON CONFLICT (entry_id, customer_id) DO UPDATE SET
        seats = party.seats + excluded.seats,
        allowed = greatest(party.allowed, excluded.allowed, party.seats + excluded.seats)
"""
# Both may have used a code as often as it lets one customer: all those bookings stand.
_CODES: Final = """
    WITH moved AS (
        UPDATE tickets_coderedemption SET customer_id = %(survivor)s
        WHERE account_id = %(account)s AND customer_id = %(gone)s
    ), gone AS (
        DELETE FROM tickets_codecustomer WHERE account_id = %(account)s AND customer_id = %(gone)s
        RETURNING account_id, code_id, used, allowed
    )
    INSERT INTO tickets_codecustomer AS row (account_id, code_id, customer_id, used, allowed)
    SELECT account_id, code_id, %(survivor)s, used, allowed FROM gone ORDER BY code_id
    ON CONFLICT (code_id, customer_id) DO UPDATE SET
        used = row.used + excluded.used,
        allowed = CASE WHEN row.allowed IS NULL OR excluded.allowed IS NULL THEN NULL
            ELSE greatest(row.allowed, excluded.allowed, row.used + excluded.used) END
"""


def _hold(pair: Pair) -> None:
    theirs = Booking.objects.filter(account=pair.account, customer=pair.gone).order_by("pk")
    list(theirs.select_for_update(no_key=True).values_list("pk"))
    seats = Seat.objects.live().filter(account=pair.account, customer__in=pair.ids).order_by("pk")
    list(seats.select_for_update(no_key=True).values_list("pk"))


def _lines(pair: Pair, now: datetime) -> Iterator[Line]:
    theirs = Booking.objects.booked().filter(account=pair.account, customer=pair.gone)
    found = CappedCount(theirs.order_by()[: MOST + 1].count())
    sentences = []
    if found:
        sentences.append(
            ngettext(
                "%(count)s booking of %(customer)s moves along, with what was paid and who came.",
                "%(count)s bookings of %(customer)s move along, with what was paid and who came.",
                found.counted,
            )
            % {"count": found, "customer": pair.gone}
        )
        sentences.append(_("Emails about them still go to the address that they were made with."))
    sentences += [
        _("Both are booked for “%(entry)s”. Both spaces are kept, and one of them counts as a guest’s.")
        % {"entry": title}
        for title in _booked_by_both(pair, now)
    ]
    if sentences:
        yield Line(gettext_lazy("Bookings"), tuple(sentences))


def _booked_by_both(pair: Pair, now: datetime) -> list[str]:
    """The next events (their titles) to which both come themselves."""
    ahead = Seat.objects.live().upcoming(now).filter(account=pair.account)
    mine = ahead.filter(self_attendee=pair.survivor).values("entry")
    shared = Entry.objects.filter(account=pair.account, pk__in=mine, seats__in=ahead.filter(self_attendee=pair.gone))
    return list(shared.order_by("starts_at", "pk").values_list("title", flat=True)[:NAMED])


def _move(pair: Pair, now: datetime) -> None:
    del now
    asked: dict[str, Any] = {
        "account": pair.account.pk,
        "survivor": pair.survivor.pk,
        "gone": pair.gone.pk,
        "email": pair.gone.email or "",
    }
    with connection.cursor() as cursor:
        for statement in (_BOOKINGS, _SEATS, _PARTIES, _CODES):
            cursor.execute(statement, asked)
    for going, staying in twins_of(pair).items():
        Release.objects.filter(account=pair.account, member=going).update(member=staying)
    # Receipts keep the name that was on them when they were issued.
    for model in (Finding, StudioPayment, LedgerLine, Receipt):
        model.objects.filter(account=pair.account, customer=pair.gone).update(customer=pair.survivor)


BOOKINGS: Final = MergePart(hold=_hold, lines=_lines, move=_move)
