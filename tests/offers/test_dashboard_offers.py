"""Making, editing, replacing and deleting a group's offers."""

from typing import Any
from uuid import uuid4

import pytest

from groups.models import Group
from offers.models import Audience, Offer
from offers.services import OfferTerms, offer_terms
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
)
from tests.offers.dashboard import offer_form, page_of
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.schedule.coverage import CoverageChoice, coverage_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


# Adding


def test_create_makes_a_disabled_offer_and_opens_edit_offer(group: Group, dashboard: Dashboard) -> None:
    response = dashboard.post("offer_new", {"key": uuid4()}, pk=group.pk)

    offer = Offer.objects.get()
    assert response["Location"] == f"{dashboard.url('offer_edit', pk=group.pk, offer=offer.pk)}?first=1"
    assert (offer_terms(offer), coverage_of(offer)) == (OfferTerms(), CoverageChoice(pages=frozenset({page_of(group)})))
    page = dashboard.client.get(response["Location"])
    assert (page.status_code, "Edit offer" in page_text(page), shown_messages(page)) == (200, True, ["Offer created"])


def test_create_sent_twice_makes_one_offer(group: Group, dashboard: Dashboard) -> None:
    form = {"key": uuid4()}

    first, second = dashboard.post("offer_new", form, pk=group.pk), dashboard.post("offer_new", form, pk=group.pk)

    assert (Offer.objects.count(), first["Location"]) == (1, second["Location"])


# Editing


