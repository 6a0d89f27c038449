"""*Payouts* in the reports: what they show, their files, whose they are, and how many statements they take."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, SchedulePage
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory
from tests.factories.money import create_payout
from tests.factories.schedule import NOW
from tests.tickets.dashboard.reports.test_reports import csv_rows, past_entry, pay
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Payout, PayoutLine, PayoutLineKind, PayoutState

PAGES = ("report_payouts", "report_payouts_csv")
OF_ONE = ("report_payout", "report_payout_csv")


def test_a_studio_without_payouts_is_told_when_there_are_some(dashboard: Dashboard) -> None:
    assert "No payouts yet" in page_text(dashboard.get("report_payouts"))


def test_a_payout_shows_what_it_holds_and_what_that_comes_to(dashboard: Dashboard, yoga: SchedulePage) -> None:
    paid = pay(past_entry(yoga)), pay(past_entry(yoga, title="Slow"), 1500)
    payout = create_payout(yoga.account, *paid, fee=38, arrives_on=date(2030, 1, 1))

    listed = page_text(dashboard.get("report_payouts"))
    assert "1 January 2030 Arrived £26.24" in listed
    shown = page_text(dashboard.get("report_payout", pk=payout.pk))
    assert "To your bank £26.24 Payment £27.00 Stripe’s fees £0.76 taken off" in shown
    assert "Tickets" in shown
    assert "£12.00 £0.38 £11.62" in shown
    assert "don’t add up" not in shown


def test_the_ledger_says_when_a_line_arrives_and_what_it_cost(dashboard: Dashboard, yoga: SchedulePage) -> None:
    paid, _waiting = pay(past_entry(yoga)), pay(past_entry(yoga, title="Slow"), 1500)
    payout = create_payout(yoga.account, paid, arrives_on=date(2030, 1, 4))

    answer = dashboard.get("report_ledger")
    assert "£12.00 £0.20 4 Jan 2030" in page_text(answer)
    assert f"/reports/payouts/{payout.pk}/" in answer.content.decode()
    rows = csv_rows(dashboard, "report_ledger_csv")
    told = {(row["Stripe’s fee"], row["Arrives"], row["Payout"]) for row in rows}
    assert told == {("0.20", "2030-01-04", payout.stripe_id), ("", "", "")}


def test_the_income_shows_the_fees_of_a_month(dashboard: Dashboard, yoga: SchedulePage) -> None:
    paid = pay(past_entry(yoga))
    assert "Stripe’s fees" not in page_text(dashboard.get("report_income")).replace("before Stripe’s fees", "")
    create_payout(yoga.account, paid, fee=38)

    assert "Stripe’s fees £0.38" in page_text(dashboard.get("report_income"))
    assert "0.38" in {row["Stripe’s fees"] for row in csv_rows(dashboard, "report_income_csv")}


def test_what_stripe_takes_from_the_bank_is_said_so(dashboard: Dashboard, studio: Account) -> None:
    payout = create_payout(studio, amount=-980, is_listed=True)

    assert "Taken from your bank -£9.80" in page_text(dashboard.get("report_payout", pk=payout.pk))


def test_what_does_not_add_up_is_said(dashboard: Dashboard, yoga: SchedulePage) -> None:
    payout = create_payout(yoga.account, pay(past_entry(yoga)), amount=1000)

    assert "These don’t add up to the payout. -£1.80" in page_text(dashboard.get("report_payout", pk=payout.pk))


def test_a_payout_that_failed_says_why_and_what_to_do(dashboard: Dashboard, yoga: SchedulePage) -> None:
    paid = pay(past_entry(yoga))
    payout = create_payout(yoga.account, paid, state=PayoutState.FAILED, failure="account_closed")

    shown = page_text(dashboard.get("report_payout", pk=payout.pk))
    assert "This payout didn’t arrive. The bank account has been closed." in shown
    assert "Check your bank details in Stripe." in shown
    assert "the payout failed" in page_text(dashboard.get("report_ledger"))


def test_of_a_payout_made_by_hand_and_of_a_new_one_nothing_is_known(dashboard: Dashboard, studio: Account) -> None:
    by_hand = create_payout(studio, is_by_hand=True, amount=5000)
    new = create_payout(studio, state=PayoutState.PENDING, amount=5000)

    assert "made by hand in Stripe" in page_text(dashboard.get("report_payout", pk=by_hand.pk))
    assert "Look again later today." in page_text(dashboard.get("report_payout", pk=new.pk))


def test_what_others_sold_is_not_sold_here(dashboard: Dashboard, studio: Account) -> None:
    payout = create_payout(studio, amount=980, is_listed=True)
    facts = {"account": studio, "payout": payout, "kind": PayoutLineKind.PAYMENT, "currency": "GBP"}
    PayoutLine.objects.create(stripe_id="txn_1", amount=1000, fee=20, happened_at=NOW, **facts)

    assert "Payment not sold here" in page_text(dashboard.get("report_payout", pk=payout.pk))


def test_files(dashboard: Dashboard, yoga: SchedulePage) -> None:
    payout = create_payout(yoga.account, pay(past_entry(yoga)), arrives_on=date(2030, 1, 1))

    (row,) = csv_rows(dashboard, "report_payouts_csv")
    assert (row["Arrives"], row["Amount"], row["State"]) == ("2030-01-01", "11.80", "Arrived")
    answer = dashboard.get("report_payout_csv", pk=payout.pk)
    assert "12.00" in answer.getvalue().decode()


def test_payouts_are_the_owners_of_the_account(dashboard: Dashboard, yoga: SchedulePage) -> None:
    payout = create_payout(yoga.account, pay(past_entry(yoga)))
    other = create_payout(AccountFactory.create(), amount=100)
    desk = open_dashboard(yoga.account, Role.BOOKINGS_ADMIN)

    assert {desk.get(name).status_code for name in PAGES} == {404}
    assert {desk.get(name, pk=payout.pk).status_code for name in OF_ONE} == {404}
    assert {dashboard.get(name, pk=other.pk).status_code for name in OF_ONE} == {404}


def test_three_payouts_take_as_many_statements_as_one(dashboard: Dashboard, yoga: SchedulePage) -> None:
    def statements(name: str, **arguments: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert dashboard.get(name, **arguments).status_code == 200
        return len(asked)

    def both() -> tuple[int, int]:
        return statements("report_payouts"), statements("report_payout", pk=Payout.objects.earliest("pk").pk)

    create_payout(yoga.account, pay(past_entry(yoga)))
    both()
    one = both()
    create_payout(yoga.account, pay(past_entry(yoga, title="Slow")), pay(past_entry(yoga, title="Fast")))
    PayoutLine.objects.update(payout=Payout.objects.earliest("pk"))
    create_payout(yoga.account, amount=100)

    assert both() == one
    assert max(one) <= 7
