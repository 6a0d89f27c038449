"""Races about somebody who becomes another one, or nobody, while something is done for them or told of them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from accounts.erasing.service import erase_customer
from accounts.imports.services import confirm_import
from accounts.merging.services import merge_customers
from accounts.models import Account, Customer, ListImport, ListImportRow, StripeCustomer, WaitingList
from accounts.operations.running import run_operation
from bookwhen.payments.forgetting import forget_again
from bookwhen.payments.inbox import receive_event
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource
from groups.models import Group, Member
from offers.models import ExtraUses
from tests.accounts.erasing.person import MAIN, NAME, NEEDLES, event_about, tables_with
from tests.browsing import form_fields
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.payments import connect_without_webhook
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.races.crowd import meanwhile
from tests.worlds.dashboard import open_dashboard
from tests.worlds.listed import judge, states
from tests.worlds.seller import Seller
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.book import book
from tickets.booking.refusals import CustomerGoneError
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_membership
from tickets.models import Booking, Entry, Ticket, WaitlistRequest
from tickets.waiting.requests import CustomerErasedError, join

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account() -> Account:
    made = AccountFactory.create(waiting_list=WaitingList.IN_ORDER)
    SchedulePageFactory.create(account=made)
    return made


@pytest.fixture
def ada(account: Account) -> Customer:
    return CustomerFactory.create(account=account, name="Ada")


@pytest.fixture
def other(account: Account) -> Customer:
    return create_customer_with_login(account, name="A. Lovelace")


def merge(survivor: Customer, gone: Customer) -> None:
    merge_customers(survivor.account, survivor=survivor.pk, gone=gone.pk, now=NOW)


def put_into_basket(seller: Seller, customer: Customer) -> Booking:
    who, now = person_of_customer(customer), timezone.now()
    return add_membership(None, seller.price, customer, seller.page, who=who, now=now, key=uuid4())


def test_a_membership_goes_into_the_basket_of_who_stays(seller: Seller) -> None:
    ada, other = seller.customer(), create_customer_with_login(seller.account)

    waited, held = meanwhile(lambda: merge(ada, other), lambda: put_into_basket(seller, other))

    assert (waited, held.customer_id, held.membership_price_id) == (True, ada.pk, seller.price.pk)
    assert Booking.objects.get().customer == ada
    assert set(Member.objects.values_list("customer", flat=True)) == {ada.pk}


def test_who_is_erased_meanwhile_has_no_basket(seller: Seller) -> None:
    other = create_customer_with_login(seller.account)

    def late() -> str:
        try:
            put_into_basket(seller, other)
        except CustomerGoneError:
            return "gone"
        return "held"

    assert meanwhile(lambda: erase_customer(other, now=NOW), late) == (True, "gone")
    assert not Booking.objects.exists()


def full_class(account: Account) -> tuple[Entry, Ticket]:
    entry = EntryFactory.create(page=account.pages.get(), starts_at=NOW + timedelta(days=2), capacity=1)
    ticket = TicketFactory.create(entry=entry)
    taker = CustomerFactory.create(account=account)
    wanted = [WantedTicket(ticket=ticket.pk, name="Bea")]
    book(load_entry(entry), taker, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)
    return entry, ticket


def wait_for(place: tuple[Entry, Ticket], customer: Customer) -> WaitlistRequest:
    entry, ticket = place
    return join(load_entry(entry), ticket.pk, customer, ["Ada"], who=person_of_customer(customer), now=NOW)


def test_who_stays_waits_in_the_line(account: Account, ada: Customer, other: Customer) -> None:
    place = full_class(account)

    waited, made = meanwhile(lambda: merge(ada, other), lambda: wait_for(place, other))

    assert (waited, made.customer_id, made.is_guest) == (True, ada.pk, False)
    found = WaitlistRequest.objects.get()
    assert (found.customer, found.email) == (ada, other.email)
    place[0].places.refresh_from_db()
    assert place[0].places.waiting == 1


def test_who_is_erased_meanwhile_waits_for_nothing(account: Account, other: Customer) -> None:
    place = full_class(account)

    def late() -> str:
        try:
            wait_for(place, other)
        except CustomerErasedError:
            return "erased"
        return "waits"

    assert meanwhile(lambda: erase_customer(other, now=NOW), late) == (True, "erased")
    assert not WaitlistRequest.objects.exists()
    place[0].places.refresh_from_db()
    assert place[0].places.waiting == 0


@pytest.mark.parametrize("both_inside", [True, False])
def test_extra_uses_lead_on_to_who_stays_and_are_not_given_unseen(
    account: Account,
    ada: Customer,
    other: Customer,
    both_inside: bool,  # noqa: FBT001
) -> None:
    group = GroupFactory.create(account=account)
    offer, member = OfferFactory.create(group=group, limit=3), add_member(group, other)
    if both_inside:
        add_member(group, ada)
    # The clock goes on from when they stand in the group: else there would be nothing to give to anybody.
    with travel(NOW):
        at = open_dashboard(account)
        there = at.url("customer_uses", pk=other.pk, member=member.pk, offer=offer.pk)
        sent = {**form_fields(at.client.get(there)), "count": "2", "reason": "Ill"}

        def late(client: Client = at.client) -> tuple[int, str]:
            answer = client.post(there, sent)
            return answer.status_code, answer.headers.get("Location", "")

        waited, answer = meanwhile(lambda: merge(ada, other), late)

    assert (waited, answer) == (True, (302, at.url("customer", pk=ada.pk)))
    assert not ExtraUses.objects.exists()


OTHERS = [f"ann{number}@example.org" for number in range(4)]


def listed(account: Account, group: Group) -> ListImport:
    """A list of which the first rows, kept as samples, are others’: nothing of the import waits for the erasing."""
    before = "".join(f"Ann Ray{number},{email},\n" for number, email in enumerate(OTHERS))
    text = f"Name,Email,Phone\n{before}Zebedee Thread,zeb@example.org,07911 123456\n"
    return judge(account, text, group=str(group.pk))


@pytest.mark.parametrize("facts", [{}, {"name": "Zebedee Thread", "phone": "+447911123456"}])
def test_of_somebody_erased_while_their_row_comes_in_nothing_becomes(account: Account, facts: dict[str, str]) -> None:
    group = GroupFactory.create(account=account)
    there = CustomerFactory.create(account=account, email="zeb@example.org", **({"name": ""} | facts))
    found = listed(account, group)

    def bring() -> list[str]:
        confirm_import(found, now=timezone.now())
        while run_operation(found.operation_id):
            pass
        return sorted(Customer.objects.known().filter(account=account).values_list("email", flat=True))

    _waited, emails = meanwhile(lambda: erase_customer(there, now=NOW), bring)

    assert emails == OTHERS
    nobody = Customer.objects.get(erased_at__isnull=False)
    assert (nobody.name, nobody.phone) == ("Erased customer", "")
    assert sorted(Member.objects.values_list("customer__email", flat=True)) == OTHERS
    assert states(found) == {"applied": len(OTHERS)}
    assert not ListImportRow.objects.filter(person="zeb@example.org").exists()


class Known:
    """Somebody whom a studio knows, and Stripe too, by words that nothing else has."""

    def __init__(self) -> None:
        self.account = AccountFactory.create()
        connect_without_webhook(self.account, f"sk_test_{uuid4().hex}")
        self.customer = CustomerFactory.create(account=self.account, name=NAME, email=MAIN)
        facts = {"account": self.account, "connection": self.account.connection, "stripe_id": "cus_zeb"}
        StripeCustomer.objects.create(customer=self.customer, **facts)

    def tell(self) -> bool:
        """What Stripe sends of them."""
        assert self.account.connection
        event = event_about("cus_zeb", "customer.updated")
        event["data"] = {"object": {"id": "cus_zeb", "object": "customer", "name": NAME, "email": MAIN}}
        told = IncomingEvent.read(event)
        return receive_event(self.account.connection.pk, told, EventSource.WEBHOOK, now=datetime.now(UTC))


@pytest.mark.parametrize("event_first", [True, False])
def test_what_stripe_tells_at_the_very_instant_does_not_come_back(event_first: bool) -> None:  # noqa: FBT001
    known = Known()
    deeds = [lambda: erase_customer(known.customer, now=NOW), known.tell]
    ours, theirs = reversed(deeds) if event_first else deeds

    meanwhile(ours, theirs)

    # Neither can see what the other has not committed: so the night looks once more.
    assert tables_with(*NEEDLES) == {"payments_stripeevent": {"needlethread"}}
    forget_again(now=timezone.now())
    assert tables_with(*NEEDLES) == {}
    assert Customer.objects.get().erased_at
