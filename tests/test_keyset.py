"""Pages by keyset, against the plain list: whatever is alike, gone meanwhile or made up."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models.functions import Lower
from django.http import QueryDict
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django_cotton.compiler_regex import CottonCompiler
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Account, Customer
from bookwhen.keyset import LONGEST, KeysetPage, keyset_page
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.plans import reading, run

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db

UPWARDS = ("key", "created_at", "pk")
NEWEST = ("-created_at", "-pk")


def customers_of(account: Account) -> "QuerySet[Customer]":
    return Customer.objects.filter(account=account).annotate(key=Lower("name"))


def add_customers(account: Account, *said: tuple[str, datetime]) -> list[Customer]:
    made = Customer.objects.bulk_create(
        Customer(account=account, email=f"{number}@example.com", name=name) for number, (name, _at) in enumerate(said)
    )
    for customer, (_name, at) in zip(made, said, strict=True):
        Customer.objects.filter(pk=customer.pk).update(created_at=at)
    return made


def walk(found: "QuerySet[Customer]", order: Sequence[str], size: int) -> list[list[int]]:
    """The rows of every page, by following *Next*."""
    pages, page = list[list[int]](), keyset_page(found, order, {}, size=size)
    pages.append([row.pk for row in page])
    while page.next:
        page = keyset_page(found, order, {"after": page.next}, size=size)
        pages.append([row.pk for row in page])
    return pages


def position_of(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def draw(page: "KeysetPage[Customer]") -> str:
    source = CottonCompiler().process('<c-keyset :of="page" />')
    return Template(source).render(Context({"page": page})).strip()


names = st.sampled_from(["", "ada", "Ada", "ADA", "bea", "Ünal", "\U0001f600" * 200, "a,b", 'a"b'])
instants = st.sampled_from(
    [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(microseconds=999), NOW.replace(year=1999)]
)


class PropertiesTest(TestCase):
    @given(
        said=st.lists(st.tuples(names, instants), max_size=12),
        size=st.integers(1, 5),
        order=st.sampled_from([UPWARDS, NEWEST, ("pk",), ("-key", "-pk")]),
    )
    def test_the_pages_are_the_list_cut_up_both_ways(
        self, said: list[tuple[str, datetime]], size: int, order: Sequence[str]
    ) -> None:
        account = AccountFactory.create()
        add_customers(account, *said)
        found = customers_of(account)
        plain = [row.pk for row in found.order_by(*order)]
        cut = [plain[start : start + size] for start in range(0, len(plain), size)] or [[]]
        assert walk(found, order, size) == cut
        back, page = [list[int]()], keyset_page(found, order, {}, size=size)
        while page.next:
            page = keyset_page(found, order, {"after": page.next}, size=size)
        back = [[row.pk for row in page]]
        while page.previous:
            page = keyset_page(found, order, {"before": page.previous}, size=size)
            back.append([row.pk for row in page])
        assert back == cut[::-1]

    @given(
        position=st.one_of(
            st.text(max_size=20),
            st.binary(max_size=30).map(lambda said: urlsafe_b64encode(said).decode()),
            st.recursive(
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats()
                | st.text()
                | st.just("0001-01-01T00:00:00+23:00"),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
            ).map(position_of),
            st.tuples(
                st.text() | st.integers(),
                st.datetimes().map(str) | st.sampled_from(["2026-02-30", "2026-01-01", "9999-12-31T23:59:59-23:59"]),
                st.integers() | st.floats() | st.text(),
            ).map(lambda said: position_of(*said)),
        ),
        way=st.sampled_from(["after", "before"]),
    )
    def test_a_position_that_is_made_up_shows_some_page(self, position: str, way: str) -> None:
        account = AccountFactory.create()
        add_customers(account, *[(name, NOW) for name in "abc"])
        page = keyset_page(customers_of(account), UPWARDS, {way: position}, size=2)
        assert 1 <= len(page) <= 2


@pytest.mark.parametrize(
    "position",
    [
        "",
        "x",
        "%",
        "é",
        "A" * (LONGEST + 1),
        position_of(),
        position_of("a"),
        position_of("a", None),
        position_of("2026-01-01T00:00:00", 1),
        position_of("2026-01-01", 1),
        position_of("2026-01-01T00:00:00+00:00", "x"),
        position_of("2026-01-01T00:00:00+00:00", float("nan")),
        position_of({}, []),
        urlsafe_b64encode(b"{}").decode(),
        urlsafe_b64encode(b"[" * 1400).decode(),
    ],
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_position_that_is_none_shows_the_first_page_in_one_statement(position: str, way: str) -> None:
    account = AccountFactory.create()
    add_customers(account, *[(name, NOW) for name in "abc"])
    with CaptureQueriesContext(connection) as asked:
        page = keyset_page(customers_of(account), NEWEST, {way: position}, size=2)
    assert ([row.name for row in page], page.previous, bool(page.next), len(asked)) == (["c", "b"], "", True, 1)


@pytest.mark.parametrize("unstorable", ["\x00", "a\x00b", "\ud800"])
def test_what_no_database_can_keep_is_no_position(unstorable: str) -> None:
    account = AccountFactory.create()
    add_customers(account, ("a", NOW))
    assert len(keyset_page(customers_of(account), ("key", "pk"), {"after": position_of(unstorable, 1)})) == 1


def test_a_number_too_large_for_its_column_is_beyond_every_row() -> None:
    account = AccountFactory.create()
    (ada,) = add_customers(account, ("ada", NOW))
    assert [row.pk for row in keyset_page(customers_of(account), ("-pk",), {"after": position_of(10**40)})] == [ada.pk]


def test_rows_that_came_or_went_meanwhile_move_no_other_row_to_another_page() -> None:
    account = AccountFactory.create()
    made = add_customers(account, *[(name, NOW) for name in "abcdefg"])
    found, order = customers_of(account), ("key", "pk")
    first = keyset_page(found, order, {}, size=2)
    Customer.objects.filter(pk__in=[made[1].pk, made[2].pk]).delete()
    add = Customer.objects.create(account=account, email="new@example.com", name="aa")
    second = keyset_page(found, order, {"after": first.next}, size=2)
    assert [row.name for row in second] == ["d", "e"]
    # Two came before it meanwhile or were there: a whole page, which ends where this one begins.
    assert [row.pk for row in keyset_page(found, order, {"before": second.previous}, size=2)] == [made[0].pk, add.pk]


def test_what_has_gone_leads_to_the_first_page() -> None:
    account = AccountFactory.create()
    made = add_customers(account, *[(name, NOW) for name in "abcde"])
    found, order = customers_of(account), ("key", "pk")
    first = keyset_page(found, order, {}, size=2)
    second = keyset_page(found, order, {"after": first.next}, size=2)
    third = keyset_page(found, order, {"after": second.next}, size=2)
    Customer.objects.filter(pk=made[4].pk).delete()
    beyond = keyset_page(found, order, {"after": second.next}, size=2)
    assert ([row.name for row in beyond], beyond.previous) == (["a", "b"], "")
    # Less than a page is left before the third one: it begins at the beginning.
    Customer.objects.filter(pk__in=[each.pk for each in made[:3]]).delete()
    back = keyset_page(found, order, {"before": third.previous}, size=2)
    assert ([row.name for row in back], back.is_all) == (["d"], True)
    Customer.objects.filter(pk=made[3].pk).delete()
    empty = keyset_page(found, order, {"before": third.previous}, size=2)
    assert (list(empty), empty.is_all, bool(empty)) == ([], True, False)


def test_the_links_keep_the_rest_of_the_address_and_drop_what_pages_were_called_before() -> None:
    account = AccountFactory.create()
    add_customers(account, *[(name, NOW) for name in "abcde"])
    address = QueryDict("q=a%26b&page=7&tag=1&tag=2&after=x&other-after=y")
    page = keyset_page(customers_of(account), ("key", "pk"), address, size=2)
    kept = "q=a%26b&tag=1&tag=2&other-after=y"
    assert (page.first_link, page.next_link) == (f"?{kept}", f"?{kept}&after={page.next}")
    second = keyset_page(customers_of(account), ("key", "pk"), QueryDict(page.next_link[1:]), size=2)
    assert second.previous_link == f"?{kept}&before={second.previous}"
    drawn = draw(second)
    for link in (second.first_link, second.previous_link, second.next_link):
        assert f'href="{link.replace("&", "&amp;")}"' in drawn


def test_two_lists_on_one_page_are_paged_on_their_own() -> None:
    account = AccountFactory.create()
    add_customers(account, *[(name, NOW) for name in "abcde"])
    found, order = customers_of(account), ("key", "pk")
    names = keyset_page(found, order, {}, size=2, part="names-")
    address = QueryDict(f"{names.next_link[1:]}&after={keyset_page(found, order, {}, size=3).next}")
    first, second = (keyset_page(found, order, address, size=2, part=part) for part in ("", "names-"))
    assert ([row.name for row in first], [row.name for row in second]) == (["d", "e"], ["c", "d"])
    assert second.previous_link == f"?after={address['after']}&names-before={second.previous}"


def test_a_list_of_one_page_has_no_links() -> None:
    assert draw(KeysetPage([Customer()])) == ""


@pytest.mark.usefixtures("new_files")
def test_many_rows_that_are_alike_are_not_walked_through() -> None:
    """An index begins exactly at the position; with a bound on the first column alone all alike would be read."""
    account = AccountFactory.create()
    run(
        """INSERT INTO accounts_operation (account_id, kind, key, lane, who, state, phase, cursor, done, claims, due_at,
            attempts, error, created_at, changed_at, ended_at)
        SELECT %(account)s, 'x', gen_random_uuid(), '', '', 'done', '', '{}', 0, 0, %(now)s,
            0, '', %(now)s, %(now)s, %(now)s
        FROM generate_series(1, 20000)""",
        "ANALYZE accounts_operation",
        account=account.pk,
        now=NOW,
    )
    middle = account.operations.order_by("pk")[10000]
    with reading() as read:
        keyset_page(account.operations.all(), NEWEST, {"after": position_of(NOW.isoformat(), middle.pk)})
    assert read.most < 20
