"""Choosing some of any number: the difference is saved, what is looked for is found, and nothing ticked is lost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookwhen.picker import MOST_CHANGED, SHOWN
from offers.models import Offer
from tests.browsing import page_text
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.offers.dashboard import offer_form
from tests.plans import reading
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Coverage, Ticket
from tickets.schedule.coverage import CoverageChoice, coverage_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


class Desk:
    """An offer of a group with many exclusive tickets, of which it covers the oldest."""

    def __init__(self, tickets: int, covered: int = 0) -> None:
        entry = EntryFactory.create(title="Yoga")
        self.group = GroupFactory.create(account=entry.account)
        series = entry.series_id
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH made AS (INSERT INTO tickets_ticket (name, description, exclusive, shown, cost, price,"
                " closes_minutes_before, position, created_at, account_id, series_id)"
                " SELECT 'Place ' || i, '', true, true, 'free', 0, 0, 1, now(), %s, %s FROM generate_series(1, %s) AS i"
                " RETURNING id) INSERT INTO tickets_ticket_groups (ticket_id, group_id) SELECT id, %s FROM made",
                [entry.account_id, series, tickets, self.group.pk],
            )
            self.offer: Offer = OfferFactory.create(group=self.group)
            cursor.execute(
                "INSERT INTO tickets_coverage (account_id, offer_id, ticket_id) SELECT account_id, %s, id"
                " FROM tickets_ticket WHERE series_id = %s ORDER BY id LIMIT %s",
                [self.offer.pk, series, covered],
            )
        self.tickets = list(Ticket.objects.filter(series=series).order_by("pk").values_list("pk", flat=True))
        self.at: Dashboard = open_dashboard(entry.account)

    def open(self) -> Any:
        return self.at.get("offer_edit", pk=self.group.pk, offer=self.offer.pk)

    def send(self, **changes: Any) -> Any:
        form = offer_form(self.group, scope="tickets", pages=None, **changes)
        return self.at.post("offer_edit", form, pk=self.group.pk, offer=self.offer.pk)

    def covered(self) -> set[int]:
        return set(Coverage.objects.filter(offer=self.offer).values_list("ticket", flat=True))


def fields(page: Any) -> dict[str, list[str]]:
    """What a browser would send of the picker that a page shows."""
    html = page.content.decode()
    inputs = re.findall(r"<input[^>]*>", html)
    found: dict[str, list[str]] = {"tickets": [], "tickets-shown": [], "tickets-was": []}
    for each in inputs:
        [name], [value] = re.findall(r' name="([^"]*)"', each) or [""], re.findall(r' value="([^"]*)"', each) or [""]
        if name in found and ("checkbox" not in each or " checked" in each):
            found[name].append(value)
    return found


def test_a_few_are_ticked_without_a_search() -> None:
    desk = Desk(SHOWN, covered=2)

    page = desk.open()

    assert ("tickets-look" in page.content.decode(), "Show more" in page_text(page)) == (False, False)
    assert sorted(fields(page)["tickets"]) == sorted(map(str, desk.tickets[:2]))


def test_only_the_difference_is_saved() -> None:
    desk = Desk(120, covered=60)
    sent = fields(desk.open())
    assert sent["tickets-shown"] == [str(pk) for pk in desk.tickets[: -SHOWN - 1 : -1]]

    # The newest is ticked, and of those that are shown the oldest two, of which one was covered, are not.
    desk.send(**{**sent, "tickets": [*sent["tickets"], str(desk.tickets[-1])]})
    assert desk.covered() == {*desk.tickets[:60], desk.tickets[-1]}
    desk.send(**{"tickets": [], "tickets-shown": [str(desk.tickets[-1]), str(desk.tickets[0]), str(desk.tickets[99])]})
    assert desk.covered() == set(desk.tickets[1:60])


def test_looking_saves_nothing_and_carries_what_was_ticked_along() -> None:
    desk = Desk(120, covered=1)
    first = fields(desk.open())
    newest, oldest = str(desk.tickets[-1]), str(desk.tickets[0])

    found = desk.send(**{**first, "tickets": [newest], "tickets-find": "Place 1", "tickets-look": "1", "limit": "x"})

    assert (found.status_code, desk.covered()) == (200, {desk.tickets[0]})
    assert "Something needs your attention" not in page_text(found)
    assert "Fill in what’s missing to see what this offer does." in page_text(found)
    assert 'name="limit" value="x"' in found.content.decode()
    shown = fields(found)
    assert shown["tickets"] == [newest, oldest]
    # The oldest is unticked here, and then another page is looked at.
    more = desk.send(**{**shown, "tickets": [newest], "tickets-find": "Place 11", "tickets-look": "1"})
    assert (fields(more)["tickets"], oldest in fields(more)["tickets-shown"]) == ([newest], True)
    assert desk.send(**{**fields(more), "tickets-find": "Place 11"}).status_code == 302
    assert desk.covered() == {desk.tickets[-1]}


def test_other_words_than_what_is_shown_are_looked_for_by_whichever_button() -> None:
    desk = Desk(60)

    page = desk.send(**{"tickets-was": ["0"], "tickets-find": "Place 7"})

    assert (page.status_code, desk.covered()) == (200, set())
    assert fields(page)["tickets-shown"] == [str(desk.tickets[6])]


def test_what_is_selected_can_be_looked_at_alone_and_page_by_page() -> None:
    desk = Desk(200, covered=SHOWN + 1)

    first = desk.send(**{"tickets-only": "1", "tickets-look": "1"})
    [turn] = re.findall(r'name="tickets-turn" value="([^"]*)"', first.content.decode())
    second = desk.send(**{**fields(first), "tickets-only": "1", "tickets-turn": turn})

    assert fields(first)["tickets"] == [str(pk) for pk in desk.tickets[SHOWN:0:-1]]
    assert fields(second)["tickets-shown"] == [str(desk.tickets[0])]


def test_the_title_of_an_entry_finds_its_tickets_too() -> None:
    desk = Desk(60)
    other = TicketFactory.create(entry=EntryFactory.create(page=desk.group.account.pages.get(), title="Climbing"))
    other.groups.add(desk.group)
    Ticket.objects.filter(pk=other.pk).update(exclusive=True)

    assert fields(desk.send(**{"tickets-find": "climb", "tickets-look": "1"}))["tickets-shown"] == [str(other.pk)]


@pytest.mark.parametrize("sent", ["x", "-1", "1" * 30, "٣", "\x00", "another studio's"])
@pytest.mark.parametrize("name", ["tickets", "tickets-shown", "tickets-turn", "tickets-find"])
def test_what_cannot_be_chosen_is_refused_or_passed_over(sent: str, name: str) -> None:
    desk = Desk(60, covered=2)
    if sent == "another studio's":
        sent = str(TicketFactory.create(entry=EntryFactory.create()).pk)

    response = desk.send(**{"tickets": [str(desk.tickets[0])], name: [sent]})

    is_id = sent.isascii() and sent.isdigit() and len(sent) < 19
    expected = {"tickets": 422, "tickets-shown": 302 if is_id else 422, "tickets-turn": 200, "tickets-find": 302}
    assert response.status_code == expected[name]
    assert desk.covered() == set(desk.tickets[:2])


def test_more_than_a_form_can_carry_is_refused_with_what_to_do() -> None:
    desk = Desk(MOST_CHANGED + 60)

    page = desk.send(tickets=desk.tickets[: MOST_CHANGED + 1])

    assert (page.status_code, desk.covered()) == (422, set())
    assert f"Select fewer at a time: you can change {MOST_CHANGED} before you save." in page_text(page)


def test_none_at_all_is_asked_for() -> None:
    desk = Desk(60, covered=1)

    page = desk.send(**{"tickets-shown": [str(desk.tickets[0])]})

    assert (page.status_code, desk.covered()) == (422, {desk.tickets[0]})
    assert "Choose at least one ticket, or “All exclusive tickets”" in page_text(page)


def test_all_on_pages_drops_the_tickets() -> None:
    desk = Desk(60, covered=60)

    desk.at.post("offer_edit", offer_form(desk.group), pk=desk.group.pk, offer=desk.offer.pk)

    page = desk.group.account.pages.get().pk
    assert coverage_of(desk.offer) == CoverageChoice(pages=frozenset({page}))


def test_a_replacement_takes_the_tickets_over_with_what_changes() -> None:
    desk = Desk(120, covered=100)
    form = offer_form(desk.group, scope="tickets", pages=None, tickets=[desk.tickets[110]])
    form["tickets-shown"] = [desk.tickets[0], desk.tickets[110]]

    desk.at.post("offer_replace", form, pk=desk.group.pk, offer=desk.offer.pk)

    successor = Offer.objects.get(replaces=desk.offer)
    assert coverage_of(successor).tickets == {*desk.tickets[1:100], desk.tickets[110]}
    assert coverage_of(desk.offer).tickets == set(desk.tickets[:100])


@pytest.mark.usefixtures("new_files")
@pytest.mark.parametrize("how", ["open", "send"])
def test_an_offer_over_thousands_of_tickets_takes_what_one_over_fifty_takes(how: str) -> None:
    asked = []
    for number in (2 * SHOWN + 10, 3_000):
        desk = Desk(number, covered=number)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_ticket, tickets_ticket_groups, tickets_coverage")
        desk.open()
        with reading() as read, CaptureQueriesContext(connection) as all_of_it:
            response = desk.open() if how == "open" else desk.send(**{"tickets-shown": [desk.tickets[0]]})
        assert response.status_code == (200 if how == "open" else 302)
        asked.append((len(all_of_it), sum(read.blocks)))

    (statements, blocks), (as_many, most) = asked
    assert as_many == statements
    # A table of a few blocks is read whole, a large one by its index: some blocks for each of the fifty that are shown.
    assert most < 1.3 * blocks + 4 * SHOWN, asked


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", ["100% yours"]),
        ("a_b", ["a_b"]),
        ("“it’s”", ["“It’s” a 'quoted' \\ name"]),
        ("'quoted' \\", ["“It’s” a 'quoted' \\ name"]),
        ("зоя", ["Зоя"]),
        ("%%%", []),
        ("___", []),
    ],
)
def test_what_is_typed_is_looked_for_as_it_is(words: str, found: list[str]) -> None:
    desk = Desk(60)
    names = ["100% yours", "1000 others", "a_b", "axb", "“It’s” a 'quoted' \\ name", "Зоя"]
    for pk, name in zip(desk.tickets, names, strict=False):
        Ticket.objects.filter(pk=pk).update(name=name)

    page = desk.send(**{"tickets-find": words, "tickets-look": "1"})

    listed = Ticket.objects.filter(pk__in=fields(page)["tickets-shown"]).values_list("name", flat=True)
    assert sorted(listed) == sorted(found)


@pytest.mark.usefixtures("new_files")
def test_a_rare_name_is_found_among_any_number_and_beside_any_other_studios() -> None:
    asked = []
    for number in (2 * SHOWN + 10, 6_000):
        Desk(number)
        desk = Desk(number)
        Ticket.objects.filter(pk=desk.tickets[7]).update(name="Zephyrine")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_ticket, tickets_ticket_groups, tickets_coverage")
            cursor.execute("SELECT gin_clean_pending_list('ticket_found')")
        with reading() as read:
            page = desk.send(**{"tickets-find": "zephyr", "tickets-look": "1"})
        assert fields(page)["tickets-shown"] == [str(desk.tickets[7])]
        asked.append((len(read.blocks), sum(read.blocks)))

    (statements, blocks), (as_many, most) = asked
    assert as_many == statements
    assert most < 1.3 * blocks + 100, asked
