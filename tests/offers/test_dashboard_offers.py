"""Making, editing, replacing and deleting a group's offers."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Customer, Plan
from groups.models import Group
from offers.eligibility import Attendee
from offers.models import Audience, Offer, OfferUse, UsagePeriod
from offers.services import Terms, delete_offer, terms_of
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.desk import Desk, desk, told, words
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    proved_customer,
    stand,
)
from tickets.booking import Wanted, book
from tickets.coverage import Cover, cover_of, replace_offer
from tickets.facts import known_customer
from tickets.models import Entry, Seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def group() -> Group:
    """A group of a studio with one page, and an exclusive ticket there that names it."""
    entry = EntryFactory.create(title="Yoga")
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create(entry=entry, group=group, name="Member place")
    return group


@pytest.fixture
def at(group: Group) -> Desk:
    return desk(group.account)


def page_of(group: Group) -> int:
    page = group.account.pages.first()
    assert page
    return page.pk


def sent(group: Group, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: ten a month for themselves on the only page; None leaves a field out."""
    form = {
        "enabled": "on",
        "audience": "personal",
        "additional_attendees": "",
        "limited": "on",
        "limit": "10",
        "ongoing": "on",
        "period_count": "1",
        "period_unit": "month",
        "scope": "pages",
        "pages": [page_of(group)],
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def use(offer: Offer, customer: Customer, *, days: Iterable[int] = (2,)) -> None:
    """Book a place by the offer on each of these days from now."""
    for number in days:
        page = offer.account.pages.get(pk=page_of(offer.group))
        made = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=number))
        ticket = TicketFactory.create(entry=made, group=offer.group)
        entry = Entry.objects.select_related("account", "page", "places", "series").get(pk=made.pk)
        wanted = [Wanted(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        book(entry, customer, wanted, who=known_customer(customer), key=uuid4(), now=NOW)


def used_offer(group: Group, *, days: Iterable[int] = (2,), **fields: Any) -> Offer:
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), **fields)
    customer = proved_customer(group.account)
    stand(group, customer)
    use(offer, customer, days=days)
    return offer


# Adding


def test_create_makes_a_disabled_offer_and_opens_edit_offer(group: Group, at: Desk) -> None:
    response = at.post("offer_new", {"key": uuid4()}, pk=group.pk)

    offer = Offer.objects.get()
    assert response["Location"] == at.url("offer_edit", pk=group.pk, offer=offer.pk)
    assert (terms_of(offer), cover_of(offer)) == (Terms(), Cover(pages=frozenset({page_of(group)})))
    page = at.client.get(response["Location"])
    assert (page.status_code, "Edit offer" in words(page), told(page)) == (200, True, ["Offer created"])


def test_create_sent_twice_makes_one_offer(group: Group, at: Desk) -> None:
    form = {"key": uuid4()}

    first, second = at.post("offer_new", form, pk=group.pk), at.post("offer_new", form, pk=group.pk)

    assert (Offer.objects.count(), first["Location"]) == (1, second["Location"])


# Editing


