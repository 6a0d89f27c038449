"""Pages of what no index has alone: looked for in a part of the list at a time."""

from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template
from django_cotton.compiler_regex import CottonCompiler
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Account, Customer
from bookwhen import keyset
from bookwhen.keyset import KeysetPage, keyset_page
from tests.factories.accounts import AccountFactory

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db

MANY = 50
"""More pages than any of these lists has."""


def add(account: Account, names: list[bool]) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """Customers, of whom some are looked for; those, and all of them."""
    Customer.objects.bulk_create(
        Customer(account=account, email=f"{number}@example.com", name="wanted" if wanted else "other")
        for number, wanted in enumerate(names)
    )
    return Customer.objects.filter(account=account, name="wanted"), Customer.objects.filter(account=account)


class PropertiesTest(TestCase):
    @given(
        names=st.lists(st.booleans(), max_size=20),
        size=st.integers(1, 4),
        reach=st.integers(1, 6),
        order=st.sampled_from(["pk", "-pk"]),
    )
    def test_the_pages_together_are_the_list_both_ways(
        self, names: list[bool], size: int, reach: int, order: str
    ) -> None:
        found, among = add(AccountFactory.create(), names)
        plain = [row.pk for row in found.order_by(order)]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keyset, "REACH", reach)
            pages = [page := keyset_page(found, (order,), {}, size=size, among=among)]
            while page.next and len(pages) < MANY:
                page = keyset_page(found, (order,), {"after": page.next}, size=size, among=among)
                pages.append(page)
            assert [row.pk for each in pages for row in each] == plain
            assert all(len(each) <= size for each in pages)

            page = next((each for each in reversed(pages) if each.rows), page)
            seen = {row.pk for row in page}
            steps = 0
            while page.previous and steps < MANY:
                page = keyset_page(found, (order,), {"before": page.previous}, size=size, among=among)
                seen |= {row.pk for row in page}
                steps += 1
            assert not page.previous
            assert seen == set(plain)


def test_a_page_that_was_cut_short_says_so_and_leads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "REACH", 3)
    found, among = add(AccountFactory.create(), [False, False, False, True])

    first = keyset_page(found, ("pk",), {"q": "wanted"}, among=among)
    second = keyset_page(found, ("pk",), {"after": first.next}, among=among)

    assert (list(first), first.is_cut) == ([], True)
    assert ([row.name for row in second], second.is_cut, second.next) == (["wanted"], False, "")
    assert "Nothing found so far." in draw('<c-no-results clear="/" :of="page" />', first)
    assert f'href="{first.next_link.replace("&", "&amp;")}"' in draw('<c-no-results clear="/" :of="page" />', first)
    assert "Nothing matches this filter." in draw('<c-no-results clear="/" :of="page" />', second)


def test_what_was_found_of_a_part_is_shown_with_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "REACH", 2)
    found, among = add(AccountFactory.create(), [True, False, False])

    page = keyset_page(found, ("pk",), {}, among=among)

    assert ([row.name for row in page], page.is_cut) == (["wanted"], True)
    drawn = draw('<c-keyset :of="page" />', page)
    assert "Search further" in drawn
    assert "Next" not in drawn


def test_the_end_of_the_list_is_no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "REACH", 2)
    found, among = add(AccountFactory.create(), [True, False])

    page = keyset_page(found, ("pk",), {}, among=among)

    assert (page.is_cut, page.next) == (False, "")


def draw(source: str, page: "KeysetPage[Customer]") -> str:
    return Template(CottonCompiler().process(source)).render(Context({"page": page})).strip()
