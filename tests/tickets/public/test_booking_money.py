"""A paid booking's pages: what was paid, what comes back and when, the receipt, and cancelling for money."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.models import Account, Letter
from bookwhen.sandbox.stripe import Sandbox
from offers.models import UsagePeriod
from tests.factories.selling import Till, open_till, payment_of, person_of
from tests.tickets.public.reading import events, fields, words
from tickets.models import Booking, Entry, Payment, Refund, Refunding, Seat, State, Ticket, Why
from tickets.selling.basket import add_membership
from tickets.selling.holding import let_go
from tickets.selling.refunding import fail, refund, send_due

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

STARTS = datetime(2030, 1, 17, 12, tzinfo=UTC)
CUTOFF = STARTS - timedelta(days=1)
LATE = CUTOFF + timedelta(seconds=1)
THEN = "Wednesday 16 January 2030, 12:00 (Europe/London)"
BANKS = "banks take up to 10 days."
CARD = f"that you paid goes back to your card; {BANKS}"
END = "You get an e-mail that confirms it. Keep it"


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    till = open_till(stripe_here, name="River Studio", slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till


def yoga(till: Till, price: int = 1200, **fields: Any) -> tuple[Entry, Ticket]:
    entry = till.entry(**{"title": "Morning yoga", "starts_at": STARTS, **fields})
    return entry, till.ticket(entry, price, name="Drop-in")


def bought(till: Till, *prices: int) -> Booking:
    """Morning yoga in January 2030 for one person by each price, paid for now."""
    entry = till.entry(title="Morning yoga", starts_at=STARTS)
    tickets = [till.ticket(entry, price, name=f"Ticket {number}") for number, price in enumerate(prices, 1)]
    basket = till.fill(entry, *tickets, customer=till.known(name="Ada"))
    till.pay(basket)
    return basket


def bought_twice(till: Till) -> Booking:
    """Two places at Morning yoga at £12.00 and one at Salsa, a week later, at £7.00."""
    entry, ticket = yoga(till)
    salsa = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    basket = till.fill(entry, ticket, ticket, customer=till.known(name="Ada"))
    till.fill(salsa, till.ticket(salsa, 700, name="Floor"), basket=basket)
    till.pay(basket)
    return basket


def path_of(booking: Booking) -> str:
    return f"/my/bookings/{booking.uuid}/"


def at(moment: datetime) -> Any:
    return travel(moment, tick=False)


def press(client: Client, path: str) -> "Answer":
    """Read the page that asks, and confirm it."""
    return client.post(path, fields(client.get(path)))


def terms(client: Client, path: str) -> str:
    """What the page says that cancelling does."""
    return words(client.get(path)).partition("What will happen: ")[2]


def paid_on(payment: Payment) -> str:
    assert payment.paid_at is not None
    return date_format(payment.paid_at.astimezone(payment.account.zone), "j F Y, H:i")


def back(booking: Booking) -> list[tuple[int, str, list[int]]]:
    """The booking's refunds: amount, why, and how much is for which of its seats in order."""
    found = Refund.objects.filter(payment__booking=booking).order_by("pk")
    return [
        (each.amount, each.why, list(each.seats.order_by("seat").values_list("amount", flat=True))) for each in found
    ]


# The page.


def test_what_was_paid_and_how_it_can_be_cancelled(client: Client, till: Till) -> None:
    booking = bought(till, 1200, 0)
    payment = payment_of(booking)

    assert words(client.get(path_of(booking))).partition("Who comes ")[2] == (
        "Name Ticket Price Actions "
        "Attendee 0 Ticket 1 £12.00 Cancel Attendee 0 Attendee 1 Ticket 2 Free Cancel Attendee 1 "
        f"Payment Paid by card £12.00, {paid_on(payment)} Receipt Add to calendar Cancel booking "
        f"If you cancel by {THEN}, all that you paid comes back; if you cancel later, nothing does."
    )


@pytest.mark.parametrize(
    ("percents", "moment", "said"),
    [
        ((100, 100), CUTOFF, "If you cancel before it starts, all that you paid comes back."),
        ((0, 0), CUTOFF, "If you cancel before it starts, nothing comes back."),
        ((50, 50), LATE, "If you cancel before it starts, 50% of what you paid comes back."),
        (
            (80, 0),
            CUTOFF,
            f"If you cancel by {THEN}, 80% of what you paid comes back; if you cancel later, nothing does.",
        ),
        ((100, 25), LATE, f"The cut-off was {THEN}: if you cancel now, 25% of what you paid comes back."),
        ((100, 0), LATE, f"The cut-off was {THEN}: if you cancel now, nothing comes back."),
    ],
)
def test_the_policy_before_anybody_asks(
    client: Client, till: Till, percents: tuple[int, int], moment: datetime, said: str
) -> None:
    booking = bought(till, 1200)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])

    with at(moment):
        assert words(client.get(path_of(booking))).partition("Cancel booking ")[2] == said


