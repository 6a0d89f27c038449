"""What is written when what was paid for is cancelled, moved or ends, word for word."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Account, Letter
from groups.services import admit, lapse
from tests.factories.schedule import GroupFactory, OfferFactory, load_entry
from tests.sentences import BACK_IN_ALLOWANCE, HAS_CANCELLED, NOT_BACK_IN_ALLOWANCE, REMOVE_DATE, UPDATE_DATE
from tests.tickets.public.letters import (
    BACK,
    CUTOFF,
    HELLO,
    LATE,
    OUT,
    STARTS,
    YOGA,
    buy_yoga,
    create_ada,
    create_yoga,
    only_letter,
    seats,
    see_booking,
    see_or_cancel_booking,
)
from tests.worlds.till import Till, payment_of
from tickets.booking import release
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.models import BookingState, Entry, Refund, RefundReason, Seat, Ticket
from tickets.money.refunds import create_refund
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import cancel_entry, edit_entries

pytestmark = pytest.mark.django_db


# Cancelled.


def test_a_customer_cancels_in_time(river_and_co: Till) -> None:
    booking = buy_yoga(river_and_co, 1200, 800)
    cancel_by_customer(booking, seats(booking), now=CUTOFF)

    assert only_letter().text == (
        f"{HELLO}You’ve cancelled these tickets at River Studio.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £12.00 will be refunded\n"
        "- Attendee 1: Ticket 1 – £8.00 will be refunded\n\n"
        f"£20.00 {BACK}{OUT}{see_booking(booking)}"
    )


@pytest.mark.parametrize(
    ("percents", "moment", "line", "rest"),
    [
        (
            (100, 0),
            LATE,
            "£12.00 won’t be refunded",
            "The cut-off was Wednesday 16 January 2030, 12:00. After that, River Studio doesn’t give refunds.\n\n",
        ),
        (
            (100, 25),
            LATE,
            "£3.00 of £12.00 will be refunded",
            (
                f"£3.00 {BACK}"
                "The cut-off was Wednesday 16 January 2030, 12:00. After that, River Studio refunds 25% of the "
                "price.\n\n"
            ),
        ),
        (
            (50, 0),
            CUTOFF,
            "£6.00 of £12.00 will be refunded",
            f"£6.00 {BACK}River Studio refunds 50% of the price when customers cancel.\n\n",
        ),
        (
            (0, 0),
            CUTOFF,
            "£12.00 won’t be refunded",
            "River Studio doesn’t give refunds when customers cancel.\n\n",
        ),
    ],
)
def test_a_customer_cancels_and_not_all_comes_back(
    river_and_co: Till, percents: tuple[int, int], moment: datetime, line: str, rest: str
) -> None:
    booking = buy_yoga(river_and_co, 1200)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])
    cancel_by_customer(booking, seats(booking), now=moment)

    assert only_letter().text == (
        f"{HELLO}You’ve cancelled this ticket at River Studio.\n\n{YOGA}\n- Attendee 0: Ticket 0 – {line}\n\n"
        f"{rest}{OUT}{see_booking(booking)}"
    )


def test_what_was_refunded_before(river_and_co: Till) -> None:
    booking = buy_yoga(river_and_co, 1200)
    create_refund(payment_of(booking).pk, 1000, RefundReason.OPERATOR, now=timezone.now())
    cancel_by_customer(booking, seats(booking), now=CUTOFF)

    assert only_letter().text == (
        f"{HELLO}You’ve cancelled this ticket at River Studio.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £2.00 of £12.00 will be refunded\n\n"
        f"£2.00 {BACK}The rest has already been refunded.\n\n{OUT}{see_booking(booking)}"
    )


@pytest.mark.parametrize(
    ("moment", "use"),
    [
        (CUTOFF, BACK_IN_ALLOWANCE),
        (LATE, NOT_BACK_IN_ALLOWANCE),
    ],
)
def test_the_use_of_a_discount(river_and_co: Till, moment: datetime, use: str) -> None:
    Account.objects.update(late_refund_percent=100)
    river_and_co.account.refresh_from_db()
    offer = river_and_co.discount(percent=10, limit=3)
    entry, (ticket,) = create_yoga(river_and_co, 1200)
    basket = river_and_co.fill(entry, ticket, customer=river_and_co.member(offer.group), own=True)
    river_and_co.pay(basket)
    Letter.objects.all().delete()
    cancel_by_customer(basket, seats(basket), now=moment)

    assert f"- Attendee 0: Ticket 0 – £10.80 will be refunded; {use}\n\n" in only_letter().text


def test_a_discount_without_a_limit_has_no_uses_to_tell_of(river_and_co: Till) -> None:
    offer = river_and_co.discount(percent=10)
    entry, (ticket,) = create_yoga(river_and_co, 1200)
    basket = river_and_co.fill(entry, ticket, customer=river_and_co.member(offer.group), own=True)
    river_and_co.pay(basket)
    Letter.objects.all().delete()
    cancel_by_customer(basket, seats(basket), now=CUTOFF)

    assert "- Attendee 0: Ticket 0 – £10.80 will be refunded\n\n" in only_letter().text


def test_the_studio_cancels_a_place_and_gives_some_of_it_back(river_and_co: Till) -> None:
    booking = buy_yoga(river_and_co, 1200, 800)
    first, _second = seats(booking)
    cancel_by_studio([first], now=LATE, giving={first: 500})

    assert only_letter().text == (
        f"{HELLO}River Studio has cancelled this ticket.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £5.00 of £12.00 will be refunded\n\n"
        f"£5.00 {BACK}"
        "If you have a question about your refund, contact River Studio by replying to this email.\n\n"
        "Still booked:\n\n- Attendee 1: Ticket 1\n\n"
        f"{see_booking(booking)}"
    )


def test_the_studio_cancels_the_entry_and_everything_comes_back_whatever_the_policy(river_and_co: Till) -> None:
    booking = buy_yoga(river_and_co, 1200)
    Account.objects.update(refund_percent=0, late_refund_percent=0)
    entry = booking.seats.get().entry
    held = river_and_co.fill(entry, Ticket.objects.get(name="Ticket 0"))
    paying = river_and_co.fill(entry, Ticket.objects.get(name="Ticket 0"))
    river_and_co.check_out(paying)

    cancel_entry(entry, now=LATE)

    assert only_letter().text == (
        f"{HELLO}We’re sorry, River Studio {HAS_CANCELLED}\n\n{YOGA}\n"
        f"- Attendee 0: Ticket 0 – £12.00 will be refunded\n\n£12.00 {BACK}{OUT}{see_booking(booking)}"
    )
    assert list(Refund.objects.values_list("payment__booking", "amount", "reason")) == [
        (booking.pk, 1200, RefundReason.STUDIO)
    ]
    assert Seat.objects.filter(booking__in=[held, paying], cancelled_at=None).count() == 0


# Moved.


def move_entry(entry: Entry, *, now: datetime, by: timedelta = timedelta(hours=2)) -> None:
    found = load_entry(entry)
    was = entry_details(found)
    later = EntryDetails(
        title=was.title,
        starts=was.starts + by,
        duration=was.duration,
        capacity=was.capacity,
        location=was.location,
    )
    edit_entries(found, later, now=now)


MOVED = f"{UPDATE_DATE}\n\n"


@pytest.mark.parametrize(
    ("account", "now", "said"),
    [
        (
            {},
            CUTOFF,
            (
                "If this doesn’t suit you, cancel by Wednesday 16 January 2030, 14:00. £12.00 will then be refunded to "
                "your card or account."
            ),
        ),
        (
            {"refund_percent": 50},
            CUTOFF,
            (
                "If this doesn’t suit you, cancel by Wednesday 16 January 2030, 14:00. "
                "£6.00 of the £12.00 you paid will then be refunded to your card or account. You can also "
                "contact River Studio first, by replying to this email."
            ),
        ),
        (
            {},
            CUTOFF + timedelta(hours=3),
            (
                "If this doesn’t suit you, you can cancel until it starts. "
                "The £12.00 you paid won’t be refunded. You can also contact River Studio first, by replying to this "
                "email."
            ),
        ),
        (
            {"customers_cancel": False},
            CUTOFF,
            "If this doesn’t suit you, contact River Studio by replying to this email.",
        ),
    ],
)
def test_an_entry_that_moves_says_how_to_get_out(
    river_and_co: Till, account: dict[str, Any], now: datetime, said: str
) -> None:
    booking = buy_yoga(river_and_co, 1200)
    Account.objects.update(**account)

    move_entry(booking.seats.get().entry, now=now)

    see_it = see_booking(booking) if account.get("customers_cancel") is False else see_or_cancel_booking(booking)
    assert only_letter().text.partition(MOVED)[2] == f"{said}\n\n{see_it}"


def test_an_entry_that_was_free_says_how_to_get_out(river_and_co: Till) -> None:
    entry, (ticket,) = create_yoga(river_and_co, 0)
    basket = river_and_co.fill(entry, ticket, customer=create_ada(river_and_co))
    river_and_co.check_out(basket)
    Letter.objects.all().delete()

    move_entry(entry, now=CUTOFF)

    assert only_letter().text.partition(MOVED)[2] == (
        f"If this doesn’t suit you, you can cancel until it starts.\n\n{see_or_cancel_booking(basket)}"
    )


def test_whoever_only_holds_a_place_is_not_written_to_when_it_moves(river_and_co: Till) -> None:
    entry, (ticket,) = create_yoga(river_and_co, 1200)
    river_and_co.fill(entry, ticket)
    paying = river_and_co.fill(entry, ticket)
    river_and_co.check_out(paying)

    move_entry(entry, now=CUTOFF)

    assert Letter.objects.count() == 0


# Ended.


def test_a_membership_that_ended_gives_the_money_of_its_places_back(river_and_co: Till) -> None:
    group = GroupFactory.create(account=river_and_co.account, name="Gold")
    OfferFactory.create(group=group, page=river_and_co.page, limit=3)
    entry = river_and_co.entry(title="Morning yoga", location="Boat house", starts_at=STARTS)
    ticket = river_and_co.ticket(entry, 500, group=group, name="Gold place")
    customer, ground, now = create_ada(river_and_co), uuid4(), timezone.now()
    admit(group, customer, ground=ground, since=now, until=None, anchor_at=now, uses_reset_on=None, now=now)
    basket = river_and_co.fill(entry, ticket, customer=customer)
    river_and_co.pay(basket)
    held = river_and_co.fill(entry, river_and_co.ticket(entry, 700, name="Drop-in"), customer=customer)
    Letter.objects.all().delete()
    lapse(ground=ground, at=timezone.now(), now=timezone.now())

    assert release.process_releases(now=timezone.now()) == 1

    assert (
        only_letter()
        .text.partition("cancelled it:\n\n")[2]
        .startswith(
            f"{YOGA}\n- Attendee 0: Gold place – £5.00 will be refunded\n\n"
            f"£5.00 {BACK}{REMOVE_DATE} You don’t need to do anything else.\n\n"
        )
    )
    assert list(Refund.objects.values_list("amount", "reason")) == [(500, RefundReason.ENDED)]
    held.refresh_from_db()
    assert held.state == BookingState.BASKET
