"""Statements as PostgreSQL reads them: `$1` where ours have `%s`."""

import pytest
from django.db.models import QuerySet
from django.db.models.expressions import F, Value
from django.db.models.functions import Concat

from bookwhen.fastpath.compiled import compiled_query
from bookwhen.fastpath.prepared import numbered, prepared_cursor
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import EntryFactory
from tickets.models import Entry


@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT %s, %s", "SELECT $1, $2", ("0", "1")),
        ("SELECT %(a)s, %(b)s, %(a)s", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT 7 %% %s", "SELECT 7 % $1", ("0",)),
        ("SELECT '%%s%%%%' || %(a)s", "SELECT '%s%%' || $1", ("a",)),
    ],
)
def test_places_are_numbered(ours: str, theirs: str, names: tuple[str, ...]) -> None:
    assert numbered(ours) == (theirs.encode(), names)


@pytest.mark.parametrize("broken", ["SELECT 7 % 3", "SELECT %d", "SELECT %(a)d", "SELECT 5%"])
def test_a_lone_percent_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="%"):
        numbered(broken)


@pytest.mark.django_db
def test_values_reach_their_places() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %(b)s::int, %(a)s::text, %(b)s::int + 1", {"a": "x%s", "b": 7, "unasked": 1})
        assert cursor.fetchall() == [(7, "x%s", 8)]
        cursor.execute("SELECT %s::text[], 7 %% %s::int", (["$1"], 4))
        assert cursor.fetchall() == [(["$1"], 3)]
        cursor.execute("SELECT '100%'")
        assert cursor.fetchall() == [("100%",)]


ODD = "100% of 'it'\\ $1"


@compiled_query
def oddly_named(page: int) -> QuerySet[Entry]:
    found = Entry.objects.filter(page=page, cancelled_at__isnull=True, title=Value(ODD))
    return found.annotate(told=Concat(F("title"), Value("%s, %%")), is_so=Value(value=True))


@pytest.mark.django_db
def test_what_is_the_same_in_every_call_stands_in_the_statement() -> None:
    page = SchedulePageFactory.create()
    odd, _other = EntryFactory.create(page=page, title=ODD), EntryFactory.create(page=page)

    sql, places = oddly_named.statement

    assert places == [(0, None)]
    assert sql.count("%s") - sql.count("%%s") == 1
    [found] = oddly_named(page.pk)
    assert found.pk == odd.pk
    assert vars(found).items() >= {"told": f"{ODD}%s, %%", "is_so": True}.items()
    assert [found] == list(oddly_named.queryset(page.pk))
