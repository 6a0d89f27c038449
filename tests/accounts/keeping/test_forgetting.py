"""What an account keeps for less long than the installation goes by a job: its own, what is old, some at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest
from django.db import IntegrityError

from accounts.keeping import forgetting, kinds
from accounts.keeping.kinds import KEPT
from accounts.models import (
    Account,
    AuditEntry,
    ExportFile,
    ExportPart,
    Letter,
    ListImport,
    ListImportRow,
    Operation,
    OperationState,
    Retention,
)
from bookwhen.jobs.run import Run
from tests.accounts.letters import create_letter
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.jobs.blocks import blocks_of
from tests.jobs.test_retention import SENT_LETTERS
from tests.plans import empty
from tests.plans import run as sql
from tests.poison import cure, poison
from tickets.models import WaitlistRequest

pytestmark = pytest.mark.django_db

SECOND: Final = timedelta(seconds=1)
MANY: Final = 30_000


def forget(now: datetime = NOW) -> Run:
    run = Run("forget", now=now)
    forgetting.forget_for_accounts(run)
    return run


def keeps(account: Account, **times: int) -> Retention:
    made: Retention = Retention.objects.create(account=account, due_at=NOW - SECOND, **times)
    return made


def letter(account: Account, at: datetime) -> Letter:
    return create_letter(account=account, created_at=at, due_at=at, sent_at=at)


def done(account: Account, at: datetime, kind: str) -> Operation:
    return Operation.objects.create(
        account=account, kind=kind, phase="x", state=OperationState.DONE, due_at=at, created_at=at, changed_at=at,
        ended_at=at,
    )  # fmt: skip


def rows_of_list(account: Account, at: datetime) -> ListImportRow:
    listed = ListImport.objects.create(
        account=account, operation=done(account, at, "people"), source="people", created_at=at
    )
    return ListImportRow.objects.create(account=account, list_import=listed, number=1, key="1", raw={})


def file_part(account: Account, at: datetime) -> ExportPart:
    operation = done(account, at, "list")
    file = ExportFile.objects.create(account=account, operation=operation, name="x.csv", created_at=at)
    return ExportPart.objects.create(account=account, export_file=file, number=0, data=b"x", size=1)


def history(account: Account, at: datetime) -> AuditEntry:
    return AuditEntry.objects.create(
        account=account, at=at, action="plan.changed", seen_by="account", kind="account", object_id=account.pk
    )


def waited(account: Account, at: datetime) -> WaitlistRequest:
    entry = EntryFactory.create(page__account=account)
    made: WaitlistRequest = WaitlistRequest.objects.create(
        account=account, entry=entry, ticket=TicketFactory.create(entry=entry), names=["Ada"], state="left",
        customer=CustomerFactory.create(account=account), joined_at=at, ended_at=at,
    )  # fmt: skip
    return made


MADE: dict[str, tuple[Callable[[Account, datetime], Any], int]] = {
    "emails_days": (letter, 30),
    "lists_days": (rows_of_list, 7),
    "files_days": (file_part, 1),
    "history_days": (history, 365),
    "waiting_days": (waited, 90),
}
"""One of each kind, and the least number of days for which it is kept."""


def test_every_kind_is_here() -> None:
    assert [kind.column for kind in KEPT] == list(MADE)


@pytest.mark.parametrize("column", MADE)
def test_what_is_older_than_an_account_keeps_it_goes(column: str) -> None:
    make, days = MADE[column]
    account, other = AccountFactory.create(), AccountFactory.create()
    before = NOW - timedelta(days=days)
    old, young = make(account, before - SECOND), make(account, before)
    theirs = make(other, before - SECOND)
    keeps(account, **{column: days})
    keeps(other)

    run = forget()

    assert (run.done, run.failed, run.left) == (1, 0, False)
    assert list(type(old).objects.filter(pk__in=[old.pk, young.pk, theirs.pk]).order_by("pk")) == [young, theirs]
    assert not Retention.objects.filter(due_at__lt=NOW + timedelta(hours=20)).exists()


@pytest.mark.parametrize("column", MADE)
@pytest.mark.parametrize("outside", [-1, 1])
def test_the_database_knows_the_bounds(column: str, outside: int) -> None:
    least, most = {"lists_days": (7, 30), "files_days": (1, 7)}.get(column, (MADE[column][1], 3650))

    with pytest.raises(IntegrityError, match=f"retention_{column}_bounded"):
        keeps(AccountFactory.create(), **{column: least - 1 if outside < 0 else most + 1})


def test_nobody_keeps_anything_longer_than_the_installation(settings: Any) -> None:
    settings.EMAILS_KEPT_DAYS = 60
    retention = keeps(AccountFactory.create(), emails_days=180)

    [emails] = [kind for kind in KEPT if kind.column == "emails_days"]
    assert emails.days(retention) == 60
    assert emails.choices == [30]


def test_an_email_counts_from_when_it_was_sent_however_long_it_waited() -> None:
    account = AccountFactory.create()
    create_letter(account=account, created_at=NOW - timedelta(days=40), sent_at=NOW - timedelta(days=29))
    create_letter(account=account, created_at=NOW - timedelta(days=40))
    keeps(account, emails_days=30)

    assert (forget().done, Letter.objects.count()) == (0, 2)


def test_a_list_that_somebody_goes_on_with_stays() -> None:
    account = AccountFactory.create()
    rows_of_list(account, NOW - timedelta(days=20))
    Operation.objects.update(state=OperationState.RUNNING, ended_at=None)
    keeps(account, lists_days=7)

    assert (forget().done, ListImportRow.objects.count()) == (0, 1)


def test_one_bad_row_keeps_no_other_and_is_tried_again() -> None:
    account, other = AccountFactory.create(), AccountFactory.create()
    letters = [letter(account, NOW - timedelta(days=40)) for _number in range(4)]
    letter(other, NOW - timedelta(days=40))
    for each in (account, other):
        keeps(each, emails_days=30)
    poison(letters[1])

    run = forget()

    assert (run.failed, list(Letter.objects.all())) == (1, [letters[1]])
    assert Retention.objects.get(account=account).due_at < NOW
    cure(letters[1])
    assert (forget(NOW + timedelta(hours=2)).failed, Letter.objects.count()) == (0, 0)


def test_an_account_with_much_waits_behind_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "BATCH", 2)
    monkeypatch.setattr(kinds, "BATCHES", 1)
    large, small = AccountFactory.create(), AccountFactory.create()
    for account, number in ((large, 5), (small, 1)):
        for _number in range(number):
            letter(account, NOW - timedelta(days=40))
        keeps(account, emails_days=30)

    run = forget()

    assert (run.done, run.left) == (3, True)
    assert not Letter.objects.filter(account=small).exists()
    later = [forget(NOW + timedelta(minutes=minute)) for minute in (1, 2)]
    assert [(each.done, each.left) for each in later] == [(2, True), (1, False)]


def test_it_reads_what_goes_and_none_of_what_others_have() -> None:
    account = AccountFactory.create()
    empty("accounts_letter")
    sql(SENT_LETTERS, owner=AccountFactory.create().pk, at=NOW - timedelta(days=400), many=MANY)
    sql(SENT_LETTERS, owner=account.pk, at=NOW - timedelta(days=25), many=MANY)
    for _number in range(3):
        letter(account, NOW - timedelta(days=31))
    keeps(account, emails_days=30)
    sql("SET CONSTRAINTS ALL IMMEDIATE", "ANALYZE accounts_letter")

    assert blocks_of(partial(forget, NOW)) < 400
    assert Letter.objects.filter(account=account).count() == MANY
