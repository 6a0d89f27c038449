"""The collector rests while a batch is worked off, and goes on afterwards whatever happened."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from accounts.imports import phases
from accounts.imports.rows import ListedRow
from accounts.imports.sources import Cursor
from accounts.models import ListImport
from bookwhen.collecting import without_collecting
from groups.importing.source import PEOPLE
from tests.factories.accounts import AccountFactory
from tests.worlds.listed import bring, states


def test_it_rests_for_as_long_as_that_lasts() -> None:
    with without_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    @without_collecting()
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert gc.isenabled()


def test_who_switched_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.django_db
def test_it_rests_while_rows_are_judged_and_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []

    def judge(list_import: ListImport, rows: Sequence[ListedRow], now: datetime) -> None:
        seen.append(("judged", gc.isenabled()))
        PEOPLE.judge(list_import, rows, now)

    def apply(list_import: ListImport, cursor: Cursor, now: datetime) -> Cursor | None:
        seen.append(("applied", gc.isenabled()))
        return PEOPLE.apply(list_import, cursor, now)

    seen_by = replace(PEOPLE, judge=judge, apply=apply)
    monkeypatch.setattr(phases, "source_of", lambda _list_import: seen_by)
    found = bring(AccountFactory.create(), "Name,Email\nAda Ray,ada@example.org\n")

    assert states(found) == {"applied": 1}
    assert set(seen) == {("judged", False), ("applied", False)}
    assert gc.isenabled()
