"""*Erase* on a customer's page: what is in the way, what will happen, and the page afterwards."""

from uuid import uuid4

import pytest
from time_machine import travel

from accounts.email_queue import queue_letter
from accounts.models import Account, Customer, Erasure, Letter, LetterKind, Role
from memberships.models import Subscription
from tests.accounts.erasing.person import LATER, NAME, Person
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.money.receipts.moving import take
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.consistency import check_books
from tickets.models import Seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    return CustomerFactory.create(account=AccountFactory.create(), name="Ada Stone", email="ada@example.org")


@pytest.fixture
def at(ada: Customer) -> Dashboard:
    return open_dashboard(ada.account)


def test_the_page_says_what_goes_and_what_stays_and_then_it_is_done(at: Dashboard, ada: Customer) -> None:
    assert at.url("customer_erase", pk=ada.pk) in at.get("customer", pk=ada.pk).content.decode()
    asks = page_text(at.get("customer_erase", pk=ada.pk))
    assert "Erase Ada Stone?" in asks
    assert "Bookings, attendance, payments and refunds stay" in asks

    unsure = at.post("customer_erase", pk=ada.pk)
    assert unsure.status_code == 422
    assert Customer.objects.filter(pk=ada.pk).exists()

    done = at.post("customer_erase", {"sure": "on"}, pk=ada.pk)
    assert done["Location"] == at.url("customer", pk=ada.pk)
    page = page_text(at.get("customer", pk=ada.pk))
    assert "This customer was erased on" in page
    assert "Ada" not in page
    assert at.post("customer_erase", {"sure": "on"}, pk=ada.pk)["Location"] == done["Location"]
    assert Erasure.objects.count() == 1


def test_who_was_erased_is_in_no_list_and_has_no_other_page(at: Dashboard, ada: Customer) -> None:
    at.post("customer_erase", {"sure": "on"}, pk=ada.pk)
    left = Customer.objects.get()

    assert "Erased" not in page_text(at.get("customers")).replace("Customer erased", "")
    assert at.url("customer", pk=left.pk) not in at.get("customers", {"q": "Erased"}).content.decode()
    for page in ("customer_name", "customer_note", "customer_addresses", "customer_erase", "customer_book"):
        assert (page, at.get(page, pk=left.pk).status_code) == (page, 404)
    assert "This customer was erased on" in page_text(at.get("customer", pk=left.pk))


def test_what_they_owe_is_waived_and_no_page_of_money_leads_nowhere(at: Dashboard, ada: Customer) -> None:
    entry = EntryFactory.create(account=ada.account)
    ticket = TicketFactory.create(entry=entry, price=1200, cost="cost")
    seats = [book_seat_manually(entry, ticket, customer=ada) for _ in range(2)]
    made = take(ada, {seats[0]: 700})

    with travel(LATER, tick=False):
        asks = page_text(at.get("customer_erase", pk=ada.pk))
        at.post("customer_erase", {"sure": "on"}, pk=ada.pk)

    assert "They still owe you £17.00 at the studio. That’s waived." in asks
    assert list(Seat.objects.values_list("owed", "collected").order_by("pk")) == [(0, 700), (0, 0)]
    assert "Nobody owes you anything" in page_text(at.get("to_collect"))
    assert [each.kind for each in check_books(account=at.account, now=LATER)] == []
    left = Customer.objects.get()
    for page in ("customer_money", "customer_take", "customer_give_back"):
        assert at.get(page, pk=left.pk)["Location"] == at.url("customer", pk=left.pk)
    undone = at.post("studio_payment_undo", {"key": str(uuid4())}, pk=made.pk)
    assert undone["Location"] == at.url("customer_money", pk=left.pk)


def test_of_a_credit_it_is_said_that_it_goes(at: Dashboard, ada: Customer) -> None:
    entry = EntryFactory.create(account=ada.account)
    seat = book_seat_manually(entry, TicketFactory.create(entry=entry, price=1200, cost="cost"), customer=ada)
    take(ada, {seat: 1500})
    text = "They have £3.00 credit with you. Give it back first: afterwards it’s gone."

    with travel(LATER, tick=False):
        assert text in page_text(at.get("customer_erase", pk=ada.pk))


def test_what_is_in_the_way_is_said_with_the_way_out() -> None:
    person = Person()
    Subscription.objects.update(status="active", ended_at=None)
    at = open_dashboard(person.account)

    with travel(LATER, tick=False):
        page = at.get("customer_erase", pk=person.customer.pk)
        assert f"You can’t erase {NAME} yet" in page_text(page)
        assert at.url("subscription", pk=Subscription.objects.get().pk) in page.content.decode()
        at.post("customer_erase", {"sure": "on"}, pk=person.customer.pk)

    assert Customer.objects.get(pk=person.customer.pk).name == NAME


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.BOOKINGS_ADMIN, 404), (Role.LEADER, 404)])
def test_only_an_owner_erases(ada: Customer, role: Role, status: int) -> None:
    at = open_dashboard(ada.account, role)

    assert at.get("customer_erase", pk=ada.pk).status_code == status
    if role is Role.BOOKINGS_ADMIN:
        assert at.url("customer_erase", pk=ada.pk) not in at.get("customer", pk=ada.pk).content.decode()


def test_a_stranger_s_customer_does_not_exist(at: Dashboard) -> None:
    theirs = CustomerFactory.create()

    assert at.get("customer_erase", pk=theirs.pk).status_code == 404
    assert at.post("customer_erase", {"sure": "on"}, pk=theirs.pk).status_code == 404
    assert Customer.objects.get(pk=theirs.pk).erased_at is None


def test_nobody_is_written_to(at: Dashboard, ada: Customer) -> None:
    at.post("customer_erase", {"sure": "on"}, pk=ada.pk)
    left, account = Customer.objects.get(), Account.objects.get()

    letter = queue_letter(
        kind=LetterKind.CONFIRM, recipient=left.email, template="accounts/letters/login_closed", context={},
        account=account, now=LATER,
    )  # fmt: skip

    assert letter is None
    assert not Letter.objects.exists()
