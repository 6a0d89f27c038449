"""The pages of customers without an address: added, shown on both pages, changed; and booked for by the studio."""

from uuid import uuid4

import pytest

from accounts.contacts import add_without_address, in_care_of
from accounts.models import Customer, Letter
from groups.models import Member
from offers.models import UsagePeriod
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.river import RiverStudio
from tickets.models import Booking, Seat

pytestmark = pytest.mark.django_db

MARY = "mary@example.org"


@pytest.fixture
def river() -> RiverStudio:
    """A class for members of Gold alone, who have three places a month."""
    page = SchedulePageFactory.create()
    entry, group = EntryFactory.create(page=page), GroupFactory.create(account=page.account, name="Gold")
    OfferFactory.create(group=group, page=page, limit=3)
    gold = TicketFactory.create(entry=entry, group=group, name="Gold place")
    return RiverStudio(page.account, page, entry, TicketFactory.create(entry=entry), gold, group)


@pytest.fixture
def at(river: RiverStudio) -> Dashboard:
    return open_dashboard(river.account)


@pytest.fixture
def mary(river: RiverStudio) -> Customer:
    return CustomerFactory.create(account=river.account, email=MARY, name="Mary Ray")


@pytest.fixture
def ann(mary: Customer) -> Customer:
    return add_without_address(mary, "Ann Ray")


def test_somebody_is_added_by_who_gets_their_emails(at: Dashboard, mary: Customer) -> None:
    page = page_text(at.get("customer_new", {"q": "mary"}))
    assert "Who gets their emails?" in page
    assert "Mary Ray mary@example.org" in page
    assert "Their emails go to Mary Ray, mary@example.org." in page_text(at.get("customer_new", {"contact": mary.pk}))

    answer = at.post("customer_new", {"contact": mary.pk, "name": "Ann Ray", "phone": "020 7946 0018"})
    [ann] = in_care_of(mary)
    assert (ann.name, ann.phone, answer["Location"]) == ("Ann Ray", "+442079460018", at.url("customer", pk=ann.pk))
    assert at.post("customer_new", {"contact": mary.pk, "name": ""}).status_code == 422
    assert at.post("customer_new", {"contact": ann.pk, "name": "Doll"}).status_code == 404


def test_both_pages_say_it(at: Dashboard, mary: Customer, ann: Customer) -> None:
    assert "Emails go to Mary Ray mary@example.org" in page_text(at.get("customer", pk=ann.pk))
    assert "Books for Ann Ray" in page_text(at.get("customer", pk=mary.pk))
    listed = page_text(at.get("customers", {"q": "ann ray"}))
    assert "Ann Ray mary@example.org" in listed


def test_an_address_of_her_own_is_given(at: Dashboard, mary: Customer, ann: Customer) -> None:
    assert "Their emails go to mary@example.org." in page_text(at.get("customer_addresses", pk=ann.pk))
    taken = at.post("customer_addresses", {"email": MARY}, pk=ann.pk)
    assert (taken.status_code, "This address belongs to Mary Ray" in page_text(taken)) == (422, True)

    at.post("customer_addresses", {"email": "ann@example.org"}, pk=ann.pk)
    ann.refresh_from_db()
    assert (ann.email, ann.contact) == ("ann@example.org", None)


def test_another_contact_is_chosen(at: Dashboard, mary: Customer, ann: Customer) -> None:
    dad = CustomerFactory.create(account=mary.account, email="dad@example.org", name="Dad Ray")
    found = page_text(at.get("customer_contact", {"q": "ray"}, pk=ann.pk))
    assert "Dad Ray dad@example.org Choose" in found
    at.post("customer_contact", {"contact": dad.pk}, pk=ann.pk)
    assert list(in_care_of(dad)) == [ann]
    assert at.post("customer_contact", {"contact": ann.pk}, pk=ann.pk).status_code == 404


def test_what_stands_in_the_way_is_said(at: Dashboard, mary: Customer, ann: Customer) -> None:
    dad = CustomerFactory.create(account=mary.account, name="Dad Ray")
    refused = at.post("customer_contact", {"contact": dad.pk}, pk=mary.pk)
    assert refused.status_code == 409
    assert "They get emails for Ann Ray, so they need an address." in page_text(refused)

    dad.user = UserFactory.create()
    dad.save()
    assert "They log in with their own address" in page_text(at.get("customer_contact", pk=dad.pk))
    nobody = CustomerFactory.create(account=mary.account, name="")
    assert "Give them a name first" in page_text(at.post("customer_contact", {"contact": mary.pk}, pk=nobody.pk))
    assert "main address" in page_text(at.get("customer_addresses", pk=mary.pk)).lower()


def test_her_name_stays_one(at: Dashboard, ann: Customer) -> None:
    assert at.post("customer_name", {"name": "", "phone": ""}, pk=ann.pk).status_code == 422
    at.post("customer_name", {"name": "Anna Ray", "phone": ""}, pk=ann.pk)
    ann.refresh_from_db()
    assert ann.name == "Anna Ray"


def test_strangers_find_nothing(at: Dashboard, ann: Customer) -> None:
    elsewhere = CustomerFactory.create(name="Elsewhere")
    assert at.get("customer_contact", pk=elsewhere.pk).status_code == 404
    assert at.get("customer_new", {"contact": elsewhere.pk}).status_code == 404
    assert at.post("customer_contact", {"contact": elsewhere.pk}, pk=ann.pk).status_code == 404
    assert at.post("customer_new", {"contact": elsewhere.pk, "name": "X"}).status_code == 404


def test_she_joins_a_group_in_her_own_right(at: Dashboard, mary: Customer, ann: Customer) -> None:
    group = GroupFactory.create(account=mary.account, name="Kids")
    at.post("customer_group_add", {"group": group.pk, "tell": "on"}, pk=ann.pk)
    assert list(Member.objects.values_list("customer", flat=True)) == [ann.pk]
    letter = Letter.objects.get()
    assert letter.recipient == MARY
    assert "has given Ann Ray access to members’ tickets" in letter.text


def test_the_studio_books_for_her_with_her_allowance(at: Dashboard, river: RiverStudio, ann: Customer) -> None:
    at.post("customer_group_add", {"group": river.group.pk}, pk=ann.pk)
    assert "Ann Ray mary@example.org" in page_text(at.get("entry_book", {"q": "ann"}, pk=river.entry.pk))
    form = at.get("entry_book", {"customer": ann.pk}, pk=river.entry.pk).context["form"]
    sent = {"customer": ann.pk, "ticket": river.gold.pk, "charges": "on", "attendees": "", "key": uuid4()}
    answer = at.post("entry_book", sent | {"seen": form.shown_versions}, pk=river.entry.pk)
    assert answer.status_code == 302, page_text(answer)

    booking, seat = Booking.objects.get(), Seat.objects.get()
    assert (booking.customer, booking.address, seat.attendee_name) == (ann, MARY, "Ann Ray")
    assert seat.self_attendee_id == ann.pk
    assert UsagePeriod.objects.get().member.customer == ann
    assert Letter.objects.get(kind="booked").recipient == MARY


def test_check_access_answers_for_her(at: Dashboard, river: RiverStudio, ann: Customer) -> None:
    asked = {"customer": ann.pk, "at": f"{river.entry.pk}-{river.gold.pk}"}
    assert "Add Ann Ray to “Gold”." in page_text(at.get("check_access", asked))
    cure = {"customer": ann.pk, "ticket": river.gold.pk, "cure": "add", "in": river.group.pk}
    at.post("access_cure", cure | {"at": asked["at"]})
    assert Member.objects.get().customer == ann