def test_an_offer_is_edited_and_said_back(group: Group, at: Desk) -> None:
    offer = OfferFactory.create(group=group, enabled=False)

    response = at.post("offer_edit", sent(group), pk=group.pk, offer=offer.pk)

    assert response["Location"] == f"{at.url('group', pk=group.pk)}#offers"
    offer.refresh_from_db()
    assert terms_of(offer) == Terms(enabled=True, limit=10)
    assert cover_of(offer) == Cover(pages=frozenset({page_of(group)}))
    page = at.client.get(response["Location"])
    assert told(page) == ["Offer updated"]
    title = group.account.pages.get().title
    sentence = (
        f"Each member can book all exclusive tickets on “{title}” for themselves only, "
        "10 tickets every month, counted by when the event takes place."
    )
    assert f"Offer 1 Enabled {sentence}" in words(page)
    assert f"What it means now {sentence} Enabled" in words(at.get("offer_edit", pk=group.pk, offer=offer.pk))


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"limited": None, "limit": "7", "period_count": "x"}, Terms(enabled=True)),
        ({"enabled": None}, Terms(limit=10)),
        ({"ongoing": None, "period_count": "0"}, Terms(enabled=True, limit=10, ongoing=False)),
        (
            {"period_count": "2", "period_unit": "week"},
            Terms(enabled=True, limit=10, period_count=2, period_unit="week"),
        ),
        (
            {"audience": "additional", "additional_attendees": "2", "limit": "1"},
            Terms(enabled=True, audience=Audience.ADDITIONAL, additional_attendees=2, limit=1),
        ),
        ({"audience": "personal", "additional_attendees": "-3"}, Terms(enabled=True, limit=10)),
    ],
)
def test_what_a_choice_leaves_out_of_sight_is_not_looked_at(
    group: Group, at: Desk, changes: dict[str, Any], terms: Terms
) -> None:
    offer = OfferFactory.create(group=group, enabled=False)

    response = at.post("offer_edit", sent(group, **changes), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, terms_of(offer)) == (302, terms)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"limit": "0"},
            "Enter 1 or more. For no limit, untick “Restrict number of uses”; to stop the offer, disable or delete it.",
        ),
        (
            {"limit": "-1"},
            "Enter 1 or more. For no limit, untick “Restrict number of uses”; to stop the offer, disable or delete it.",
        ),
        ({"limit": ""}, "Enter how many uses are allowed. For no limit, untick “Restrict number of uses”."),
        ({"limit": "ten"}, "Enter a whole number for “How many uses are allowed?”"),
        ({"limit": str(10**20)}, "Enter 1000000 or less for “How many uses are allowed?”"),
        (
            {"audience": "additional"},
            "Enter how many additional attendees a member may bring, 1 or more",
        ),
        (
            {"audience": "additional", "additional_attendees": "0"},
            "Enter 1 or more for “Maximum number of additional attendees for each event”",
        ),
        ({"audience": "everybody"}, "Choose one from the list for “Restrict who can use the offer”"),
        ({"period_count": ""}, "Enter how long a usage period is, in whole numbers from 1 to 1,000"),
        ({"period_count": "0"}, "Enter how long a usage period is, in whole numbers from 1 to 1,000"),
        ({"period_count": "40000"}, "Enter how long a usage period is, in whole numbers from 1 to 1,000"),
        ({"period_unit": "fortnight"}, "Choose days, weeks, months or years"),
        ({"period_unit": None}, "Choose days, weeks, months or years"),
        ({"scope": None}, "Choose one for “Exclusive tickets”"),
        ({"pages": []}, "Choose at least one schedule page"),
        ({"pages": ["0"]}, "Choose from the list for “On these schedule pages”"),
        ({"scope": "tickets"}, "Choose at least one ticket, or “All exclusive tickets”"),
        ({"scope": "tickets", "tickets": ["0"]}, "Choose from the list for “Tickets”"),
        ({"limit": "1\x00"}, "Enter a whole number for “How many uses are allowed?”"),
    ],
)
def test_bad_input_is_explained_and_kept(group: Group, at: Desk, changes: dict[str, Any], sentence: str) -> None:
    offer = OfferFactory.create(group=group, limit=3)
    before = (terms_of(offer), cover_of(offer))

    response = at.post("offer_edit", sent(group, **changes), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, (terms_of(offer), cover_of(offer))) == (422, before)
    assert words(response).count(sentence) == 2  # in the summary and at the field
    page = response.content.decode()
    assert "<title>Error: Edit offer" in page
    kept = changes.get("limit", "10")
    assert f'name="limit" value="{kept}"' in page or not kept