def test_a_discount_is_shown_with_what_it_saves(client: Client, till: Till) -> None:
    offer = till.discount(percent=10, limit=3)
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket, customer=till.member(offer.group), own=True)
    till.pay(basket)

    assert words(client.get(path_of(basket))).partition("Actions ")[2].partition(" Payment")[0] == (
        f"Attendee 0 Drop-in {offer.group.name}: one use of the discount is charged "
        f"Instead of £12.00 £10.80 {offer.group.name}: 10% off"
    )


def test_how_far_each_refund_is(client: Client, till: Till) -> None:
    booking = bought(till, 1200)
    payment = payment_of(booking)
    for amount in (100, 200, 300):
        refund(payment.pk, amount, Why.OPERATOR, now=payment.opened_at)
    send_due(now=payment.opened_at)
    first, second, third = Refund.objects.order_by("pk")
    Refund.objects.filter(pk=second.pk).update(state=Refunding.PENDING, done_at=None)
    fail(third, "the card is closed", now=payment.opened_at)
    assert first.done_at is not None
    day = date_format(first.done_at.astimezone(till.account.zone), "j F Y")

    said = words(client.get(path_of(booking))).partition("Paid by card ")[2]

    assert said.partition(" Receipt")[0] == (
        f"£12.00, {paid_on(payment)} "
        f"Refund £1.00 was refunded on {day}. "
        f"Refund £2.00 is on its way back to your card; {BANKS} "
        "Refund £3.00 could not be refunded to your card: River Studio will get in touch."
    )


def test_several_events_in_one_booking(client: Client, till: Till) -> None:
    booking = bought_twice(till)
    later = "Wednesday 23 January 2030, 12:00 (Europe/London)"

    assert words(client.get(path_of(booking))) == (
        f"River Studio Your booking Your booking Booked Booking reference {booking.reference} "
        "Morning yoga Thursday 17 January 2030, 12:00 – 13:00 (Europe/London) "
        "Who comes to Morning yoga, 17 January, 12:00 Name Ticket Price Actions "
        "Attendee 0 Drop-in £12.00 Cancel Attendee 0, Morning yoga "
        "Attendee 1 Drop-in £12.00 Cancel Attendee 1, Morning yoga "
        f"If you cancel by {THEN}, all that you paid comes back; if you cancel later, nothing does. "
        "Cancel these 2 places "
        "Salsa Thursday 24 January 2030, 12:00 – 13:00 (Europe/London) "
        "Who comes to Salsa, 24 January, 12:00 Name Ticket Price Actions "
        "Attendee 0 Floor £7.00 Cancel Attendee 0, Salsa "
        f"If you cancel by {later}, all that you paid comes back; if you cancel later, nothing does. "
        f"Payment Paid by card £31.00, {paid_on(payment_of(booking))} Receipt Add to calendar Cancel booking"
    )
    calendar = client.get(f"{path_of(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in events(calendar)] == [
        ("Morning yoga", "CONFIRMED"),
        ("Salsa", "CONFIRMED"),
    ]


def test_what_was_taken_out_of_the_basket_is_not_part_of_the_booking(client: Client, till: Till) -> None:
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket, ticket)
    Seat.objects.filter(attendee_name="Attendee 1").update(cancelled_at=STARTS, cancelled_by="unbought")
    till.pay(basket)

    assert "Attendee 1" not in words(client.get(path_of(basket)))


def test_a_basket_is_shown_as_a_basket(client: Client, till: Till) -> None:
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket)

    assert client.get(path_of(basket))["Location"] == f"/{till.page.slug}/basket/"
    assert [client.get(f"{path_of(basket)}{rest}").status_code for rest in ("calendar.ics", "receipt/", "cancel/")] == [
        404,
        404,
        302,
    ]


