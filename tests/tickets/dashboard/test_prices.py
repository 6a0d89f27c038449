"""What tickets cost, as the operator says and sees it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, Role
from tests import dashboard_sentences as says
from tests.browsing import page_text
from tests.factories.schedule import GroupFactory, OfferFactory, TicketFactory
from tests.tickets.dashboard.test_sale import shown_values, ticket_form
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, Ticket, TicketCost
from tickets.schedule.catalogue import ticket_terms
from tickets.schedule.extending import extend_series


def priced_form(**changes: Any) -> dict[str, Any]:
    """The ticket's form with a price."""
    return ticket_form(cost="cost", price="12.50", **changes)


def set_currency(account: Account, currency: str, locale: str) -> None:
    account.currency, account.locale = currency, locale
    account.save(update_fields=["currency", "locale"])


@pytest.mark.parametrize(
    ("currency", "locale", "price", "minor"),
    [
        ("GBP", "en-gb", "12.50", 1250),
        ("EUR", "de-de", "12,50", 1250),
        ("JPY", "ja-jp", "1,200", 1200),
        ("KWD", "en-gb", "1.230", 1230),
    ],
)
def test_a_price_is_typed_as_people_there_write_it(
    currency: str, locale: str, price: str, minor: int, dashboard: Dashboard, entry: Entry
) -> None:
    set_currency(entry.account, currency, locale)

    dashboard.post("ticket_create", ticket_form(cost="cost", price=price), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert (ticket.cost, ticket.price) == (TicketCost.COST, minor)
    form = dashboard.get("ticket_edit", pk=entry.pk, ticket=ticket.pk).context["form"]
    assert form["price"].value() == price.replace(",", "" if currency == "JPY" else ",")


@pytest.mark.parametrize(
    ("currency", "price", "error"),
    [
        ("GBP", "", "Enter the price"),
        ("GBP", "0", "Enter more than 0, or choose “Free ticket” or “No cost” above"),
        ("GBP", "12,50", says.AMOUNT_LIKE),
        ("GBP", "1000000", says.MOST_THAT_STRIPE_TAKES),
        ("JPY", "1200.5", says.NO_SMALLER_UNIT),
        ("KWD", "1.234", says.STEPS_OF_TEN),
    ],
)
def test_a_price_that_cannot_be_charged_is_refused_and_kept(
    currency: str, price: str, error: str, dashboard: Dashboard, entry: Entry
) -> None:
    set_currency(entry.account, currency, "en-gb")
    form = ticket_form(cost="cost", price=price, shown="")

    response = dashboard.post("ticket_create", form, pk=entry.pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"price": [error]})
    assert shown_values(response, form) == form | {"shown": False}
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("cost", ["free", "none"])
def test_what_was_typed_beside_another_choice_is_not_looked_at(cost: str, dashboard: Dashboard, entry: Entry) -> None:
    dashboard.post("ticket_create", ticket_form(cost=cost, price="twelve"), pk=entry.pk)

    assert list(Ticket.objects.values_list("cost", "price")) == [(cost, 0)]


def test_whether_it_costs_anything_must_be_said(dashboard: Dashboard, entry: Entry) -> None:
    for cost, error in (("", "Choose one for “Cost”"), ("much", "Choose one from the list for “Cost”")):
        response = dashboard.post("ticket_create", ticket_form(cost=cost), pk=entry.pk)
        assert dict(response.context["form"].errors) == {"cost": [error]}


def test_members_may_have_a_price_of_their_own(dashboard: Dashboard, entry: Entry) -> None:
    group = GroupFactory.create(account=entry.account)

    dashboard.post("ticket_create", priced_form(exclusive="on", groups=[group.pk]), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert (ticket.exclusive, list(ticket.groups.all()), ticket.price) == (True, [group], 1250)


def test_a_price_changes_and_goes(dashboard: Dashboard, entry: Entry) -> None:
    ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1200)
    page = dashboard.get("ticket_edit", pk=entry.pk, ticket=ticket.pk)
    assert "Existing bookings keep their price." in page_text(page)
    assert "Existing bookings keep their price" not in page_text(dashboard.get("ticket_create", pk=entry.pk))

    dashboard.post("ticket_edit", priced_form(), pk=entry.pk, ticket=ticket.pk)
    assert ticket_terms(Ticket.objects.get()).price == 1250
    dashboard.post("ticket_edit", ticket_form(cost="none", price="12.50"), pk=entry.pk, ticket=ticket.pk)
    assert (ticket_terms(Ticket.objects.get()).cost, ticket_terms(Ticket.objects.get()).price) == (TicketCost.NONE, 0)


def test_without_stripe_it_says_that_nobody_can_pay(dashboard: Dashboard, entry: Entry) -> None:
    warning = "Nobody can book tickets that have a price."
    TicketFactory.create(entry=entry)
    assert warning not in page_text(dashboard.get("entry_tickets", pk=entry.pk))
    TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1200)

    page = dashboard.get("entry_tickets", pk=entry.pk)
    assert warning in page_text(page)
    assert page.content.decode().count(dashboard.url("payments")) == 1
    form = dashboard.get("ticket_create", pk=entry.pk)
    assert "Nobody can pay yet." in page_text(form)
    assert form.content.decode().count(dashboard.url("payments")) == 1
    manager = open_dashboard(entry.account, Role.SCHEDULE_MANAGER)
    assert "Ask an account owner to connect Stripe." in page_text(manager.get("ticket_create", pk=entry.pk))
    assert "Ask an account owner to connect it." in page_text(manager.get("entry_tickets", pk=entry.pk))


def test_the_lists_say_what_tickets_cost(dashboard: Dashboard, entry: Entry) -> None:
    TicketFactory.create(entry=entry, name="Paid", cost=TicketCost.COST, price=1250)
    assert "Vinyasa Hall · £12.50 0 / 10" in page_text(dashboard.get("schedule"))
    TicketFactory.create(entry=entry, name="Dear", cost=TicketCost.COST, price=2000)
    assert "Vinyasa Hall · £12.50 – £20.00 0 / 10" in page_text(dashboard.get("schedule"))
    TicketFactory.create(entry=entry, name="Gift", cost=TicketCost.FREE)
    TicketFactory.create(entry=entry, name="Silent", cost=TicketCost.NONE)

    page = page_text(dashboard.get("entry_tickets", pk=entry.pk))

    assert [
        f"{name} Everyone {cost} Until" in page
        for name, cost in [("Paid", "£12.50"), ("Dear", "£20.00"), ("Gift", "Free"), ("Silent", "No cost")]
    ] == [True] * 4
    assert "Vinyasa Hall · up to £20.00 0 / 10" in page_text(dashboard.get("schedule"))


def test_a_series_goes_on_at_the_same_price(dashboard: Dashboard, entry: Entry) -> None:
    ticket = TicketFactory.create(entry=entry, name="Paid", cost=TicketCost.COST, price=1250)

    [added] = extend_series(entry.series, until=(entry.starts_at + timedelta(weeks=1)).date())

    assert "Paid Everyone £12.50 Until the start" in page_text(dashboard.get("entry_tickets", pk=added.pk))
    assert list(added.series.tickets.all()) == [ticket]


def test_a_discount_opens_no_exclusive_ticket(dashboard: Dashboard, entry: Entry) -> None:
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page, kind="discount", percent=10)

    assert dashboard.get("entry_tickets", pk=entry.pk).context["uncovered"] == [(ticket, [group])]
