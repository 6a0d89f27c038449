"""What *Tickets & Costs* says of the tickets of an entry: when they are on sale, and who cannot book them."""

import re

import pytest

from tests.browsing import page_text
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, TicketFactory
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry


@pytest.mark.parametrize(
    ("opens", "closes", "in_words"),
    [
        (None, 0, "Until the start"),
        (7 * 24 * 60, 120, "From 7 days to 2 hours before the start"),
        (60, 0, "From 1 hour before the start"),
        (None, 45, "Until 45 minutes before the start"),
    ],
)
def test_when_a_ticket_is_on_sale_in_words(
    opens: int | None, closes: int, in_words: str, dashboard: Dashboard, entry: Entry
) -> None:
    TicketFactory.create(entry=entry, name="A", opens_minutes_before=opens, closes_minutes_before=closes)

    assert f"A Everyone Free {in_words} 0" in page_text(dashboard.get("entry_tickets", pk=entry.pk))


def test_without_tickets_the_first_is_asked_for(dashboard: Dashboard, entry: Entry) -> None:
    assert "Add the first ticket" in page_text(dashboard.get("entry_tickets", pk=entry.pk))


def test_groups_without_an_offer_that_covers_the_ticket_are_named(dashboard: Dashboard, entry: Entry) -> None:
    gold, silver = (GroupFactory.create(account=entry.account, name=name) for name in ("Gold", "Silver"))
    ticket = TicketFactory.create(entry=entry, name="Members", exclusive=True)
    ticket.groups.set([gold, silver])
    OfferFactory.create(group=gold, page=entry.page)

    page = dashboard.get("entry_tickets", pk=entry.pk)

    assert (
        "Members: some customers it’s for can’t book it. These groups have no enabled offer that includes it."
        in page_text(page)
    )
    assert page.context["uncovered"] == [(ticket, [silver])]
    silvers = [link for link in re.findall(r'href="([^"]*)"', page.content.decode()) if f"/groups/{silver.pk}/" in link]
    assert silvers == [
        dashboard.url("group", pk=silver.pk),
        f"{dashboard.url('offer_new', pk=silver.pk)}?ticket={ticket.pk}",
    ]
    OfferFactory.create(group=silver, ticket=ticket)
    assert dashboard.get("entry_tickets", pk=entry.pk).context["uncovered"] == []


def test_a_ticket_whose_groups_are_all_archived_says_so(dashboard: Dashboard, entry: Entry) -> None:
    TicketFactory.create(entry=entry, group=GroupFactory.create(account=entry.account, archived_at=NOW))

    page = page_text(dashboard.get("entry_tickets", pk=entry.pk))

    assert "All its customer groups are archived, so nobody can book it." in page
