"""Making, editing, replacing and deleting discount offers."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Plan
from bookwhen.picker import Option
from groups.models import Group
from offers.models import Audience, Offer, OfferKind, OfferUse, UsagePeriod
from offers.services import OfferTerms, offer_terms
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.offers.dashboard import discount_form, page_of
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import Seat
from tickets.schedule.coverage import CoverageChoice, coverage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(account=SchedulePageFactory.create(title="River Yoga").account)


@pytest.fixture
def dashboard(group: Group) -> Dashboard:
    return open_dashboard(group.account)


def create_discount(group: Group, **fields: Any) -> Offer:
    """A discount offer for everything on the account's page: ten percent unless said otherwise."""
    terms = {} if "amount_off" in fields else {"percent": 10}
    return OfferFactory.create(
        group=group, kind=OfferKind.DISCOUNT, page=group.account.pages.first(), **terms, **fields
    )


# Making one


def test_create_makes_a_disabled_discount_and_opens_edit_offer(group: Group, dashboard: Dashboard) -> None:
    page = dashboard.get("offer_new", pk=group.pk)
    assert [
        kind in page_text(page)
        for kind in (
            "Exclusive tickets Customers in this group can book exclusive tickets",
            "Discount Customers in this group get a percentage or an amount off tickets",
        )
    ] == [True] * 2
    [_tickets, discount] = keys = re.findall(r'name="key" value="([^"]+)"', page.content.decode())
    assert len(set(keys)) == 2

    form = {"key": discount, "kind": "discount"}
    first, second = (dashboard.post("offer_new", form, pk=group.pk) for _ in range(2))

    offer = Offer.objects.get()
    edit_url = dashboard.url("offer_edit", pk=group.pk, offer=offer.pk)
    assert first["Location"] == second["Location"] == f"{edit_url}?first=1"
    assert offer_terms(offer) == OfferTerms(kind=OfferKind.DISCOUNT, percent=10)
    assert coverage_of(offer) == CoverageChoice(pages=frozenset({page_of(group)}))
    shown = page_text(dashboard.get("offer_edit", pk=group.pk, offer=offer.pk))
    assert "Each member gets 10% off all tickets on “River Yoga”, for themselves only, as often" in shown


def test_a_kind_that_is_unknown_is_an_offer_of_exclusive_tickets(group: Group, dashboard: Dashboard) -> None:
    dashboard.post("offer_new", {"key": uuid4(), "kind": "gift"}, pk=group.pk)

    assert Offer.objects.get().kind == OfferKind.EXCLUSIVE


def test_below_standard_no_discount_is_made_or_enabled(group: Group, dashboard: Dashboard) -> None:
    group.account.plan = Plan.FREE
    group.account.save(update_fields=["plan"])
    offer = create_discount(group, enabled=False)

    assert dashboard.post("offer_new", {"kind": "discount"}, pk=group.pk).status_code == 403
    dashboard.post("offer_edit", discount_form(group), pk=group.pk, offer=offer.pk)

    assert list(Offer.objects.values_list("pk", "enabled")) == [(offer.pk, False)]


# Editing