def test_a_basket_that_was_let_go_of_leads_back(client: Client, till: Till) -> None:
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket)
    let_go(basket.pk, now=basket.created_at)

    page = client.get(path_of(basket))

    assert words(page) == (
        "River Studio Basket This was not booked The places were held for you for a while, and not paid for in that "
        "time. They are free for others again, and you have paid nothing. Choose again"
    )
    assert f'href="/{till.page.slug}/"' in page.content.decode().partition("<main")[2]
    assert client.get(f"{path_of(basket)}calendar.ics").status_code == 404


def test_one_that_was_paid_too_late_says_that_the_money_comes_back(client: Client, till: Till) -> None:
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket)
    url = till.check_out(basket)
    let_go(basket.pk, now=basket.created_at, when=State.PAYING)
    till.seller.sandbox.shopper.pay(url)
    payment = till.settle(basket)

    assert words(client.get(path_of(basket))).partition("not booked ")[2] == (
        "When the payment arrived, the places that were held for you had gone to others. What you paid goes back to "
        f"your card by itself. Payment Paid by card £12.00, {paid_on(payment)} "
        f"Refund £12.00 is on its way back to your card; {BANKS} Receipt Choose again"
    )


def test_the_membership_that_was_bought_with_it_is_linked(client: Client, till: Till) -> None:
    customer = till.known(name="Ada")
    who, now = person_of(customer), datetime.now(tz=UTC)
    basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
    till.pay(basket)
    basket.refresh_from_db()
    assert basket.purchase is not None

    page = client.get(path_of(basket))

    assert words(page) == (
        f"River Studio Your booking Your booking Booked Booking reference {basket.reference} "
        "Payment Membership Gold with invoices of its own See what is coming up"
    )
    assert f'href="/my/memberships/{basket.purchase.uuid}/"' in page.content.decode()
    assert [client.get(f"{path_of(basket)}{rest}").status_code for rest in ("calendar.ics", "receipt/", "cancel/")] == [
        404,
        404,
        302,
    ]


# The receipt.


def test_the_receipt(client: Client, till: Till) -> None:
    offer = till.discount(amount_off=200)
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket, ticket, customer=till.member(offer.group, name="Ada"), own=True)
    payment = till.pay(basket)
    refund(payment.pk, 700, Why.OPERATOR, now=payment.opened_at)
    assert payment.paid_at is not None
    day = date_format(payment.paid_at.astimezone(till.account.zone), "j F Y")

    page = client.get(f"{path_of(basket)}receipt/")

    assert words(page) == (
        "Your booking Receipt Receipt Print this page, or save it as a PDF from your browser’s print window. "
        f"From River Studio To Ada Booking reference {basket.reference} Date {day} "
        "What it was for What it was for Event Ticket Price "
        "Morning yoga 17 January 2030, 12:00 Drop-in Attendee 0 "
        f"Instead of £12.00 £10.00 {offer.group.name}: £2.00 off "
        "Morning yoga 17 January 2030, 12:00 Drop-in Attendee 1 £12.00 "
        "Payment Tickets £24.00 Discounts \N{MINUS SIGN}£2.00 Total paid £22.00 "
        f"Card payment £22.00, {paid_on(payment)} Reference {payment.intent} "
        f"Refund £7.00 is on its way back to your card; {BANKS} Total after refunds £15.00"
    )
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex", "same-origin")


def test_there_is_no_receipt_for_what_cost_nothing(client: Client, till: Till) -> None:
    entry, ticket = yoga(till, 0)
    basket = till.fill(entry, ticket)
    till.check_out(basket)

    assert client.get(f"{path_of(basket)}receipt/").status_code == 404
    assert "Payment" not in words(client.get(path_of(basket)))


# Cancelling.


def test_cancelling_in_time_gives_all_the_money_back(client: Client, till: Till) -> None:
    booking = bought(till, 1200, 800)
    path = f"{path_of(booking)}cancel/"

    assert terms(client, path) == (
        "Attendee 0 loses the place “ Ticket 1 ”. £12.00 goes back. "
        "Attendee 1 loses the place “ Ticket 2 ”. £8.00 goes back. "
        f"The £20.00 {CARD} The cut-off for that is {THEN}. {END} Cancel booking"
    )
    form = fields(client.get(path))
    for _ in range(2):
        assert client.post(path, form)["Location"] == path_of(booking)

    assert back(booking) == [(2000, Why.CUSTOMER, [1200, 800])]
    send_due(now=datetime.now(tz=UTC))
    assert Refund.objects.get().state == Refunding.DONE
    assert Letter.objects.filter(kind="cancelled").count() == 1


