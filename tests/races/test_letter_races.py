"""Races for a studio's last letters of the day, and for the one attempt during an outage; before, a control."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts import email_claims, email_quota
from accounts.models import Account, Letter, LetterQuota, MailOutage
from tests.accounts.letters import create_letter
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.races.crowd import run_at_once, wait_for_everyone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 5
QUOTA = 3


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(email_quota, "FIRST_DAY", QUOTA)
    studio = AccountFactory.create()
    Account.objects.filter(pk=studio.pk).update(created_at=NOW)
    for number in range(CROWD):
        create_letter(account=studio, kind="added", recipient=f"{number}@example.org", is_metered=True, due_at=NOW)
    Letter.objects.update(created_at=NOW, due_at=NOW)
    return studio


def test_control_a_quota_that_is_looked_at_first_is_overdrawn(studio: Account) -> None:
    LetterQuota.objects.create(account=studio, day=NOW.date(), used=QUOTA - 1, allowance=CROWD + QUOTA)
    looked = wait_for_everyone(CROWD)

    def take(_number: int) -> bool:
        found = LetterQuota.objects.get().used < QUOTA
        looked()
        LetterQuota.objects.update(used=F("used") + 1)
        return found

    assert run_at_once(CROWD, take) == [True] * CROWD


@pytest.mark.parametrize("by_number", [True, False])
def test_workers_at_once_take_no_more_letters_than_the_quota(studio: Account, by_number: bool) -> None:  # noqa: FBT001
    pks = list(Letter.objects.values_list("pk", flat=True))

    def take(number: int) -> Letter | None:
        if by_number:
            return email_claims.claim(pks[number], now=NOW)
        return email_claims.claim_next(now=NOW)

    taken = [letter for letter in run_at_once(CROWD, take) if letter]

    quota = LetterQuota.objects.get()
    assert (quota.used, quota.allowance) == (len(taken), QUOTA)
    assert len(taken) <= QUOTA
    assert len({letter.pk for letter in taken}) == len(taken)
    while email_claims.claim_next(now=NOW):
        pass
    assert (LetterQuota.objects.get().used, Letter.objects.filter(attempts=1).count()) == (QUOTA, QUOTA)


def test_of_all_workers_one_tries_during_an_outage() -> None:
    for _number in range(CROWD):
        create_letter(due_at=NOW)
    MailOutage.objects.create(since=NOW, error="gone", retry_at=NOW + timedelta(minutes=1))

    def take(_number: int) -> Letter | None:
        return email_claims.claim_next(now=NOW + timedelta(minutes=1))

    assert [bool(letter) for letter in run_at_once(CROWD, take)].count(True) == 1
    assert Letter.objects.filter(attempts=1).count() == 1
