"""What is sold, paid and given back: nothing is found where it is right; what is broken is found, by its own check."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookwhen.sandbox.stripe import Sandbox
from tests.browsing import page_text
from tests.factories.schedule import NOW
from tests.tickets.consistency.breaks_of_money import BREAKS_OF_MONEY, Break, adds_up, held, unbooked
from tests.tickets.consistency.test_checks import find_errors
from tests.worlds.counted_shop import CountedShop
from tests.worlds.dashboard import open_dashboard
from tickets.consistency import CheckedCounts, check_books, count_checked, store_findings
from tickets.consistency.checks import CHECKS
from tickets.models import FindingKind, Payment, Refund
from tickets.models.findings import Finding
from tickets.money.refund_states import mark_refund_failed

pytestmark = pytest.mark.django_db


def test_whatever_is_sold_and_given_back_the_books_are_right(shop: CountedShop) -> None:
    shop.everything()
    assert find_errors() == []
    assert count_checked(shop.account) == CheckedCounts(
        entries=2, seats=10, uses=2, subscriptions=1, payments=7, refunds=4
    )


@pytest.mark.parametrize("break_it", BREAKS_OF_MONEY)
def test_what_is_broken_is_found_alone_and_in_its_account(
    shop: CountedShop, break_it: Break, stripe_here: Sandbox
) -> None:
    other = CountedShop(stripe_here)
    other.halved()
    expected = break_it(shop)
    assert find_errors() == [expected]
    assert find_errors(shop.account) == [expected]
    assert find_errors(other.account) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_amounts_cost_one_statement_however_many_there_are(shop: CountedShop, rows: int) -> None:
    for _number in range(rows):
        payment = shop.paid(1)
        Payment.objects.filter(pk=payment.pk).update(amount=1100)
    with CaptureQueriesContext(connection) as seen:
        assert len(check_books(now=NOW)) == rows
    statements = [each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(statements) == len(CHECKS) + 2  # the amounts, and the days that uses are charged for


def test_the_page_says_what_to_do_next(shop: CountedShop) -> None:
    unbooked(shop)
    store_findings(now=NOW)
    page = page_text(open_dashboard(shop.account).get("books"))
    assert "A payment has no booking and no refund" in page
    assert "Refund the customer in full, or book their spaces for them." in page
    assert "£10.00" in page


def test_the_page_leads_to_bookings_and_payments(shop: CountedShop) -> None:
    _kind, booking, *_amounts = held(shop)
    _kind, payment, *_amounts = adds_up(shop)
    made = shop.halved()
    mark_refund_failed(made, "declined", now=NOW)
    store_findings(now=NOW)
    at = open_dashboard(shop.account)
    page = at.get("books").content.decode()
    assert page.count('<th scope="row">') == 3
    for name, pk in [("booking", booking), ("payment", payment), ("payment", made.payment_id)]:
        assert f'href="{at.url(name, pk=pk)}"' in page


def test_every_finding_has_words_and_a_next_step() -> None:
    said = [(kind.label, Finding(kind=kind).next_step) for kind in FindingKind]
    assert all(label and step for label, step in said)
    assert len({label for label, _step in said}) == len(FindingKind)
    assert {check.kind for check in CHECKS} == set(FindingKind) - {FindingKind.UNCHECKED}


def test_a_refund_that_reaches_stripe_is_no_finding(shop: CountedShop) -> None:
    made = shop.halved()
    assert Refund.objects.get(pk=made.pk).state == "queued"
    assert find_errors() == []
