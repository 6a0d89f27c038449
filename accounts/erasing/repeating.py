"""Erasures outlive the database: each is noted where pictures are kept, and repeated after a restore.

A backup from before an erasure has the person in it. So who was erased is noted outside, by numbers alone: which
account, which customer, made at which instant. A number that somebody else has by then means nobody.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Self

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.erasing.service import InTheWayError, erase_customer
from accounts.models import Account, Customer, Erasure
from bookwhen.jobs.run import Run

FOLDER: Final = "erasures"
JOB: Final = "accounts.tasks.keep_erasures"
SECONDS: Final = 3600.0
"""How long repeating after a restore may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One erasure as it is noted outside the database."""

    account: int
    customer: int
    made_at: str
    erased_at: str

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        """What is noted of one."""
        return cls(
            account=erasure.account_id,
            customer=erasure.customer_number,
            made_at=erasure.customer_made_at.isoformat(),
            erased_at=erasure.erased_at.isoformat(),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Read one; raises ValueError, TypeError."""
        raw: Any = json.loads(text)
        found = cls(**raw)
        if [type(raw[name]) for name in ("account", "customer")] != [int, int]:
            message = "a number is none"
            raise TypeError(message)
        datetime.fromisoformat(found.made_at)
        datetime.fromisoformat(found.erased_at)
        return found

    @property
    def name(self) -> str:
        """The name of its file: the same one has the same."""
        made = datetime.fromisoformat(self.made_at)
        return f"{FOLDER}/{self.account}-{self.customer}-{made.timestamp() * 1_000_000:.0f}.json"


def keep_erasures(run: Run) -> None:
    """Note outside what isn't noted there. One that cannot be written stops no other, and is tried again."""
    run.each(run.keys(Erasure.objects.filter(is_kept=False), batch=100), _keep)


def repeat_erasures(run: Run) -> None:
    """Erase again who is back after a restore. Who has a booking ahead again, say, is tried again the next night."""
    run.each(run.keys(Erasure.objects.filter(left__isnull=True), batch=100), partial(_repeat, now=run.now))


def repeat_after_restore(*, now: datetime, **_more: object) -> str:
    """Read what is noted outside and erase again who is back (`bookwhen.installation.restoring.database_restored`)."""
    added = 0
    for noted in _noted():
        added += _remember(noted)
    run = Run(JOB, now=now, seconds=SECONDS, expected=(InTheWayError,))
    before = Erasure.objects.filter(left__isnull=True).count()
    repeat_erasures(run)
    repeated = before - Erasure.objects.filter(left__isnull=True).count()
    told = f"{added} erasures are from after the backup. {repeated} customers were in it and have been erased again."
    return told if not run.failed else f"{told} {run.failed} couldn’t be: they’re tried again every night."


def _keep(pk: int) -> None:
    erasure = Erasure.objects.get(pk=pk)
    noted = Noted.of(erasure)
    if not default_storage.exists(noted.name):
        default_storage.save(noted.name, ContentFile(json.dumps(asdict(noted), sort_keys=True).encode()))
    Erasure.objects.filter(account=erasure.account_id, pk=pk).update(is_kept=True)


def _repeat(pk: int, *, now: datetime) -> None:
    erasure = Erasure.objects.select_related("account").get(pk=pk)
    theirs = Customer.objects.filter(
        account=erasure.account_id, pk=erasure.customer_number, created_at=erasure.customer_made_at
    )
    customer = theirs.filter(erased_at=None).first()
    if customer is not None:
        customer.account = erasure.account
        erase_customer(customer, now=now)


def _noted() -> Iterator[Noted]:
    for name in _files():
        with default_storage.open(f"{FOLDER}/{name}") as file:
            try:
                yield Noted.read(file.read().decode())
            except (TypeError, ValueError):
                continue  # no file of ours


def _files() -> list[str]:
    try:
        return sorted(default_storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return []


def _remember(noted: Noted) -> bool:
    """Note in the database what is noted outside; whether it was not there."""
    with transaction.atomic():
        if not Account.objects.filter(pk=noted.account).exists():
            return False
        return Erasure.objects.get_or_create(
            account_id=noted.account,
            customer_number=noted.customer,
            customer_made_at=datetime.fromisoformat(noted.made_at),
            defaults={"erased_at": datetime.fromisoformat(noted.erased_at), "is_kept": True},
        )[1]