def test_cancelling_one_of_two(client: Client, till: Till) -> None:
    booking = bought(till, 1200, 800)
    seat = booking.seats.get(amount=800)
    path = f"{path_of(booking)}cancel/?seat={seat.uuid}"

    assert terms(client, path) == (
        "Attendee 1 loses the place “ Ticket 2 ”. "
        f"The £8.00 {CARD} The cut-off for that is {THEN}. "
        f"The other place of this booking stays. {END} Cancel place"
    )
    press(client, path)

    assert back(booking) == [(800, Why.CUSTOMER, [800])]


@pytest.mark.parametrize(
    ("percents", "moment", "said", "given"),
    [
        (
            (100, 0),
            LATE,
            f"The £12.01 that you paid is not refunded. The cut-off was {THEN}; after it River Studio refunds nothing.",
            0,
        ),
        (
            (100, 50),
            LATE,
            f"£6.01 of the £12.01 {CARD} The cut-off was {THEN}; after it River Studio refunds 50% of the price.",
            601,
        ),
        (
            (80, 0),
            CUTOFF,
            f"£9.61 of the £12.01 {CARD} Until {THEN} River Studio refunds 80% of the price.",
            961,
        ),
        ((0, 0), CUTOFF, "The £12.01 that you paid is not refunded. River Studio refunds nothing.", 0),
        ((100, 100), LATE, f"The £12.01 {CARD}", 1201),
    ],
)
def test_what_is_said_before_is_what_is_done(
    client: Client, till: Till, percents: tuple[int, int], moment: datetime, said: str, given: int
) -> None:
    booking = bought(till, 1201)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])
    path = f"{path_of(booking)}cancel/"

    with at(moment):
        assert terms(client, path) == f"Attendee 0 loses the place “ Ticket 1 ”. {said} {END} Cancel booking"
        press(client, path)

    assert sum(amount for amount, *_ in back(booking)) == given
    assert booking.seats.filter(cancelled_at=None).count() == 0


def test_the_cut_off_passes_between_reading_and_confirming(client: Client, till: Till) -> None:
    booking = bought(till, 1200)
    path = f"{path_of(booking)}cancel/"
    with at(CUTOFF):
        form = fields(client.get(path))

    with at(LATE):
        again = client.post(path, form)
        assert (again.status_code, Seat.objects.get().cancelled_at) == (409, None)
        assert "Nothing is cancelled yet: read again what will happen." in words(again)
        assert "The £12.00 that you paid is not refunded." in words(again)
        assert client.post(path, fields(again)).status_code == 302
    assert (Seat.objects.get().cancelled_at is None, back(booking)) == (False, [])


def test_the_policy_changes_between_reading_and_confirming(client: Client, till: Till) -> None:
    booking = bought(till, 1200)
    path = f"{path_of(booking)}cancel/"
    form = fields(client.get(path))
    Account.objects.update(refund_percent=50)

    again = client.post(path, form)

    assert (again.status_code, Seat.objects.get().cancelled_at, back(booking)) == (409, None, [])
    assert "£6.00 of the £12.00 that you paid goes back to your card" in words(again)


def test_what_was_refunded_before_is_not_promised_again(client: Client, till: Till) -> None:
    booking = bought(till, 1200)
    payment = payment_of(booking)
    refund(payment.pk, 1000, Why.OPERATOR, now=payment.opened_at)
    path = f"{path_of(booking)}cancel/"

    assert terms(client, path) == (
        "Attendee 0 loses the place “ Ticket 1 ”. "
        f"£2.00 of the £12.00 {CARD} The cut-off for that is {THEN}. "
        f"What was refunded before is not refunded again. {END} Cancel booking"
    )
    press(client, path)

    assert back(booking) == [(1000, Why.OPERATOR, []), (200, Why.CUSTOMER, [200])]


