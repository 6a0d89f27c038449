"""Booked now, paid at the studio: where a page lets it, also without Stripe; cancelled by the studio's rules."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Letter, PaysAtStudio, SchedulePage
from tests.browsing import form_fields, page_text, submit_form
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.public.booking import ZOE
from tests.worlds.till import Till, person_of
from tickets.booking.cancel import cancel_by_customer
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import BasketChangedError, check_out
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, Payment, Seat, Ticket

pytestmark = pytest.mark.django_db


def let(page: SchedulePage, says: PaysAtStudio) -> None:
    SchedulePage.objects.filter(pk=page.pk).update(pays_at_studio=says)
    page.refresh_from_db()


def book(till: Till, basket: Booking) -> str:
    seen = till.refresh(basket)
    who = person_of(basket.customer)
    return check_out(seen.booking, who, seen.basket_version, now=timezone.now(), at_studio=True)


def states(basket: Booking) -> tuple[str, list[tuple[int, int, int]]]:
    seats = Seat.objects.filter(booking=basket).order_by("pk").values_list("owed", "amount", "price")
    return Booking.objects.get(pk=basket.pk).state, list(seats)


def test_it_is_booked_at_once_and_owed(till: Till) -> None:
    let(till.page, PaysAtStudio.ALSO)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1200), till.ticket(entry, 0))
    assert book(till, basket) == ""
    assert states(basket) == (BookingState.BOOKED, [(1200, 0, 0), (0, 0, 0)])
    assert not Payment.objects.exists()
    told = Letter.objects.get(kind="bought").text
    assert "£12.00 to pay at the studio" in told
    assert [each.kind for each in check_books(now=timezone.now())] == []


def test_discounts_are_taken_off(till: Till) -> None:
    let(till.page, PaysAtStudio.ALSO)
    offer = till.discount(limit=3)
    customer, entry = till.member(offer.group), till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000), customer=customer, own=True)
    book(till, basket)
    assert states(basket) == (BookingState.BOOKED, [(900, 0, 0)])
    assert "£9.00 to pay at the studio" in Letter.objects.get(kind="bought").text
    assert [each.kind for each in check_books(now=timezone.now())] == []


def test_a_page_that_does_not_let_it_changes_nothing(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1200))
    with pytest.raises(BasketChangedError):
        book(till, basket)
    assert states(basket)[0] == BookingState.BASKET


def test_where_it_is_the_only_way_nothing_goes_to_stripe(till: Till) -> None:
    let(till.page, PaysAtStudio.ONLY)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1200))
    with pytest.raises(BasketChangedError):
        till.check_out(basket)
    assert book(till, basket) == ""


def test_a_membership_is_paid_online(till: Till) -> None:
    let(till.page, PaysAtStudio.ALSO)
    customer, entry = till.customer_with_login(), till.entry()
    who, now = person_of(customer), timezone.now()
    basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
    till.fill(entry, till.ticket(entry, 1200), basket=basket, customer=customer)
    with pytest.raises(BasketChangedError):
        book(till, basket)


@pytest.mark.parametrize(
    ("hours", "policy", "owed"),
    [(72, {}, 0), (1, {}, 1200), (1, {"late_refund_percent": 50}, 600), (72, {"refund_percent": 75}, 300)],
)
def test_who_cancels_owes_what_they_would_not_be_refunded(
    till: Till, hours: int, policy: dict[str, int], owed: int
) -> None:
    let(till.page, PaysAtStudio.ALSO)
    type(till.account).objects.filter(pk=till.account.pk).update(**{"late_refund_percent": 0, **policy})
    till.account.refresh_from_db()
    entry = till.entry(starts_at=timezone.now() + timedelta(hours=hours))
    basket = till.fill(entry, till.ticket(entry, 1200))
    book(till, basket)
    basket.refresh_from_db()
    seat = basket.seats.get()
    preview = page_text(Client().get(f"/my/bookings/{basket.uuid}/cancel/"))
    said = f"You’ll still have to pay £{owed / 100:.2f} at" if owed else "You won’t have to pay anything for it at"
    assert said in preview
    cancel_by_customer(basket, [seat.pk], now=timezone.now())
    assert Seat.objects.get(pk=seat.pk).owed == owed


# In the browser of a guest, at a studio without Stripe


@pytest.fixture
def yoga() -> SchedulePage:
    account = AccountFactory.create(name="River Studio", currency="GBP")
    return SchedulePageFactory.create(account=account, slug="yoga", pays_at_studio=PaysAtStudio.ONLY)


@pytest.fixture
def entry(yoga: SchedulePage) -> Entry:
    return EntryFactory.create(page=yoga, title="Vinyasa", starts_at=timezone.now() + timedelta(days=3))


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")


def test_a_studio_without_stripe_sells_what_costs_something(client: Client, entry: Entry, ticket: Ticket) -> None:
    path = f"/yoga/entries/{entry.uuid}/book/?t{ticket.pk}=1"
    page = page_text(client.get(path))
    assert "Book now, pay £12.00 at the studio" in page
    assert "you pay the full price" in page
    form = {**form_fields(client.get(path)), **ZOE, "add": "studio"}
    answers = [client.post(path, form) for _twice in range(2)]
    booking = Booking.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [f"/my/bookings/{booking.uuid}/"] * 2
    assert states(booking) == (BookingState.BOOKED, [(1200, 0, 0)])
    assert "£12.00 still to pay at River Studio." in page_text(client.get(answers[0].headers["Location"]))


def test_from_the_basket_too(client: Client, entry: Entry, ticket: Ticket) -> None:
    submit_form(client, f"/yoga/entries/{entry.uuid}/book/?t{ticket.pk}=1", **ZOE, add="1")
    page = client.get("/yoga/basket/")
    assert "Book now, pay £12.00 at the studio" in page_text(page)
    basket = Booking.objects.get()
    seat = basket.seats.get()
    version = f"{seat.pk}:{seat.amount}:{int(entry.starts_at.timestamp())}"
    sent = {"basket": str(basket.uuid), "basket_version": version, "pay": "studio"}
    answer = client.post("/yoga/basket/pay/", sent)
    assert answer.headers["Location"] == f"/my/bookings/{basket.uuid}/"
    assert states(basket) == (BookingState.BOOKED, [(1200, 0, 0)])


def test_guests_confirm_their_address_where_the_studio_asks_for_it(
    client: Client, yoga: SchedulePage, entry: Entry, ticket: Ticket
) -> None:
    type(yoga.account).objects.filter(pk=yoga.account_id).update(confirms_free_bookings=True)
    answer = submit_form(client, f"/yoga/entries/{entry.uuid}/book/?t{ticket.pk}=1", **ZOE, add="studio")
    assert answer.headers["Location"] == "/yoga/basket/"
    assert Booking.objects.get().state == BookingState.BASKET
    link = next(each for each in Letter.objects.get().text.split() if "/confirm/" in each)
    path = link[link.index("/yoga/") :]
    submit_form(client, path)
    assert states(Booking.objects.get()) == (BookingState.BOOKED, [(1200, 0, 0)])
