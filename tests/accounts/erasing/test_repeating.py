"""Erasures are noted outside the database, and repeated once a backup from before them is restored."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.erasing import repeating
from accounts.erasing.service import erase_customer
from accounts.models import Customer, Erasure
from accounts.tasks import keep_erasures
from bookwhen.sandbox.postgres import binaries
from tests.accounts.erasing.person import LATER, MAIN, NAME, NEEDLES, Person, tables_with
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tests.installation.test_backups import backup, replaced, restore

__all__ = ["replaced"]


@pytest.fixture(autouse=True)
def _place(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def person(transactional_db: None) -> Person:
    return Person()


def noted() -> list[str]:
    return default_storage.listdir("erasures")[1]


def test_an_erasure_is_noted_outside_by_numbers_alone(person: Person) -> None:
    erase_customer(person.customer, now=LATER)
    keep_erasures()
    keep_erasures()

    [name] = noted()
    with default_storage.open(f"erasures/{name}") as file:
        text = file.read().decode()
    assert not [needle for needle in NEEDLES if needle in text.lower()]
    assert repeating.Noted.read(text).customer == Erasure.objects.get().customer_number
    assert Erasure.objects.get().is_kept


def test_a_backup_from_before_does_not_bring_them_back(replaced: None, tmp_path: Path) -> None:
    customer = CustomerFactory.create(name=NAME, email=MAIN, note="Zebedee has-a-sore-knee")
    dump = backup(tmp_path / "backups")
    erase_customer(customer, now=LATER)
    keep_erasures()

    told = restore(dump, "--replace")

    assert "1 erasures are from after the backup. 1 customers were in it and have been erased again." in told
    assert tables_with(*NEEDLES) == {}
    again = Erasure.objects.get()
    assert again.left
    assert (again.left.name, again.erased_at, again.is_kept) == ("Erased customer", LATER, True)


def test_a_number_that_is_somebody_else_s_by_now_means_nobody(person: Person) -> None:
    erase_customer(person.customer, now=LATER)
    keep_erasures()
    erasure = Erasure.objects.get()
    Erasure.objects.all().delete()
    other = CustomerFactory.create(pk=erasure.customer_number, account=person.account, name="Bea")

    repeating.repeat_after_restore(now=timezone.now())

    assert Customer.objects.get(pk=other.pk).name == "Bea"
    assert Erasure.objects.get().left is None


def test_who_has_a_booking_again_is_erased_once_that_is_over(person: Person) -> None:
    Erasure.objects.create(
        account=person.account, customer_number=person.customer.pk, customer_made_at=person.customer.created_at,
        erased_at=NOW,
    )  # fmt: skip

    told = repeating.repeat_after_restore(now=NOW)
    assert "1 couldn’t be" in told
    assert Customer.objects.get(pk=person.customer.pk).name == NAME

    repeating.repeat_after_restore(now=LATER + timedelta(days=1))
    assert not Customer.objects.filter(pk=person.customer.pk).exists()


def test_files_that_are_none_of_ours_are_left_alone(person: Person) -> None:
    default_storage.save("erasures/x.json", ContentFile(b"[1"))
    default_storage.save(
        "erasures/y.json", ContentFile(b'{"account": "1", "customer": 2, "made_at": "", "erased_at": ""}')
    )

    assert repeating.repeat_after_restore(now=NOW).startswith("0 erasures")


@pytest.mark.django_db(transaction=True)
def test_restoring_says_it_also_where_another_tool_restored() -> None:
    told = io.StringIO()
    call_command("restore", "--finish", stdout=told)
    assert "0 customers were in it" in told.getvalue()
