"""Every compiled query in the house reads what its queryset reads, whatever is asked of it."""

import gc
import importlib
import pkgutil
from collections.abc import Iterator
from inspect import get_annotations
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from bookwhen.fastpath.compiled import CompiledQuery
from tests.fastpath.world import ASKED, World

OURS = ("accounts", "bookwhen", "groups", "memberships", "offers", "tickets")


def name_of(query: Any) -> str:
    return f"{query.__module__}.{query.__name__}"


def compiled_queries() -> list[CompiledQuery[Any]]:
    """All that there are, wherever in the house they stand."""
    for name in OURS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if "migrations" not in module.name and not module.name.startswith("bookwhen.sandbox"):
                importlib.import_module(module.name)
    # By exact type: whatever else there is may only pretend to be one, or begin to work when it is asked.
    found: list[Any] = [each for each in gc.get_objects() if type(each) is CompiledQuery]
    return sorted((each for each in found if each.__module__.partition(".")[0] in OURS), key=name_of)


def told(model: Model, of: Model | None = None) -> dict[str, Any]:
    """Everything that an instance holds, that of its related instances too (but for the one that it is related of)."""
    state = model._state  # noqa: SLF001 - where Django keeps what came along
    own = {name: value for name, value in vars(model).items() if name != "_state"}
    related = {
        name: told(value, model) if isinstance(value, Model) and value is not of else value
        for name, value in state.fields_cache.items()
    }
    return {"": type(model), **own, "related": related, "state": (state.adding, state.db)}


def questions(query: Any) -> Iterator[tuple[Any, ...]]:
    """Every combination of what there is to ask."""
    kinds = get_annotations(query.__wrapped__)
    return product(*(ASKED[name, kind]() for name, kind in kinds.items() if name != "return"))


@pytest.mark.django_db
def test_every_compiled_query_equals_its_queryset(subtests: pytest.Subtests) -> None:
    World(), World()
    for query in compiled_queries():
        with subtests.test(name_of(query)):
            assert has_equal_answers(query), "Nothing was found at all: the world lacks what this query reads."


def has_equal_answers(query: CompiledQuery[Any]) -> bool:
    """Compare the answers to every question; whether there were any."""
    found = False
    for asked in questions(query):
        plain = [told(each) for each in query.queryset(*asked)]
        with CaptureQueriesContext(connection) as statements:
            fast, read = query(*asked), query.models(query.rows(*asked))
        assert [told(each) for each in fast] == [told(each) for each in read] == plain
        assert len(statements) == 2
        found = found or bool(plain)
    return found


def test_all_of_them_are_found() -> None:
    assert {"tickets.queries.read_tickets_at", "groups.queries._read_groups_of", "accounts.access._customers"} < {
        name_of(query) for query in compiled_queries()
    }
