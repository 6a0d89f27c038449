"""Searching for customers where very many match: a part of the list at a time, nothing lost, few clicks."""

import re
from html import unescape

import pytest

from accounts.dashboard import query
from accounts.models import Account
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db

LISTS = ["customers", "check_access"]
NAMES = ["Abe Zoe", "Bea", "Cleo", "Dora", "Eve", "Fay Zoe", "Zoe", "Zoe Young"]


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MOST_LISTED", 1)
    monkeypatch.setattr(query, "SEARCHED", 3)


@pytest.fixture
def account() -> Account:
    account = AccountFactory.create()
    for name in reversed(NAMES):
        CustomerFactory.create(account=account, name=name)
        CustomerFactory.create(name=name)  # of another studio
    return account


def listed(page: str) -> list[str]:
    return re.findall(r"<bdi>([^<]*)</bdi></a></th>|/customers/\d+/\">([^<]*)</a>", page)


def names_on(page: str) -> list[str]:
    return [next(filter(None, found)) for found in listed(page)]


def way(page: str, words: str) -> str | None:
    found = re.search(rf'href="(\?[^"]*)"[^>]*>\s*(?:<[^>]*>\s*)*{words}', page)
    return unescape(found[1]) if found else None


def follow(dashboard: Dashboard, name: str, where: str) -> str:
    return str(dashboard.client.get(f"{dashboard.url(name)}{where}").content.decode())


@pytest.mark.parametrize("name", LISTS)
def test_searching_further_finds_all_in_their_order(name: str, account: Account) -> None:
    dashboard = open_dashboard(account)
    found, where, pages = [], "?q=zoe", 0

    while where:
        page = follow(dashboard, name, where)
        found += names_on(page)
        where, pages = way(page, "Search further") or "", pages + 1

    assert (found, pages) == (["Abe Zoe", "Fay Zoe", "Zoe", "Zoe Young"], 3)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("words", ["zoe", "ZOE"])
def test_one_click_leads_to_the_names_that_begin_with_it(name: str, words: str, account: Account) -> None:
    dashboard = open_dashboard(account)
    first = follow(dashboard, name, f"?q={words}")
    skip = way(first, "Skip to names that begin with this")

    assert names_on(first) == ["Abe Zoe"]
    assert skip
    there = follow(dashboard, name, skip)
    assert names_on(there) == ["Zoe", "Zoe Young"]
    assert way(there, "Skip to names") is None
    assert names_on(follow(dashboard, name, way(there, "Previous") or "")) == ["Fay Zoe"]


@pytest.mark.parametrize("name", LISTS)
def test_where_nothing_was_found_yet_the_same_ways_lead_on(name: str, account: Account) -> None:
    account.customers.filter(name="Abe Zoe").update(name="Abe")
    page = follow(open_dashboard(account), name, "?q=zoe")

    assert names_on(page) == []
    assert way(page, "Search further")
    assert way(page, "Skip to names that begin with this")


@pytest.mark.parametrize("name", LISTS)
def test_nobody_is_sent_where_they_were(name: str, account: Account) -> None:
    """Names that begin with the words are behind: the list goes on without a way to skip."""
    for each in ("Ab", "Aba"):
        CustomerFactory.create(account=account, name=each)
    dashboard = open_dashboard(account)
    page = follow(dashboard, name, way(follow(dashboard, name, "?q=ab"), "Search further") or "")

    assert way(page, "Skip to names") is None


def test_few_are_not_looked_for_in_the_list(account: Account) -> None:
    page = follow(open_dashboard(account), "customers", "?q=young")

    assert (names_on(page), way(page, "Search further")) == (["Zoe Young"], None)