@pytest.mark.parametrize(
    ("changes", "terms", "sentence"),
    [
        ({}, {"percent": 10}, "10% off all tickets on “River Yoga”, for themselves only, as often as they like."),
        (
            {"percent": "", "amount_off": "2.50", "audience": "additional", "additional_attendees": "2"},
            {"amount_off": 250, "audience": Audience.ADDITIONAL, "additional_attendees": 2},
            "£2.50 off all tickets on “River Yoga”, for up to 3 tickets at each event (2 additional attendees), as",
        ),
        (
            {"percent": "100", "limited": "on", "limit": "5"},
            {"percent": 100, "limit": 5},
            "100% off all tickets on “River Yoga”, for themselves only, 5 tickets a month, based on",
        ),
        (
            {"limited": "on", "limit": "1", "ongoing": None},
            {"percent": 10, "limit": 1, "ongoing": False},
            "10% off all tickets on “River Yoga”, for themselves only, 1 ticket in total.",
        ),
    ],
)
def test_a_discount_is_edited_and_said_back(
    changes: dict[str, Any], terms: dict[str, Any], sentence: str, group: Group, dashboard: Dashboard
) -> None:
    offer = create_discount(group, enabled=False)

    response = dashboard.post("offer_edit", discount_form(group, **changes), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert shown_messages(response) == ["Offer updated"]
    assert offer_terms(offer) == OfferTerms(kind=OfferKind.DISCOUNT, enabled=True, **terms)
    assert f"Offer 1 Discount Enabled Each member gets {sentence}" in page_text(dashboard.get("group", pk=group.pk))
    form = dashboard.get("offer_edit", pk=group.pk, offer=offer.pk).context["form"]
    kept = {"percent": terms.get("percent"), "amount_off": "2.50" if "amount_off" in terms else None}
    assert {name: form[name].value() for name in kept} == kept


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"amount_off": "2"}, "amount_off", "Enter a percentage or an amount, not both"),
        ({"percent": ""}, "percent", "Enter a percentage from 1 to 100, or an amount below"),
        ({"percent": "0"}, "percent", "Enter 1 or more for “Percent off”"),
        ({"percent": "101"}, "percent", "Enter 100 or less for “Percent off”"),
        ({"percent": "7.5"}, "percent", "Enter a whole number for “Percent off”"),
        ({"percent": "", "amount_off": "0"}, "amount_off", "Enter more than 0"),
        ({"percent": "", "amount_off": "a lot"}, "amount_off", says.AMOUNT_LIKE),
        ({"scope": "tickets"}, "tickets", "Choose at least one ticket, or “All tickets”"),
        ({"scope": None}, "scope", "Choose one for “Tickets”"),
    ],
)
def test_bad_input_is_explained_and_kept(
    changes: dict[str, Any], field: str, sentence: str, group: Group, dashboard: Dashboard
) -> None:
    offer = create_discount(group)
    before = (offer_terms(offer), coverage_of(offer))
    form = discount_form(group, **changes)

    response = dashboard.post("offer_edit", form, pk=group.pk, offer=offer.pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {field: [sentence]})
    shown = response.context["form"]
    assert {name: shown[name].value() for name in ("percent", "amount_off")} == {
        name: form[name] for name in ("percent", "amount_off")
    }
    offer.refresh_from_db()
    assert (offer_terms(offer), coverage_of(offer)) == before


@pytest.mark.parametrize(("currency", "typed", "minor"), [("JPY", "500", 500), ("KWD", "1.250", 1250)])
def test_an_amount_off_is_in_the_accounts_currency(
    currency: str, typed: str, minor: int, group: Group, dashboard: Dashboard
) -> None:
    group.account.currency = currency
    group.account.save(update_fields=["currency"])
    offer = create_discount(group)

    dashboard.post("offer_edit", discount_form(group, percent="", amount_off=typed), pk=group.pk, offer=offer.pk)

    offer.refresh_from_db()
    assert (offer.percent, offer.amount_off) == (None, minor)


def test_any_ticket_on_sale_can_be_selected(group: Group, dashboard: Dashboard) -> None:
    kids = SchedulePageFactory.create(account=group.account, title="Kids")
    entry = EntryFactory.create(page=kids, title="Climbing")
    ordinary = TicketFactory.create(entry=entry, name="Ordinary")
    others = TicketFactory.create(entry=entry, group=GroupFactory.create(account=group.account), name="Others’ place")
    TicketFactory.create(entry=entry, name="Retired", retired_at=NOW)
    TicketFactory.create(entry=EntryFactory.create(), name="Elsewhere")
    offer = create_discount(group)

    form = dashboard.get("offer_edit", pk=group.pk, offer=offer.pk).context["form"]
    picker = form.fields["tickets"].widget.get_context("tickets", None, {})["widget"]
    assert picker["shown"].options[:2] == [
        Option(others.pk, "Others’ place · Climbing (Kids)", ticked=False),
        Option(ordinary.pk, "Ordinary · Climbing (Kids)", ticked=False),
    ]
    form = discount_form(group, scope="tickets", pages=None, tickets=[ordinary.pk, others.pk])
    dashboard.post("offer_edit", form, pk=group.pk, offer=offer.pk)

    assert coverage_of(offer) == CoverageChoice(tickets=frozenset({ordinary.pk, others.pk}))
    page = page_text(dashboard.get("group", pk=group.pk))
    assert "Each member gets 10% off “Ordinary” and “Others’ place”, for themselves only" in page