def test_an_offer_is_edited_and_said_back(group: Group, dashboard: Dashboard) -> None:
    offer = OfferFactory.create(group=group, enabled=False)

    response = dashboard.post("offer_edit", offer_form(group), pk=group.pk, offer=offer.pk)

    assert response["Location"] == dashboard.url("group_offers", pk=group.pk)
    offer.refresh_from_db()
    assert offer_terms(offer) == OfferTerms(enabled=True, limit=10)
    assert coverage_of(offer) == CoverageChoice(pages=frozenset({page_of(group)}))
    page = dashboard.client.get(response["Location"])
    assert shown_messages(page) == ["Offer updated"]
    title = group.account.pages.get().title
    sentence = f"{says.ALL_ON_PAGE} “{title}” for themselves only, 10 tickets a month, based on the event date."
    assert f"Offer 1 Enabled {sentence}" in page_text(page)
    assert f"What this offer does {sentence} Enabled" in page_text(
        dashboard.get("offer_edit", pk=group.pk, offer=offer.pk)
    )


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"limited": None, "limit": "7", "period_count": "x"}, OfferTerms(enabled=True)),
        ({"enabled": None}, OfferTerms(limit=10)),
        ({"ongoing": None, "period_count": "0"}, OfferTerms(enabled=True, limit=10, ongoing=False)),
        (
            {"period_count": "2", "period_unit": "week"},
            OfferTerms(enabled=True, limit=10, period_count=2, period_unit="week"),
        ),
        (
            {"audience": "additional", "additional_attendees": "2", "limit": "1"},
            OfferTerms(enabled=True, audience=Audience.ADDITIONAL, additional_attendees=2, limit=1),
        ),
        ({"audience": "personal", "additional_attendees": "-3"}, OfferTerms(enabled=True, limit=10)),
    ],
)
def test_what_a_choice_leaves_out_of_sight_is_not_looked_at(
    group: Group, dashboard: Dashboard, changes: dict[str, Any], terms: OfferTerms
) -> None:
    offer = OfferFactory.create(group=group, enabled=False)

    response = dashboard.post("offer_edit", offer_form(group, **changes), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, offer_terms(offer)) == (302, terms)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"limit": "0"},
            says.NO_ZERO_USES,
        ),
        (
            {"limit": "-1"},
            says.NO_ZERO_USES,
        ),
        ({"limit": ""}, "Enter how many uses are allowed. For no limit, untick “Restrict number of uses”."),
        ({"limit": "ten"}, "Enter a whole number for “How many uses are allowed?”"),
        ({"limit": str(10**20)}, "Enter 1000000 or less for “How many uses are allowed?”"),
        (
            {"audience": "additional"},
            "Enter how many additional attendees a member can bring, 1 or more",
        ),
        (
            {"audience": "additional", "additional_attendees": "0"},
            "Enter 1 or more for “Maximum number of additional attendees for each event”",
        ),
        ({"audience": "everybody"}, "Choose one from the list for “Restrict who can use the offer”"),
        ({"period_count": ""}, says.USAGE_PERIOD_LENGTH),
        ({"period_count": "0"}, says.USAGE_PERIOD_LENGTH),
        ({"period_count": "40000"}, says.USAGE_PERIOD_LENGTH),
        ({"period_unit": "fortnight"}, says.PERIOD_UNIT),
        ({"period_unit": None}, says.PERIOD_UNIT),
        ({"scope": None}, "Choose one for “Exclusive tickets”"),
        ({"pages": []}, "Choose at least one schedule page"),
        ({"pages": ["0"]}, "Choose from the list for “On these schedule pages”"),
        ({"scope": "tickets"}, "Choose at least one ticket, or “All exclusive tickets”"),
        ({"scope": "tickets", "tickets": ["0"]}, "Choose from the list for “Tickets”"),
        ({"limit": "1\x00"}, "Enter a whole number for “How many uses are allowed?”"),
    ],
)
def test_bad_input_is_explained_and_kept(
    group: Group, dashboard: Dashboard, changes: dict[str, Any], sentence: str
) -> None:
    offer = OfferFactory.create(group=group, limit=3)
    before = (offer_terms(offer), coverage_of(offer))

    response = dashboard.post("offer_edit", offer_form(group, **changes), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (response.status_code, (offer_terms(offer), coverage_of(offer))) == (422, before)
    assert page_text(response).count(sentence) == 2  # in the summary and at the field
    page = response.content.decode()
    assert "<title>Error: Edit offer" in page
    kept = changes.get("limit", "10")
    assert f'name="limit" value="{kept}"' in page or not kept


def test_selected_tickets_are_those_that_name_the_group(group: Group, dashboard: Dashboard) -> None:
    account = group.account
    other_page = SchedulePageFactory.create(account=account, title="Kids")
    elsewhere = EntryFactory.create(page=other_page, title="Climbing")
    mine = TicketFactory.create(entry=elsewhere, group=group, name="Family place")
    others = TicketFactory.create(entry=elsewhere, group=GroupFactory.create(account=account), name="Not mine")
    TicketFactory.create(entry=elsewhere, name="Ordinary")
    TicketFactory.create(entry=elsewhere, group=group, name="Retired", retired_at=NOW)
    offer = OfferFactory.create(group=group)

    page = page_text(dashboard.get("offer_edit", pk=group.pk, offer=offer.pk))
    assert "Family place · Climbing (Kids) Member place · Yoga" in page
    assert [name in page for name in ("Not mine", "Ordinary", "Retired")] == [False, False, False]

    form = offer_form(group, scope="tickets", pages=None)
    assert dashboard.post("offer_edit", form | {"tickets": [others.pk]}, pk=group.pk, offer=offer.pk).status_code == 422
    dashboard.post("offer_edit", form | {"tickets": [mine.pk]}, pk=group.pk, offer=offer.pk)
    assert coverage_of(offer) == CoverageChoice(tickets=frozenset({mine.pk}))
    assert "Each member can book “Family place” for themselves only" in page_text(dashboard.get("group", pk=group.pk))


def test_another_studios_page_is_not_to_be_had(group: Group, dashboard: Dashboard) -> None:
    offer = OfferFactory.create(group=group)

    response = dashboard.post(
        "offer_edit", offer_form(group, pages=[SchedulePageFactory.create().pk]), pk=group.pk, offer=offer.pk
    )

    assert (response.status_code, coverage_of(offer)) == (422, CoverageChoice())


def test_without_exclusive_tickets_the_picker_points_to_the_schedule() -> None:
    group = GroupFactory.create()
    at = open_dashboard(group.account)
    offer = OfferFactory.create(group=group)

    page = page_text(at.get("offer_edit", pk=group.pk, offer=offer.pk))
    assert "This group has no exclusive tickets yet." in page
    assert says.COVERS_NOTHING in page

    response = at.post("offer_edit", {"audience": "personal", "scope": "tickets"}, pk=group.pk, offer=offer.pk)
    assert (response.status_code, "Choose at least one ticket" in page_text(response)) == (422, True)
