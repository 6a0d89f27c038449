"""What is written to whoever buys through the sandbox, word for word: bought, gone, moved, cancelled, ended."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Account, Customer, Letter
from bookwhen.sandbox.stripe import Sandbox
from groups.services import admit, lapse
from tests.factories.schedule import GroupFactory, OfferFactory
from tests.factories.selling import Till, open_till, payment_of, person_of
from tests.tickets.public.reading import events
from tickets import releasing
from tickets.cancelling import cancel_by_hand, cancel_own
from tickets.models import Booking, Entry, Payment, Refund, Seat, State, Ticket, Why
from tickets.schedule import Details, cancel_entry, details_of, edit_entries
from tickets.selling.basket import add_membership
from tickets.selling.holding import let_go
from tickets.selling.paying import confirm
from tickets.selling.refunding import refund

pytestmark = pytest.mark.django_db

STARTS = datetime(2030, 1, 17, 12, tzinfo=UTC)
CUTOFF = STARTS - timedelta(days=1)
LATE = CUTOFF + timedelta(seconds=1)
HELLO = "Hello Ada Lovelace,\n\n"
YOGA = "Morning yoga\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\nBoat house\n"
SALSA = "Salsa\nThursday 24 January 2030, 12:00–13:00 (Europe/London)\n"
BACK = "goes back to the card that you paid with; banks take up to 10 days.\n\n"
OUT = "The attached file takes the date out of your calendar.\n\n"


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    till = open_till(stripe_here, name="River & Co", slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till


def yoga(till: Till, *prices: int, **fields: Any) -> tuple[Entry, list[Ticket]]:
    entry = till.entry(**{"title": "Morning yoga", "location": "Boat house", "starts_at": STARTS, **fields})
    return entry, [till.ticket(entry, price, name=f"Ticket {number}") for number, price in enumerate(prices)]


def ada(till: Till) -> Customer:
    return till.known(name="Ada Lovelace")


def bought(till: Till, *prices: int) -> Booking:
    """Ada's paid places at Morning yoga; the letter about it is put away."""
    entry, tickets = yoga(till, *prices)
    basket = till.fill(entry, *tickets, customer=ada(till))
    till.pay(basket)
    Letter.objects.all().delete()
    basket.refresh_from_db()
    return basket


def see(booking: Booking) -> str:
    return f"See your booking: http://testserver/my/bookings/{booking.uuid}/\n"


def see_or_cancel(booking: Booking) -> str:
    return see(booking).replace("See", "See or cancel", 1)


def seats(booking: Booking) -> list[int]:
    return list(booking.seats.order_by("pk").values_list("pk", flat=True))


def letter() -> Letter:
    """The only one there is."""
    return Letter.objects.get()


# Bought.


def test_the_letter_of_a_paid_booking_is_its_receipt(till: Till) -> None:
    offer = till.discount(percent=10)
    entry, (ticket, free) = yoga(till, 1200, 0)
    basket = till.fill(entry, ticket, ticket, free, customer=till.member(offer.group, name="Ada Lovelace"), own=True)
    salsa = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    till.fill(salsa, till.ticket(salsa, 700, name="Floor"), basket=basket)
    till.pay(basket)

    found = letter()
    assert (found.kind, found.recipient, found.subject) == (
        "bought",
        basket.customer.email,
        f"Booked: your booking {basket.reference}",
    )
    assert found.text == (
        f"{HELLO}Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
        f"{YOGA}\n"
        f"- Attendee 0: Ticket 0, £10.80 instead of £12.00 ({offer.group.name})\n"
        "- Attendee 1: Ticket 0, £12.00\n"
        "- Attendee 2: Ticket 1\n\n"
        f"{SALSA}\n"
        "- Attendee 0: Floor, £7.00\n\n"
        "Your discounts: £1.20 less\n"
        "Paid by card: £29.80\n\n"
        "If you can’t come, cancel in good time, so that somebody else can have your place. "
        "Your booking’s page says what you get back.\n\n"
        f"Booking reference: {basket.reference}. The attached file puts the dates into your calendar.\n\n"
        f"{see_or_cancel(basket)}\n"
        f"Print your receipt: http://testserver/my/bookings/{basket.uuid}/receipt/\n"
    )
    assert [(event["SUMMARY"], event["STATUS"]) for event in events(found.calendar)] == [
        ("Morning yoga", "CONFIRMED"),
        ("Salsa", "CONFIRMED"),
    ]