def test_one_that_covers_nothing_says_so(group: Group, dashboard: Dashboard) -> None:
    offer = OfferFactory.create(group=group, kind=OfferKind.DISCOUNT, percent=10)

    assert says.COVERS_NOTHING in page_text(dashboard.get("group", pk=group.pk))
    assert "You have no tickets yet." in page_text(dashboard.get("offer_edit", pk=group.pk, offer=offer.pk))


def test_a_discount_opens_no_exclusive_ticket(group: Group, dashboard: Dashboard) -> None:
    TicketFactory.create(entry=EntryFactory.create(page=group.account.pages.get()), group=group, name="Member place")
    create_discount(group)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert "1 exclusive ticket isn’t included in an enabled offer" in page
    assert page.count("No offer") == 1
    assert "A discount doesn’t give access to exclusive tickets." in page
    assert "If you have two offers" not in page
    assert "1 ticket without an offer" in page_text(dashboard.get("groups"))


@pytest.mark.parametrize("offers", [1, 3])
def test_the_number_of_queries_is_fixed(
    offers: int, group: Group, dashboard: Dashboard, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entry = EntryFactory.create(page=group.account.pages.get())
    for number in range(offers):
        ticket = TicketFactory.create(entry=entry, name=f"Ticket {number}")
        OfferFactory.create(group=group, kind=OfferKind.DISCOUNT, amount_off=100, ticket=ticket)
    dashboard.get("group", pk=group.pk)

    with django_assert_num_queries(12):
        page = dashboard.get("group", pk=group.pk)

    assert page_text(page).count("£1.00 off “Ticket") == offers


# One that was used


@pytest.fixture
def used(till: Till) -> Offer:
    """Ten percent off for three places an event, which a basket with two tickets of 10.00 uses."""
    offer = till.discount(additional_attendees=2)
    customer = till.member(offer.group)
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    till.fill(entry, ticket, ticket, customer=customer, own=True)
    return offer


def test_a_used_one_is_locked_and_can_be_disabled(used: Offer) -> None:
    at, before = open_dashboard(used.account), offer_terms(used)
    page = page_text(at.get("offer_edit", pk=used.group_id, offer=used.pk))
    assert says.OFFER_USED in page

    at.post("offer_edit", discount_form(used.group, enabled=None, percent="50"), pk=used.group_id, offer=used.pk)

    used.refresh_from_db()
    assert offer_terms(used) == replace(before, enabled=False)


def test_replace_carries_uses_over_and_counts_places_at_an_event_on(used: Offer, till: Till) -> None:
    at = open_dashboard(used.account)
    form = discount_form(used.group, percent="", amount_off="5", audience="additional", additional_attendees="2")

    for _ in range(2):
        at.post("offer_replace", form, pk=used.group_id, offer=used.pk)

    successor = Offer.objects.get(replaces=used)
    assert (successor.kind, successor.percent, successor.amount_off) == (OfferKind.DISCOUNT, None, 500)
    assert list(UsagePeriod.objects.values_list("offer", "used")) == [(successor.pk, 2)]
    assert list(Seat.objects.values_list("discount", "amount")) == [(used.pk, 900)] * 2

    first = Seat.objects.earliest("pk")
    more = till.fill(first.entry, *[first.ticket] * 2, customer=first.customer)
    assert list(more.seats.order_by("pk").values_list("discount", "amount")) == [(successor.pk, 500), (None, 1000)]
    assert till.refresh(first.booking).total == 1000
    assert OfferUse.objects.filter(ended_at=None, period__offer=successor).count() == 3
    assert check_books(now=timezone.now()) == []


def test_a_deleted_one_keeps_its_history(used: Offer) -> None:
    at = open_dashboard(used.account)
    page = page_text(at.get("offer_delete", pk=used.group_id, offer=used.pk))
    assert "2 tickets have been booked with it" in page

    at.post("offer_delete", {"key": "1"}, pk=used.group_id, offer=used.pk)

    used.refresh_from_db()
    assert (used.enabled, used.deleted_at is not None, UsagePeriod.objects.get().used) == (False, True, 2)
