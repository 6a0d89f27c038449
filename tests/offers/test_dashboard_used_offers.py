"""Offers that were used: locked, replaced, deleted, at rest; and what they are called."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Operation, Plan
from accounts.operations.running import run_operation
from groups.models import Group
from offers import carrying
from offers.models import Offer, OfferUse, UsagePeriod
from offers.services import OfferTerms, delete_offer, offer_terms
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    book_member_place,
    create_customer_with_login,
)
from tests.offers.dashboard import create_used_offer, offer_form, page_of
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Seat
from tickets.schedule.coverage import CoverageChoice, replace_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


# An offer that was used


def test_a_used_offer_is_locked_but_for_enabled(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)

    response = dashboard.get("offer_edit", pk=group.pk, offer=offer.pk)
    page = response.content.decode()
    assert says.OFFER_USED in page_text(response)
    assert ('name="limit" value="3"' in page, page.count(" disabled")) == (True, 11)

    dashboard.post(
        "offer_edit", offer_form(group, enabled=None, limit="99", audience="additional"), pk=group.pk, offer=offer.pk
    )

    offer.refresh_from_db()
    assert offer_terms(offer) == OfferTerms(enabled=False, limit=3)


def test_who_loses_to_a_booking_while_editing_changes_nothing(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3, days=())
    dashboard.get("offer_edit", pk=group.pk, offer=offer.pk)
    book_member_place(group, Customer.objects.get())

    response = dashboard.post("offer_edit", offer_form(group, limit="99"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, offer.limit) == (302, 3)


# Replacing


def test_before_replacing_the_page_says_what_will_happen(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)

    page = page_text(dashboard.get("offer_replace", pk=group.pk, offer=offer.pk))

    assert "1 customer has used it. Their uses are carried over" in page
    assert "Anyone who has used more than the new offer allows keeps their bookings" in page


@pytest.mark.parametrize("name", ["offer_replace", "offer_delete"])
def test_before_that_nobody_is_counted_beyond_a_thousand(name: str, group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)

    with CaptureQueriesContext(connection) as seen:
        dashboard.get(name, pk=group.pk, offer=offer.pk)

    counts = [each["sql"] for each in seen if "COUNT(" in each["sql"] and "offers_usageperiod" in each["sql"]]
    assert [each.count("LIMIT 1001") for each in counts] == [1]


def test_before_deleting_many_uses_are_told_as_many(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=None)
    line = OfferUse.objects.filter(period__offer=offer).earliest("pk")
    facts = {"account": offer.account, "period": line.period, "event_on": line.event_on, "created_at": NOW}
    OfferUse.objects.bulk_create(OfferUse(seat=uuid4(), **facts) for _ in range(1000))

    page = page_text(dashboard.get("offer_delete", pk=group.pk, offer=offer.pk))

    assert "1,000+ tickets have been booked with it." in page


def test_replacing_carries_the_uses_over_and_keeps_what_is_too_many(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3, days=(2, 3, 4))

    response = dashboard.post("offer_replace", offer_form(group, limit="2"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    successor = Offer.objects.get(replaces=offer)
    assert (offer.deleted_at, offer.enabled, offer_terms(successor)) == (NOW, False, OfferTerms(enabled=True, limit=2))
    period = UsagePeriod.objects.get()
    assert (period.offer, period.used, period.ceiling) == (successor, 3, 3)
    assert (OfferUse.objects.filter(ended_at=None).count(), Seat.objects.filter(cancelled_at=None).count()) == (3, 3)
    assert shown_messages(dashboard.client.get(response["Location"])) == [
        "Offer replaced. Uses so far have been carried over."
    ]
    assert "3 of 2 used 0 left" in page_text(dashboard.get("group", pk=group.pk))


def test_one_that_many_have_used_is_replaced_at_once_and_uses_follow_in_the_background(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MANY", 1)
    monkeypatch.setattr(carrying, "BATCH", 1)
    offer = create_used_offer(group, limit=3, days=(2, 3, 4))
    other = create_customer_with_login(group.account)
    add_member(group, other)
    book_member_place(group, other, days=5)
    address = {"pk": group.pk, "offer": offer.pk}

    responses = [dashboard.post("offer_replace", offer_form(group, limit="2"), **address) for _ in range(2)]

    operation = Operation.objects.get()
    assert {each["Location"] for each in responses} == {dashboard.url("operation", pk=operation.pk)}
    assert "Replace an offer" in page_text(dashboard.get("operation", pk=operation.pk))
    book_member_place(group, other, days=6)
    offer.refresh_from_db()
    successor = Offer.objects.get(replaces=offer)
    assert (offer.enabled, successor.carrying, Offer.objects.count()) == (False, True, 2)
    assert set(UsagePeriod.objects.values_list("offer", "used")) == {(offer.pk, 3), (successor.pk, 2)}

    for _ in range(2):  # the second time as after a crash
        Operation.objects.update(state="queued", ended_at=None, cursor=operation.cursor, due_at=NOW)
        run_operation(operation.pk)

    successor.refresh_from_db()
    assert (successor.carrying, offer_terms(successor), Offer.objects.count()) == (
        False,
        OfferTerms(enabled=True, limit=2),
        2,
    )
    found = UsagePeriod.objects.order_by("used").values_list("offer", "used", "ceiling")
    assert list(found) == [(successor.pk, 2, 2), (successor.pk, 3, 3)]
    assert OfferUse.objects.filter(ended_at=None, period__offer=successor).count() == 5
    assert Operation.objects.get().state == "done"
    over = dashboard.get("operation", pk=operation.pk)
    assert over.context["place_url"] == dashboard.url("group", pk=group.pk)
    assert "Open the group" in page_text(over)


def test_replacing_twice_replaces_once(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)
    dashboard.post("offer_replace", offer_form(group, limit="2"), pk=group.pk, offer=offer.pk)

    response = dashboard.post("offer_replace", offer_form(group, limit="2"), pk=group.pk, offer=offer.pk)

    successor = Offer.objects.get(replaces=offer)
    assert response["Location"] == dashboard.url("offer_edit", pk=group.pk, offer=successor.pk)
    assert replace_offer(offer, OfferTerms(limit=5), CoverageChoice(), now=NOW) == successor
    assert (Offer.objects.count(), offer_terms(successor).limit) == (2, 2)


def test_a_refused_replacement_deletes_nothing(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)

    response = dashboard.post("offer_replace", offer_form(group, limit="0"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, offer.deleted_at, Offer.objects.count()) == (422, None, 1)


# Deleting


def test_deleting_keeps_the_bookings_and_the_link_is_gone(group: Group, dashboard: Dashboard) -> None:
    offer = create_used_offer(group, limit=3)
    page = page_text(dashboard.get("offer_delete", pk=group.pk, offer=offer.pk))
    assert "1 ticket has been booked with it. That booking and its history are kept" in page
    assert (
        "If you create a new offer afterwards, its uses start from zero. Replace it instead to carry the uses over."
        in page
    )
    form = {"key": uuid4()}

    responses = [dashboard.post("offer_delete", form, pk=group.pk, offer=offer.pk) for _ in range(2)]

    assert [response["Location"] for response in responses] == [dashboard.url("group_offers", pk=group.pk)] * 2
    offer.refresh_from_db()
    assert (offer.deleted_at, offer.enabled, Seat.objects.filter(cancelled_at=None).count()) == (NOW, False, 1)
    for name in ("offer_edit", "offer_replace", "offer_delete"):
        assert dashboard.get(name, pk=group.pk, offer=offer.pk).status_code == 404
    assert dashboard.post("offer_edit", offer_form(group), pk=group.pk, offer=offer.pk).status_code == 404


# Below Standard, and archived


def test_below_standard_an_offer_is_disabled_and_deleted_but_not_changed_or_enabled() -> None:
    group = GroupFactory.create(account=AccountFactory.create(plan=Plan.FREE))
    SchedulePageFactory.create(account=group.account)
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), limit=3)
    at = open_dashboard(group.account)

    assert says.GROUPS_NEED_STANDARD in page_text(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    at.post("offer_edit", offer_form(group, enabled=None, limit="99"), pk=group.pk, offer=offer.pk)
    offer.refresh_from_db()
    assert offer_terms(offer) == OfferTerms(enabled=False, limit=3)

    for name in ("offer_edit", "offer_replace"):
        response = at.post(name, offer_form(group, limit="99"), pk=group.pk, offer=offer.pk)
        assert (response.status_code, says.NEEDS_STANDARD in page_text(response)) == (403, True)
    offer.refresh_from_db()
    assert (offer_terms(offer), Offer.objects.count()) == (OfferTerms(enabled=False, limit=3), 1)

    at.post("offer_delete", {"key": uuid4()}, pk=group.pk, offer=offer.pk)
    offer.refresh_from_db()
    assert offer.deleted_at == NOW


def test_the_offers_of_an_archived_group_rest(group: Group, dashboard: Dashboard) -> None:
    offer = OfferFactory.create(group=group, limit=3)
    Group.objects.update(archived_at=NOW)

    page = page_text(dashboard.get("offer_edit", pk=group.pk, offer=offer.pk))
    dashboard.post("offer_edit", offer_form(group, limit="99"), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert ("Nobody can use its offers" in page, offer.limit) == (True, 3)


# The sentence


def test_what_an_offer_covers_is_named_briefly(group: Group, dashboard: Dashboard) -> None:
    account = group.account
    kids = SchedulePageFactory.create(account=account, title="Kids")
    entry = EntryFactory.create(page=kids)
    tickets = [TicketFactory.create(entry=entry, group=group, name=name) for name in "ABCDE"]
    offer = OfferFactory.create(group=group)
    form = offer_form(group, limited=None, audience="additional", additional_attendees="1")

    dashboard.post("offer_edit", form | {"pages": [page_of(group), kids.pk]}, pk=group.pk, offer=offer.pk)
    title = account.pages.get(pk=page_of(group)).title
    assert (
        f"{says.ALL_ON_PAGE} “{title}” and “Kids” for up to 2 people at each event "
        "(1 additional attendee), as often as they like."
    ) in page_text(dashboard.get("group", pk=group.pk))

    dashboard.post(
        "offer_edit", form | {"scope": "tickets", "tickets": [t.pk for t in tickets]}, pk=group.pk, offer=offer.pk
    )
    assert "Each member can book “A”, “B”, “C” and 2 more for up to 2 people" in page_text(
        dashboard.get("group", pk=group.pk)
    )


def test_each_exclusive_ticket_says_which_offers_include_it(group: Group, dashboard: Dashboard) -> None:
    kids = SchedulePageFactory.create(account=group.account, title="Kids")
    entry = EntryFactory.create(page=kids, title="Climbing")
    ticket = TicketFactory.create(entry=entry, group=group, name="Family place")
    TicketFactory.create(entry=entry, group=group, name="Uncovered")
    OfferFactory.create(group=group, page=group.account.pages.get(pk=page_of(group)))
    OfferFactory.create(group=group, ticket=ticket, enabled=False)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert "2 exclusive tickets aren’t included in an enabled offer" in page
    assert "Family place Climbing Kids Thu 17 Jan 2030, 12:00 Offer 2 (disabled)" in page
    assert "Uncovered Climbing Kids Thu 17 Jan 2030, 12:00 No offer" in page
    delete_offer(Offer.objects.earliest("pk"), now=NOW)
    assert "Member place Yoga" in page_text(dashboard.get("group", pk=group.pk))
    assert "3 exclusive tickets aren’t included in an enabled offer" in page_text(dashboard.get("group", pk=group.pk))
