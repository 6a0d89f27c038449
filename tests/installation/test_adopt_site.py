"""Ending a copy's quiet: what is asked, and what becomes of what waits, in each of the two stories."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, Letter
from accounts.stripe_connection import connect_account
from bookwhen.installation import copies
from bookwhen.installation.adoption import Letters, NotACopyError, Story, adopt
from bookwhen.installation.models import Installation
from bookwhen.payments import connections
from tests.installation.conftest import PRODUCTION, STAGING, Studio
from tests.installation.test_quiet_copies import run_a_round, what_waits
from tests.races.crowd import run_at_once
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Payment, PaymentState, Refund, RefundState

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    told = StringIO()
    call_command("adopt_site", *arguments, stdout=told)
    return told.getvalue()


def endpoints(studio: Studio) -> list[Any]:
    return list(studio.till.seller.stripe.webhook_endpoints.list().data)


def test_without_answers_it_shows_what_waits_and_says_what_to_give(copied: Studio) -> None:
    before, told = what_waits(copied), StringIO()

    with pytest.raises(CommandError, match="--moved or --separate, --letters send or --letters drop, and --yes"):
        call_command("adopt_site", stdout=told)

    lines = [" ".join(line.split()) for line in told.getvalue().splitlines()]
    assert lines[:2] == [f"This site is {STAGING}", f"The database is from {PRODUCTION}"]
    assert "connections to Stripe: 1" in lines
    assert "updates from Stripe: 1" in lines
    assert "baskets at the checkout: 1" in lines
    assert "refunds: 1" in lines
    assert "emails (membership started): 1" in lines
    assert what_waits(copied) == before
    assert copies.is_quiet()


@pytest.mark.parametrize(
    "given", [("--moved",), ("--separate", "--yes"), ("--letters", "send", "--yes"), ("--moved", "--letters", "drop")]
)
def test_half_an_answer_is_none(copied: Studio, given: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="Nobody can be asked"):
        run(*given)

    assert Installation.objects.get().site_url == PRODUCTION


def test_at_a_terminal_it_asks(copied: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["3", "2", "2", "yes"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))

    told = run()

    assert f"{PRODUCTION} goes on, and this copy becomes a separate site" in told
    assert Installation.objects.get().site_url == STAGING
    assert {state for _kind, state in copied.letters()} == {"given up"}


def test_at_a_terminal_anything_but_yes_changes_nothing(copied: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["1", "1", "y"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))

    with pytest.raises(CommandError, match="Nothing was changed"):
        run()

    assert Installation.objects.get().site_url == PRODUCTION


def test_a_site_that_moved_goes_on(copied: Studio) -> None:
    uuid = Installation.objects.get().uuid
    [old] = endpoints(copied)

    run("--moved", "--letters", "send", "--yes")
    run_a_round(copied)

    kept = Installation.objects.get()
    assert (kept.site_url, kept.uuid) == (STAGING, uuid)
    assert kept.adopted_at is not None
    [endpoint] = endpoints(copied)
    assert (endpoint.id, endpoint.url.partition("/stripe/")[0]) == (old.id, STAGING)
    assert endpoint.metadata["bookwhen_installation"] == str(uuid)
    assert len(copied.mail.letters) == len(copied.letters()) > 0
    assert not any(PRODUCTION in str(letter) for letter in copied.mail.letters)
    assert Refund.objects.get().state in {RefundState.PENDING, RefundState.DONE}
    assert Booking.objects.get(pk=copied.paying.pk).state == BookingState.RELEASED
    assert [str(each) for each in check_books(now=timezone.now())] == []


def test_a_separate_site_leaves_stripe_without_a_word(copied: Studio) -> None:
    before, uuid = endpoints(copied), Installation.objects.get().uuid
    calls = copied.calls()

    run("--separate", "--letters", "drop", "--yes")
    run_a_round(copied)

    assert copied.calls() == calls
    assert copied.mail.calls == []
    assert endpoints(copied) == before
    kept = Installation.objects.get()
    assert (kept.site_url, kept.uuid != uuid) == (STAGING, True)
    assert Account.objects.get().connection is None
    assert Refund.objects.get().state == RefundState.DONE
    assert Refund.objects.get().trouble == f"Refunded by {PRODUCTION}."
    assert not Payment.objects.filter(state=PaymentState.OPEN).exists()
    assert Booking.objects.get(pk=copied.paying.pk).state == BookingState.RELEASED
    copied.subscription.refresh_from_db()
    assert copied.subscription.status == "active"
    assert [str(each) for each in check_books(now=timezone.now())] == []


def test_a_separate_site_connects_again_and_makes_an_endpoint_of_its_own(copied: Studio) -> None:
    [theirs] = endpoints(copied)
    run("--separate", "--letters", "drop", "--yes")

    made = connect_account(Account.objects.get(), copied.till.seller.key, now=timezone.now())

    by_id = {endpoint.id: endpoint for endpoint in endpoints(copied)}
    assert set(by_id) == {theirs.id, made.webhook_endpoint}
    assert by_id[theirs.id].url.startswith(PRODUCTION)
    assert by_id[made.webhook_endpoint].url.startswith(STAGING)
    assert by_id[made.webhook_endpoint].metadata["bookwhen_installation"] == str(Installation.objects.get().uuid)


def test_emails_that_a_separate_site_keeps_are_sent(copied: Studio) -> None:
    run("--separate", "--letters", "send", "--yes")
    run_a_round(copied)

    assert {state for _kind, state in copied.letters()} == {"sent"}


def test_dropped_emails_are_not_written_again(copied: Studio) -> None:
    Letter.objects.update(dedupe=None)
    Letter.objects.filter(pk=Letter.objects.latest("pk").pk).update(dedupe="once")

    run("--moved", "--letters", "drop", "--yes")

    assert Letter.objects.filter(dedupe="once", failed_at__isnull=False).count() == 1


def test_there_is_nothing_to_adopt_at_home(at_production: None) -> None:
    assert run("--moved", "--letters", "drop", "--yes") == (
        "This database already belongs to this site. Nothing to do.\n"
    )


def test_an_endpoint_of_another_installation_is_left_alone(copied: Studio, settings: Settings) -> None:
    """A database that was copied before it knew its site is claimed by whichever site migrates it first."""
    [theirs] = endpoints(copied)
    Installation.objects.update(site_url=STAGING, uuid="00000000-0000-4000-8000-000000000000")
    connection = copied.account.connection
    assert connection is not None

    found = connections.check(connection, now=timezone.now())

    assert found.mended
    connection.refresh_from_db()
    assert {endpoint.id for endpoint in endpoints(copied)} == {theirs.id, connection.webhook_endpoint}
    assert connection.webhook_endpoint != theirs.id


def test_an_endpoint_from_before_installations_had_ids_is_marked(studio: Studio) -> None:
    [endpoint] = endpoints(studio)
    studio.till.seller.stripe.webhook_endpoints.update(endpoint.id, {"metadata": {"bookwhen_installation": ""}})
    connection = studio.account.connection
    assert connection is not None

    found = connections.check(connection, now=timezone.now())

    [marked] = endpoints(studio)
    assert (found.mended, marked.id) == (False, endpoint.id)
    assert marked.metadata["bookwhen_installation"] == str(Installation.objects.get().uuid)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_adopt_at_once_one_does(settings: Settings) -> None:
    settings.COPIES_ARE_QUIET, settings.SITE_URL = True, STAGING
    Installation.objects.update(site_url=PRODUCTION)
    copies.forget()

    def act(number: int) -> str:
        try:
            adopt(Story.SEPARATE if number else Story.MOVED, Letters.DROP, now=timezone.now())
        except NotACopyError:
            return "too late"
        finally:
            database.close()
        return "adopted"

    assert sorted(run_at_once(4, act)) == ["adopted", "too late", "too late", "too late"]
    assert copies.find_copy() is None
    copies.forget()
