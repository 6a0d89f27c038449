"""What is written when what was paid for is cancelled, moved or ends, word for word."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Account, Letter
from bookwhen.sandbox.stripe import Sandbox
from groups.services import admit, lapse
from tests.factories.schedule import GroupFactory, OfferFactory
from tests.factories.selling import Till, open_till, payment_of
from tests.tickets.public.letters import (
    BACK,
    CUTOFF,
    LATE,
    OUT,
    STARTS,
    YOGA,
    ada,
    bought,
    letter,
    seats,
    see,
    see_or_cancel,
    yoga,
)
from tickets.booking import release
from tickets.booking.cancel import cancel_by_hand, cancel_own
from tickets.models import Entry, Refund, Seat, State, Ticket, Why
from tickets.money.refunds import refund
from tickets.schedule.entries import Details, cancel_entry, details_of, edit_entries

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    till = open_till(stripe_here, name="River & Co", slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till


# Cancelled.


def test_a_customer_cancels_in_time(till: Till) -> None:
    booking = bought(till, 1200, 800)
    cancel_own(booking, seats(booking), now=CUTOFF)

    assert letter().text == (
        f"You have cancelled these places at River Studio.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £12.00 goes back\n"
        "- Attendee 1: Ticket 1 – £8.00 goes back\n\n"
        f"£20.00 {BACK}{OUT}{see(booking)}"
    )


@pytest.mark.parametrize(
    ("percents", "moment", "line", "rest"),
    [
        (
            (100, 0),
            LATE,
            "£12.00 is not refunded",
            "The cut-off was Wednesday 16 January 2030, 12:00. After it River Studio refunds nothing.\n\n",
        ),
        (
            (100, 25),
            LATE,
            "£3.00 of £12.00 goes back",
            (
                f"£3.00 {BACK}"
                "The cut-off was Wednesday 16 January 2030, 12:00. After it River Studio refunds 25% of the price.\n\n"
            ),
        ),
        (
            (50, 0),
            CUTOFF,
            "£6.00 of £12.00 goes back",
            f"£6.00 {BACK}River Studio refunds 50% of the price of places that customers cancel.\n\n",
        ),
        (
            (0, 0),
            CUTOFF,
            "£12.00 is not refunded",
            "River Studio does not refund places that customers cancel.\n\n",
        ),
    ],
)
def test_a_customer_cancels_and_not_all_comes_back(
    till: Till, percents: tuple[int, int], moment: datetime, line: str, rest: str
) -> None:
    booking = bought(till, 1200)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])
    cancel_own(booking, seats(booking), now=moment)

    assert letter().text == (
        f"You have cancelled this place at River Studio.\n\n{YOGA}\n- Attendee 0: Ticket 0 – {line}\n\n"
        f"{rest}{OUT}{see(booking)}"
    )


def test_what_was_refunded_before(till: Till) -> None:
    booking = bought(till, 1200)
    refund(payment_of(booking).pk, 1000, Why.OPERATOR, now=timezone.now())
    cancel_own(booking, seats(booking), now=CUTOFF)

    assert letter().text == (
        f"You have cancelled this place at River Studio.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £2.00 of £12.00 goes back\n\n"
        f"£2.00 {BACK}The rest was refunded before.\n\n{OUT}{see(booking)}"
    )


@pytest.mark.parametrize(
    ("moment", "use"),
    [
        (CUTOFF, "the use is back in your allowance"),
        (LATE, "it was after the cut-off, so the use is not given back"),
    ],
)
def test_the_use_of_a_discount(till: Till, moment: datetime, use: str) -> None:
    Account.objects.update(late_refund_percent=100)
    till.account.refresh_from_db()
    offer = till.discount(percent=10, limit=3)
    entry, (ticket,) = yoga(till, 1200)
    basket = till.fill(entry, ticket, customer=till.member(offer.group), own=True)
    till.pay(basket)
    Letter.objects.all().delete()
    cancel_own(basket, seats(basket), now=moment)

    assert f"- Attendee 0: Ticket 0 – £10.80 goes back; {use}\n\n" in letter().text


def test_a_discount_without_a_limit_has_no_uses_to_tell_of(till: Till) -> None:
    offer = till.discount(percent=10)
    entry, (ticket,) = yoga(till, 1200)
    basket = till.fill(entry, ticket, customer=till.member(offer.group), own=True)
    till.pay(basket)
    Letter.objects.all().delete()
    cancel_own(basket, seats(basket), now=CUTOFF)

    assert "- Attendee 0: Ticket 0 – £10.80 goes back\n\n" in letter().text


def test_the_studio_cancels_a_place_and_gives_some_of_it_back(till: Till) -> None:
    booking = bought(till, 1200, 800)
    first, _second = seats(booking)
    cancel_by_hand([first], now=LATE, giving={first: 500})

    assert letter().text == (
        f"River Studio has cancelled this place.\n\n{YOGA}\n"
        "- Attendee 0: Ticket 0 – £5.00 of £12.00 goes back\n\n"
        f"£5.00 {BACK}"
        "If you have a question about what is not refunded, write to River Studio.\n\n"
        "Still booked:\n\n- Attendee 1: Ticket 1\n\n"
        f"{see(booking)}"
    )


def test_the_studio_cancels_the_entry_and_everything_comes_back_whatever_the_policy(till: Till) -> None:
    booking = bought(till, 1200)
    Account.objects.update(refund_percent=0, late_refund_percent=0)
    entry = booking.seats.get().entry
    held = till.fill(entry, Ticket.objects.get(name="Ticket 0"))
    paying = till.fill(entry, Ticket.objects.get(name="Ticket 0"))
    till.check_out(paying)

    cancel_entry(entry, now=LATE)

    assert letter().text == (
        f"We are sorry: River Studio has cancelled this event.\n\n{YOGA}\n"
        f"- Attendee 0: Ticket 0 – £12.00 goes back\n\n£12.00 {BACK}{OUT}{see(booking)}"
    )
    assert list(Refund.objects.values_list("payment__booking", "amount", "why")) == [(booking.pk, 1200, Why.STUDIO)]
    assert Seat.objects.filter(booking__in=[held, paying], cancelled_at=None).count() == 0


# Moved.


def moved(entry: Entry, *, now: datetime, by: timedelta = timedelta(hours=2)) -> None:
    found = Entry.objects.select_related("account", "page", "places", "series").get(pk=entry.pk)
    was = details_of(found)
    later = Details(
        title=was.title,
        starts=was.starts + by,
        duration=was.duration,
        capacity=was.capacity,
        location=was.location,
    )
    edit_entries(found, later, later_too=False, now=now)


MOVED = "The attached file changes the date in your calendar.\n\n"


@pytest.mark.parametrize(
    ("account", "now", "said"),
    [
        (
            {},
            CUTOFF,
            "If it does not suit you, cancel by Wednesday 16 January 2030, 14:00. £12.00 then goes back to your card.",
        ),
        (
            {"refund_percent": 50},
            CUTOFF,
            (
                "If it does not suit you, cancel by Wednesday 16 January 2030, 14:00. "
                "£6.00 of the £12.00 that you paid then goes back to your card. Or write to River Studio before you do."
            ),
        ),
        (
            {},
            CUTOFF + timedelta(hours=3),
            (
                "If it does not suit you, you can cancel until it starts. "
                "The £12.00 that you paid is then not refunded. Or write to River Studio before you do."
            ),
        ),
        ({"customers_cancel": False}, CUTOFF, "If it does not suit you, write to River Studio."),
    ],
)
def test_an_entry_that_moves_says_how_to_get_out(till: Till, account: dict[str, Any], now: datetime, said: str) -> None:
    booking = bought(till, 1200)
    Account.objects.update(**account)

    moved(booking.seats.get().entry, now=now)

    see_it = see(booking) if account.get("customers_cancel") is False else see_or_cancel(booking)
    assert letter().text.partition(MOVED)[2] == f"{said}\n\n{see_it}"


def test_an_entry_that_was_free_says_how_to_get_out(till: Till) -> None:
    entry, (ticket,) = yoga(till, 0)
    basket = till.fill(entry, ticket, customer=ada(till))
    till.check_out(basket)
    Letter.objects.all().delete()

    moved(entry, now=CUTOFF)

    assert letter().text.partition(MOVED)[2] == (
        f"If it does not suit you, you can cancel until it starts.\n\n{see_or_cancel(basket)}"
    )


def test_whoever_only_holds_a_place_is_not_written_to_when_it_moves(till: Till) -> None:
    entry, (ticket,) = yoga(till, 1200)
    till.fill(entry, ticket)
    paying = till.fill(entry, ticket)
    till.check_out(paying)

    moved(entry, now=CUTOFF)

    assert Letter.objects.count() == 0


# Ended.


def test_a_membership_that_ended_gives_the_money_of_its_places_back(till: Till) -> None:
    group = GroupFactory.create(account=till.account, name="Gold")
    OfferFactory.create(group=group, page=till.page, limit=3)
    entry = till.entry(title="Morning yoga", location="Boat house", starts_at=STARTS)
    ticket = till.ticket(entry, 500, group=group, name="Gold place")
    customer, ground, now = ada(till), uuid4(), timezone.now()
    admit(group, customer, ground=ground, since=now, until=None, anchor=now.date(), afresh_on=None, now=now)
    basket = till.fill(entry, ticket, customer=customer)
    till.pay(basket)
    held = till.fill(entry, till.ticket(entry, 700, name="Drop-in"), customer=customer)
    Letter.objects.all().delete()
    lapse(ground=ground, at=timezone.now(), now=timezone.now())

    assert release.work_off(now=timezone.now()) == 1

    assert (
        letter()
        .text.partition("given it back:\n\n")[2]
        .startswith(
            f"{YOGA}\n- Attendee 0: Gold place – £5.00 goes back\n\n"
            f"£5.00 {BACK}You need do nothing, except to take the date out of your calendar.\n\n"
        )
    )
    assert list(Refund.objects.values_list("amount", "why")) == [(500, Why.ENDED)]
    held.refresh_from_db()
    assert held.state == State.BASKET