def test_the_letter_of_a_free_basket_has_no_receipt(till: Till) -> None:
    entry, (ticket,) = yoga(till, 0)
    basket = till.fill(entry, ticket, customer=ada(till))
    Account.objects.update(customers_cancel=False)
    till.check_out(basket)

    assert (letter().subject, letter().text) == (
        "Booked: Morning yoga, 17 January, 12:00",
        (
            f"{HELLO}Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"Booking reference: {basket.reference}. The attached file puts the date into your calendar.\n\n"
            f"{see(basket)}"
        ),
    )


def test_the_letter_names_the_membership_that_was_bought_with_it(till: Till) -> None:
    group = till.seller.membership.group
    OfferFactory.create(group=group, page=till.page, limit=2)
    entry = till.entry(title="Morning yoga", location="Boat house", starts_at=timezone.now() + timedelta(days=2))
    ticket = till.ticket(entry, 500, group=group, name="Gold place")
    customer = ada(till)
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    till.fill(entry, ticket, basket=basket, customer=customer)
    till.pay(basket)

    text = Letter.objects.get(kind="bought").text
    assert "- Attendee 0: Gold place, £5.00 (one use of your allowance)\n\nPaid by card: £5.00\n\n" in text
    assert "With it you have bought the membership “Gold”, which has an e-mail and an invoice of its own.\n\n" in text


# Gone.


def test_what_was_gone_when_it_was_paid(till: Till) -> None:
    entry, (ticket,) = yoga(till, 1000)
    basket = till.fill(entry, ticket, customer=ada(till))
    other = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    till.fill(other, till.ticket(other, 700, name="Floor"), basket=basket)
    url = till.check_out(basket)
    cancel_entry(entry, now=timezone.now())
    assert Letter.objects.count() == 0
    till.seller.sandbox.shopper.pay(url)
    till.settle(basket)

    gone = Letter.objects.get(kind="sorry")
    assert (gone.subject, gone.text) == (
        "Sorry: what you paid for at River Studio was gone",
        (
            f"{HELLO}We are sorry: while you were paying, this could no longer be booked.\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"£10.00 {BACK}The rest of your booking is confirmed.\n\n"
            f"See what else is on: http://testserver/{till.page.slug}/\n\n"
            f"{see(basket)}"
        ),
    )
    kept = Letter.objects.get(kind="bought").text
    assert "Paid by card: £17.00\nOf that £10.00 goes back to your card: we have written to you about it.\n\n" in kept
    assert "Morning yoga" not in kept


def test_a_basket_that_was_let_go_of_before_it_was_paid(till: Till) -> None:
    entry, (ticket,) = yoga(till, 1200)
    basket = till.fill(entry, ticket, customer=ada(till))
    url = till.check_out(basket)
    let_go(basket.pk, now=timezone.now(), when=State.PAYING)
    till.seller.sandbox.shopper.pay(url)
    till.settle(basket)

    assert letter().text == (
        f"{HELLO}We are sorry: while you were paying, this could no longer be booked.\n\n"
        f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
        f"£12.00 {BACK}You need do nothing. Perhaps something else suits you?\n\n"
        f"See what else is on: http://testserver/{till.page.slug}/\n\n"
        f"{see(basket)}"
    )


def test_a_second_payment_goes_back(till: Till) -> None:
    booking = bought(till, 1200)
    first = payment_of(booking)
    second = Payment.objects.create(
        account=first.account,
        booking=booking,
        connection=first.connection,
        amount=1200,
        currency="GBP",
        opened_at=first.opened_at,
    )
    assert confirm(second, "pi_2", now=timezone.now()) is True

    assert (letter().subject, letter().text) == (
        "You paid twice at River Studio: one payment goes back",
        (
            f"{HELLO}Your booking had been paid for when a second payment for it arrived.\n\n"
            f"£12.00 {BACK}Your booking stands as it is, and you need do nothing.\n\n"
            f"{see(booking)}"
        ),
    )
    assert Refund.objects.get().why == Why.TWICE


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

    assert releasing.work_off(now=timezone.now()) == 1

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