def test_selected_tickets_are_those_that_name_the_group(group: Group, at: Desk) -> None:
    account = group.account
    other_page = SchedulePageFactory.create(account=account, title="Kids")
    elsewhere = EntryFactory.create(page=other_page, title="Climbing")
    mine = TicketFactory.create(entry=elsewhere, group=group, name="Family place")
    others = TicketFactory.create(entry=elsewhere, group=GroupFactory.create(account=account), name="Not mine")
    TicketFactory.create(entry=elsewhere, name="Ordinary")
    TicketFactory.create(entry=elsewhere, group=group, name="Retired", retired_at=NOW)
    offer = OfferFactory.create(group=group)

    page = words(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    assert "Family place · Climbing (Kids) Member place · Yoga" in page
    assert [name in page for name in ("Not mine", "Ordinary", "Retired")] == [False, False, False]

    form = sent(group, scope="tickets", pages=None)
    assert at.post("offer_edit", form | {"tickets": [others.pk]}, pk=group.pk, offer=offer.pk).status_code == 422
    at.post("offer_edit", form | {"tickets": [mine.pk]}, pk=group.pk, offer=offer.pk)
    assert cover_of(offer) == Cover(tickets=frozenset({mine.pk}))
    assert "Each member can book “Family place” for themselves only" in words(at.get("group", pk=group.pk))


def test_another_studios_page_is_not_to_be_had(group: Group, at: Desk) -> None:
    offer = OfferFactory.create(group=group)

    response = at.post("offer_edit", sent(group, pages=[SchedulePageFactory.create().pk]), pk=group.pk, offer=offer.pk)

    assert (response.status_code, cover_of(offer)) == (422, Cover())


def test_without_exclusive_tickets_the_picker_points_to_the_schedule() -> None:
    group = GroupFactory.create()
    at = desk(group.account)
    offer = OfferFactory.create(group=group)

    page = words(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    assert "No exclusive ticket names this group yet." in page
    assert "It includes no ticket yet." in page

    response = at.post("offer_edit", {"audience": "personal", "scope": "tickets"}, pk=group.pk, offer=offer.pk)
    assert (response.status_code, "Choose at least one ticket" in words(response)) == (422, True)


# An offer that was used


def test_a_used_offer_is_locked_but_for_enabled(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3)

    response = at.get("offer_edit", pk=group.pk, offer=offer.pk)
    page = response.content.decode()
    assert "This offer has been used." in words(response)
    assert ('name="limit" value="3"' in page, page.count(" disabled")) == (True, 13)

    at.post("offer_edit", sent(group, enabled=None, limit="99", audience="additional"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert terms_of(offer) == Terms(enabled=False, limit=3)


def test_who_loses_to_a_booking_while_editing_changes_nothing(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3, days=())
    at.get("offer_edit", pk=group.pk, offer=offer.pk)
    use(offer, Customer.objects.get())

    response = at.post("offer_edit", sent(group, limit="99"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, offer.limit) == (302, 3)


# Replacing


def test_before_replacing_the_page_says_what_will_happen(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3)

    page = words(at.get("offer_replace", pk=group.pk, offer=offer.pk))

    assert "1 customer has used it. Their uses are carried over" in page
    assert "Who has then used more than the new offer allows keeps every booking" in page


def test_replacing_carries_the_uses_over_and_keeps_what_is_too_many(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3, days=(2, 3, 4))

    response = at.post("offer_replace", sent(group, limit="2"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    successor = Offer.objects.get(replaces=offer)
    assert (offer.deleted_at, offer.enabled, terms_of(successor)) == (NOW, False, Terms(enabled=True, limit=2))
    period = UsagePeriod.objects.get()
    assert (period.offer, period.used, period.ceiling) == (successor, 3, 3)
    assert (OfferUse.objects.filter(ended_at=None).count(), Seat.objects.filter(cancelled_at=None).count()) == (3, 3)
    assert told(at.client.get(response["Location"])) == ["Offer replaced. The uses so far were carried over."]
    assert "3 of 2 used 0 left" in words(at.get("group", pk=group.pk))


def test_replacing_twice_replaces_once(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3)
    at.post("offer_replace", sent(group, limit="2"), pk=group.pk, offer=offer.pk)

    response = at.post("offer_replace", sent(group, limit="2"), pk=group.pk, offer=offer.pk)

    successor = Offer.objects.get(replaces=offer)
    assert response["Location"] == at.url("offer_edit", pk=group.pk, offer=successor.pk)
    assert replace_offer(offer, Terms(limit=5), Cover(), now=NOW) == successor
    assert (Offer.objects.count(), terms_of(successor).limit) == (2, 2)


def test_a_refused_replacement_deletes_nothing(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3)

    response = at.post("offer_replace", sent(group, limit="0"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, offer.deleted_at, Offer.objects.count()) == (422, None, 1)


# Deleting


def test_deleting_keeps_the_bookings_and_the_link_is_gone(group: Group, at: Desk) -> None:
    offer = used_offer(group, limit=3)
    page = words(at.get("offer_delete", pk=group.pk, offer=offer.pk))
    assert "1 ticket was booked with it; that booking stands" in page
    assert "A new offer you create afterwards starts at zero uses. Replace it instead to carry the uses over." in page
    form = {"key": uuid4()}

    responses = [at.post("offer_delete", form, pk=group.pk, offer=offer.pk) for _ in range(2)]

    assert [response["Location"] for response in responses] == [f"{at.url('group', pk=group.pk)}#offers"] * 2
    offer.refresh_from_db()
    assert (offer.deleted_at, offer.enabled, Seat.objects.filter(cancelled_at=None).count()) == (NOW, False, 1)
    for name in ("offer_edit", "offer_replace", "offer_delete"):
        assert at.get(name, pk=group.pk, offer=offer.pk).status_code == 404
    assert at.post("offer_edit", sent(group), pk=group.pk, offer=offer.pk).status_code == 404


# Below Standard, and archived


def test_below_standard_an_offer_is_disabled_and_deleted_but_not_changed_or_enabled() -> None:
    group = GroupFactory.create(account=AccountFactory.create(plan=Plan.FREE))
    SchedulePageFactory.create(account=group.account)
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), limit=3)
    at = desk(group.account)

    assert "Groups need the Standard plan." in words(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    at.post("offer_edit", sent(group, enabled=None, limit="99"), pk=group.pk, offer=offer.pk)
    offer.refresh_from_db()
    assert terms_of(offer) == Terms(enabled=False, limit=3)

    for name in ("offer_edit", "offer_replace"):
        response = at.post(name, sent(group, limit="99"), pk=group.pk, offer=offer.pk)
        assert (response.status_code, "This needs the Standard plan" in words(response)) == (403, True)
    offer.refresh_from_db()
    assert (terms_of(offer), Offer.objects.count()) == (Terms(enabled=False, limit=3), 1)

    at.post("offer_delete", {"key": uuid4()}, pk=group.pk, offer=offer.pk)
    offer.refresh_from_db()
    assert offer.deleted_at == NOW


def test_the_offers_of_an_archived_group_rest(group: Group, at: Desk) -> None:
    offer = OfferFactory.create(group=group, limit=3)
    Group.objects.update(archived_at=NOW)

    page = words(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    at.post("offer_edit", sent(group, limit="99"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert ("Its offers rest." in page, offer.limit) == (True, 3)


# The sentence


def test_what_an_offer_covers_is_named_briefly(group: Group, at: Desk) -> None:
    account = group.account
    kids = SchedulePageFactory.create(account=account, title="Kids")
    entry = EntryFactory.create(page=kids)
    tickets = [TicketFactory.create(entry=entry, group=group, name=name) for name in "ABCDE"]
    offer = OfferFactory.create(group=group)
    form = sent(group, limited=None, audience="additional", additional_attendees="1")

    at.post("offer_edit", form | {"pages": [page_of(group), kids.pk]}, pk=group.pk, offer=offer.pk)
    title = account.pages.get(pk=page_of(group)).title
    assert (
        f"Each member can book all exclusive tickets on “{title}” and “Kids” for up to 2 people at each event "
        "(1 additional attendee), as often as they like."
    ) in words(at.get("group", pk=group.pk))

    at.post("offer_edit", form | {"scope": "tickets", "tickets": [t.pk for t in tickets]}, pk=group.pk, offer=offer.pk)
    assert "Each member can book “A”, “B”, “C” and 2 more for up to 2 people" in words(at.get("group", pk=group.pk))


def test_each_exclusive_ticket_says_which_offers_include_it(group: Group, at: Desk) -> None:
    kids = SchedulePageFactory.create(account=group.account, title="Kids")
    entry = EntryFactory.create(page=kids, title="Climbing")
    ticket = TicketFactory.create(entry=entry, group=group, name="Family place")
    TicketFactory.create(entry=entry, group=group, name="Uncovered")
    OfferFactory.create(group=group, page=group.account.pages.get(pk=page_of(group)))
    OfferFactory.create(group=group, ticket=ticket, enabled=False)

    page = words(at.get("group", pk=group.pk))

    assert "2 exclusive tickets are not included in an enabled offer" in page
    assert "Family place Climbing Kids Thu 17 Jan 2030, 12:00 Offer 2 (disabled)" in page
    assert "Uncovered Climbing Kids Thu 17 Jan 2030, 12:00 No offer" in page
    delete_offer(Offer.objects.earliest("pk"), now=NOW)
    assert "Member place Yoga" in words(at.get("group", pk=group.pk))
    assert "3 exclusive tickets are not included in an enabled offer" in words(at.get("group", pk=group.pk))