def test_a_discount_with_a_limit_gives_its_use_back(client: Client, till: Till) -> None:
    offer = till.discount(percent=10, limit=3)
    entry, ticket = yoga(till)
    basket = till.fill(entry, ticket, customer=till.member(offer.group), own=True)
    till.pay(basket)
    path = f"{path_of(basket)}cancel/"
    assert UsagePeriod.objects.get().used == 1
    assert words(client.get(path_of(basket))).partition("Cancel booking ")[2] == (
        f"Cancel by {THEN} and every use comes back. After that you can still cancel, but the uses are kept. "
        "Until then all that you paid comes back; later, nothing does."
    )
    with at(LATE):
        assert words(client.get(path_of(basket))).partition("Cancel booking ")[2] == (
            f"Uses came back until {THEN}. You can still cancel, but the uses are kept. "
            "If you cancel now, nothing comes back."
        )

    assert terms(client, path) == (
        "Attendee 0 loses the place “ Drop-in ”. "
        f"The £10.80 {CARD} The cut-off for that is {THEN}. "
        f"The use comes back to your allowance at once. {END} Cancel booking"
    )
    press(client, path)

    assert (back(basket), UsagePeriod.objects.get().used) == ([(1080, Why.CUSTOMER, [1080])], 0)
    assert f"{offer.group.name}: the use of the discount is back" in words(client.get(path_of(basket)))


def test_all_events_of_a_booking_at_once(client: Client, till: Till) -> None:
    booking = bought_twice(till)
    path = f"{path_of(booking)}cancel/"

    with at(LATE):
        assert terms(client, path) == (
            "Morning yoga, Thursday 17 January 2030, 12:00 "
            "Attendee 0 loses the place “ Drop-in ”. £12.00 is not refunded. "
            "Attendee 1 loses the place “ Drop-in ”. £12.00 is not refunded. "
            f"The £24.00 that you paid is not refunded. The cut-off was {THEN}; after it River Studio refunds nothing. "
            "Salsa, Thursday 24 January 2030, 12:00 Attendee 0 loses the place “ Floor ”. "
            f"The £7.00 {CARD} "
            "The cut-off for that is Wednesday 23 January 2030, 12:00 (Europe/London). "
            "In all, £7.00 goes back to your card. You get an e-mail for each event that confirms it. "
            "Keep it Cancel booking"
        )
        press(client, path)

    assert back(booking) == [(700, Why.CUSTOMER, [700])]
    calendar = client.get(f"{path_of(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in events(calendar)] == [
        ("Morning yoga", "CANCELLED"),
        ("Salsa", "CANCELLED"),
    ]


def test_the_places_at_one_event_of_a_booking(client: Client, till: Till) -> None:
    booking = bought_twice(till)
    entry = Entry.objects.get(title="Morning yoga")
    path = f"{path_of(booking)}cancel/?entry={entry.uuid}"

    assert terms(client, path).endswith(f"The other place of this booking stays. {END} Cancel 2 places")
    press(client, path)

    assert back(booking) == [(2400, Why.CUSTOMER, [1200, 1200])]
    assert words(client.get(path_of(booking))).startswith(
        f"River Studio Your booking Your booking Booked Booking reference {booking.reference} Morning yoga Cancelled "
    )
    calendar = client.get(f"{path_of(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in events(calendar)] == [
        ("Salsa", "CONFIRMED"),
        ("Morning yoga", "CANCELLED"),
    ]


def test_an_event_that_has_begun_stays(client: Client, till: Till) -> None:
    booking = bought_twice(till)
    path = f"{path_of(booking)}cancel/"

    with at(STARTS):
        assert "Morning yoga Past" in words(client.get(path_of(booking)))
        assert terms(client, path) == (
            "Attendee 0 loses the place “ Floor ”. "
            f"The £7.00 {CARD} "
            "The cut-off for that is Wednesday 23 January 2030, 12:00 (Europe/London). "
            f"“ Morning yoga ” has begun: it stays as it is. {END} Cancel booking"
        )
        press(client, path)

    assert back(booking) == [(700, Why.CUSTOMER, [700])]
    assert booking.seats.filter(cancelled_at=None).count() == 2


@pytest.mark.parametrize("places", [1, 3])
def test_its_pages_cost_the_same_however_many_places_it_has(
    client: Client, till: Till, places: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offer = till.discount(percent=10, audience="additional", additional_attendees=5)
    customer = till.member(offer.group)
    basket = None
    for _ in range(places):
        entry, ticket = yoga(till)
        basket = till.fill(entry, *[ticket] * places, customer=customer, basket=basket)
    assert basket is not None
    payment = till.pay(basket)
    for _ in range(places):
        refund(payment.pk, 100, Why.OPERATOR, now=payment.opened_at)

    for path, statements in (("", 4), ("receipt/", 4), ("cancel/", 4), ("calendar.ics", 2)):
        with django_assert_num_queries(statements):
            assert client.get(f"{path_of(basket)}{path}").status_code == 200
