"""*Merge*: from a customer's page to whoever is the same person, what becomes of everything, and one customer."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts.merging.services import heir_of
from accounts.models import AuditEntry, Customer, Deed, Letter, Role
from groups.models import Group
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.accounts import CustomerFactory, SchedulePageFactory, StaffFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, add_member, create_customer_with_login
from tests.tickets.merging.acts import book_place, make_entry
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    page = SchedulePageFactory.create(account__time_zone="Europe/London")
    return CustomerFactory.create(account=page.account, email="ada@example.org", name="Ada Lovelace")


@pytest.fixture
def double(ada: Customer) -> Customer:
    return CustomerFactory.create(account=ada.account, email="old@example.org", name="ADA lovelace")


@pytest.fixture
def at(ada: Customer) -> Dashboard:
    return open_dashboard(ada.account)


def use(group: Group, customer: Customer, count: int) -> None:
    for _number in range(count):
        book_place(*make_entry(group), customer)


def subscribe(group: Group, customer: Customer, stripe_id: str) -> Subscription:
    membership, _new = Membership.objects.get_or_create(
        account=group.account, group=group, title="Gold", defaults={"created_at": NOW}
    )
    price, _made = Price.objects.get_or_create(
        account=group.account,
        membership=membership,
        defaults={"title": "Monthly", "amount": 4000, "currency": "GBP", "created_at": NOW},
    )
    return Subscription.objects.create(
        account=group.account,
        customer=customer,
        membership=membership,
        price=price,
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.ACTIVE,
        stripe_id=stripe_id,
        created_at=NOW,
    )


def test_the_same_name_or_number_is_offered_first(at: Dashboard, ada: Customer, double: Customer) -> None:
    same_number = CustomerFactory.create(account=ada.account, name="A. L.", phone="+442079460018")
    CustomerFactory.create(account=ada.account, name="Bea")
    Customer.objects.filter(pk=ada.pk).update(phone="+442079460018")
    page = at.get("customer_merge", pk=ada.pk)
    text = page.content.decode()
    for each in (double, same_number):
        assert at.url("customer_merge_with", pk=ada.pk, other=each.pk) in text
    assert "Bea" not in text
    assert at.url("customer_merge", pk=ada.pk) in at.get("customer", pk=ada.pk).content.decode()


@pytest.mark.parametrize("words", ["old@example", "ada love", "7946"])
def test_anyone_else_is_looked_for(at: Dashboard, ada: Customer, double: Customer, words: str) -> None:
    Customer.objects.filter(pk=double.pk).update(phone="+442079460018")
    page = at.get("customer_merge", {"q": words}, pk=ada.pk)
    found = page.content.decode()
    assert at.url("customer_merge_with", pk=ada.pk, other=double.pk) in found
    assert at.url("customer_merge_with", pk=ada.pk, other=ada.pk) not in found
    assert "No other customers match" in page_text(at.get("customer_merge", {"q": "Zoe"}, pk=ada.pk))


def test_what_becomes_of_everything_is_said_before(at: Dashboard, ada: Customer, double: Customer) -> None:
    group = GroupFactory.create(account=ada.account, name="Ten a month")
    OfferFactory.create(group=group, page=ada.account.pages.get(), limit=10)
    with travel(NOW, tick=False):
        for who, count in ((ada, 7), (double, 4)):
            add_member(group, who)
            use(group, who, count)
        Customer.objects.filter(pk=double.pk).update(note="Bad knee", phone="+442079460018")
        text = page_text(at.get("customer_merge_with", pk=ada.pk, other=double.pk))
    for said in (
        "“Ten a month”: 7 + 4 of 10 used → 10 of 10, 1 over.",
        "Bookings are kept. No uses are left until the next usage period.",
        "Both are in “Ten a month”: it’s counted once, from the earlier start date.",
        "4 bookings of ADA lovelace move along",
        "ada@example.org stays their main address. The account knows them by old@example.org as well.",
        "The phone number +44 20 7946 0018 is kept.",
        "The note is kept.",
        "This can’t be undone. No email is sent about it.",
    ):
        assert said in text, said
    assert Customer.objects.filter(account=ada.account).count() == 2


def test_merged_and_sent_again(at: Dashboard, ada: Customer, double: Customer) -> None:
    letters = Letter.objects.count()
    page = at.get("customer_merge_with", pk=ada.pk, other=double.pk)
    sent = form_fields(page)
    first = at.post("customer_merge_with", sent, pk=ada.pk, other=double.pk)
    assert first["Location"] == at.url("customer", pk=ada.pk)
    assert "The two customers are one now" in page_text(at.client.get(first["Location"]))
    again = at.post("customer_merge_with", sent, pk=ada.pk, other=double.pk)
    assert "They were merged already" in page_text(at.client.get(again["Location"]))
    line = AuditEntry.objects.get()
    assert (line.action, line.label) == (Deed.CUSTOMERS_MERGED, "Ada Lovelace")
    assert Letter.objects.count() == letters


def test_what_led_to_who_is_gone_leads_to_who_stays(at: Dashboard, ada: Customer, double: Customer) -> None:
    done = at.post("customer_merge_with", {"survivor": ada.pk}, pk=ada.pk, other=double.pk)
    assert (done.status_code, done["Location"]) == (302, at.url("customer", pk=ada.pk))
    assert heir_of(ada.account, double.pk) == ada
    for name in ("customer", "customer_name", "customer_addresses", "customer_book", "customer_merge"):
        answer = at.get(name, pk=double.pk)
        assert (name, answer.status_code, answer.get("Location")) == (name, 301, at.url("customer", pk=ada.pk))
    sent = at.post("customer_note", {"note": "For the other"}, pk=double.pk)
    assert (sent.status_code, sent["Location"]) == (302, at.url("customer", pk=ada.pk))
    assert "was merged with Ada Lovelace. Nothing was saved." in page_text(at.client.get(sent["Location"]))
    ada.refresh_from_db()
    assert ada.note == ""
    preview = at.get("customer_merge_with", pk=ada.pk, other=double.pk)
    assert preview["Location"] == at.url("customer", pk=ada.pk)


def test_whoever_logs_in_is_proposed_and_the_other_can_be_kept(at: Dashboard, ada: Customer) -> None:
    other = create_customer_with_login(ada.account, name="Ada L")
    page = at.get("customer_merge_with", pk=ada.pk, other=other.pk)
    assert form_fields(page)["survivor"] == str(other.pk)
    page = at.get("customer_merge_with", {"keep": ada.pk}, pk=ada.pk, other=other.pk)
    assert form_fields(page)["survivor"] == str(ada.pk)
    at.post("customer_merge_with", form_fields(page), pk=ada.pk, other=other.pk)
    ada.refresh_from_db()
    assert ada.user == other.user


def test_whoever_is_billed_stays(at: Dashboard, ada: Customer, double: Customer) -> None:
    """Others let the one who is billed go, and orphaned the subscription (others-mistakes, *merge*)."""
    group = GroupFactory.create(account=ada.account)
    bought = subscribe(group, double, "sub_1")
    page = at.get("customer_merge_with", {"keep": ada.pk}, pk=ada.pk, other=double.pk)
    assert form_fields(page)["survivor"] == str(double.pk)
    assert "ADA lovelace pays for “Gold”, so they’re the one who stays." in page_text(page)
    assert "“Gold” goes on as it is. Nothing changes in Stripe." in page_text(page)
    # A form that says otherwise changes nothing.
    refused = at.post("customer_merge_with", {"survivor": ada.pk}, pk=ada.pk, other=double.pk)
    assert "can’t be merged like this" in page_text(at.client.get(refused["Location"]))
    at.post("customer_merge_with", form_fields(page), pk=ada.pk, other=double.pk)
    bought.refresh_from_db()
    assert (bought.customer, list(Customer.objects.filter(account=ada.account))) == (double, [double])


def test_two_who_are_billed_are_refused_with_the_way_out(at: Dashboard, ada: Customer, double: Customer) -> None:
    group = GroupFactory.create(account=ada.account)
    both = [subscribe(group, ada, "sub_1"), subscribe(group, double, "sub_2")]
    page = at.get("customer_merge_with", pk=ada.pk, other=double.pk)
    assert "Both pay for a membership. Cancel one of them first" in page_text(page)
    for each in both:
        assert at.url("subscription", pk=each.pk) in page.content.decode()
    at.post("customer_merge_with", {"survivor": ada.pk}, pk=ada.pk, other=double.pk)
    assert Customer.objects.filter(account=ada.account).count() == 2


def test_an_address_that_is_another_s_offers_to_merge(at: Dashboard, ada: Customer, double: Customer) -> None:
    page = at.post("customer_addresses", {"email": "old@example.org"}, pk=ada.pk)
    assert page.status_code == 422
    assert at.url("customer_merge_with", pk=ada.pk, other=double.pk) in page.content.decode()


@pytest.mark.parametrize("name", ["customer_merge", "customer_merge_with"])
def test_for_others_it_does_not_exist(ada: Customer, double: Customer, name: str) -> None:
    asked = {"pk": ada.pk} | ({"other": double.pk} if name == "customer_merge_with" else {})
    path = open_dashboard(ada.account).url(name, **asked)
    elsewhere = open_browser(StaffFactory.create().user)
    for client in (
        elsewhere,
        *(open_dashboard(ada.account, role).client for role in (Role.LEADER, Role.SCHEDULE_MANAGER)),
    ):
        assert client.get(path).status_code == 404
        assert client.post(path, {"survivor": ada.pk}).status_code == 404
    assert open_dashboard(ada.account, Role.BOOKINGS_ADMIN).client.get(path).status_code == 200
    assert Client().get(path).status_code == 302


def test_nobody_of_another_account_is_in_reach(at: Dashboard, ada: Customer) -> None:
    stranger = CustomerFactory.create()
    for first, second in ((ada.pk, stranger.pk), (stranger.pk, ada.pk), (ada.pk, ada.pk)):
        assert at.get("customer_merge_with", pk=first, other=second).status_code == 404
        assert at.post("customer_merge_with", {"survivor": first}, pk=first, other=second).status_code == 404


def test_the_preview_takes_as_much_for_many_as_for_few(at: Dashboard, ada: Customer, double: Customer) -> None:
    group = GroupFactory.create(account=ada.account)
    OfferFactory.create(group=group, page=ada.account.pages.get(), limit=50)
    with travel(NOW, tick=False):
        for who in (ada, double):
            add_member(group, who)
            use(group, who, 1)

        def count() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert at.get("customer_merge_with", pk=ada.pk, other=double.pk).status_code == 200
            return len(asked)

        count()
        few = count()
        use(group, double, 10)
        assert count() == few <= 45
