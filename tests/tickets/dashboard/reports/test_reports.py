"""The pages of *Reports*: what they show, for which days, their files, and how many statements they take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Operation, Role, SchedulePage
from tests.browsing import form_fields, page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.money import PaymentFactory, RefundFactory, create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.tickets.dashboard.exports.making import fetched, rows_of
from tests.tickets.money.receipts.moving import take
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.dashboard.exports import sending
from tickets.models import Entry, LedgerLine, TicketCost

YESTERDAY = NOW - timedelta(days=1)
PAGES = ("reports", "report_fullness", "report_members", "report_member_names", "report_uses")
MONEY = ("report_income", "report_ledger")
FILES = ("report_fullness_csv", "report_members_csv", "report_uses_csv")
MONEY_FILES = ("report_income_csv", "report_ledger_csv")


def past_entry(page: SchedulePage, *, title: str = "Flow", at: datetime = YESTERDAY, people: int = 1) -> Entry:
    entry = EntryFactory.create(page=page, title=title, starts_at=at, ends_at=at + timedelta(hours=1))
    ticket = TicketFactory.create(entry=entry)
    for number in range(people):
        book_seat_manually(entry, ticket, f"Ada {number}")
    return entry


def pay(entry: Entry, amount: int = 1200, *, at: datetime = NOW) -> Any:
    ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=amount)
    booking = create_paid_booking(entry, ticket, "Bea", amount=0)
    payment = PaymentFactory.create(booking=booking, amount=amount, paid_at=at)
    booking.seats.update(price=amount, amount=amount, payment=payment)
    return payment


def csv_rows(dashboard: Dashboard, name: str, **query: str) -> list[dict[str, str]]:
    return rows_of(dashboard.get(name, query).getvalue())


@pytest.mark.parametrize("page", [*PAGES, *MONEY])
def test_an_empty_studio_is_told_what_to_do(dashboard: Dashboard, page: str) -> None:
    answer = dashboard.get(page)

    assert answer.status_code == 200
    assert page == "reports" or 'class="empty"' in answer.content.decode()


def test_the_summary_has_this_month_and_the_last(dashboard: Dashboard, yoga: SchedulePage) -> None:
    past_entry(yoga, people=2)
    pay(past_entry(yoga, at=datetime(2029, 12, 20, 12, tzinfo=UTC)), 900, at=datetime(2029, 12, 20, tzinfo=UTC))
    pay(past_entry(yoga, title="Slow"))
    add_member(GroupFactory.create(account=yoga.account), CustomerFactory.create(account=yoga.account))

    text = page_text(dashboard.get("reports"))

    assert "January 2030 so far, and December 2029." in text
    assert "January 2030 £12.00 December 2029 £9.00" in text
    assert "Members now 1 January 2030 0 0 joined, 0 left December 2029 0 0 joined, 0 left" in text
    assert "January 2030 20% 4 of 20 spaces booked December 2029 20% 2 of 10 spaces booked" in text


def test_a_bookings_admin_sees_reports_without_the_income(studio: Account, yoga: SchedulePage) -> None:
    pay(past_entry(yoga))
    desk = open_dashboard(studio, Role.BOOKINGS_ADMIN)

    assert "£" not in page_text(desk.get("reports"))
    assert {name: desk.get(name).status_code for name in (*PAGES, *FILES)} == dict.fromkeys((*PAGES, *FILES), 200)
    money = (*MONEY, *MONEY_FILES)
    assert {name: desk.get(name).status_code for name in money} == dict.fromkeys(money, 404)
    assert "Income this month" not in page_text(desk.get("overview"))


def test_how_full_classes_were(dashboard: Dashboard, yoga: SchedulePage) -> None:
    past_entry(yoga, people=3)
    past_entry(yoga, title="Slow", people=1)

    text = page_text(dashboard.get("report_fullness"))

    assert "1 Jan 2030 – 15 Jan 2030. Entries that have started and weren’t cancelled." in text
    assert "Full 20% 4 of 20 spaces booked" in text
    assert "Flow 30% 3 10 1 – 0 0" in text
    assert "Slow 10% 1 10 1 – 0 0" in text
    by_time = page_text(dashboard.get("report_fullness", {"by": "time"}))
    assert "12:00 20%" in by_time
    assert "Monday 12:00 20% 4 20 2" in by_time
    assert "Nobody named 20%" in page_text(dashboard.get("report_fullness", {"by": "leader"}))
    assert "River Yoga 20%" in page_text(dashboard.get("report_fullness", {"by": "page"}))


def test_fullness_is_a_file_of_the_same_days(dashboard: Dashboard, yoga: SchedulePage) -> None:
    past_entry(yoga, people=3)
    past_entry(yoga, title="Then", at=datetime(2029, 12, 3, 12, tzinfo=UTC), people=5)

    rows = csv_rows(dashboard, "report_fullness_csv", days="last_month")
    assert [(row["Entry"], row["Booked"], row["Spaces"], row["Full (%)"]) for row in rows] == [
        ("Then", "5", "10", "50"),
        ("All together", "5", "10", "50"),
    ]
    times = csv_rows(dashboard, "report_fullness_csv", by="time")
    assert [(row["Day"], row["From"], row["Booked"]) for row in times] == [
        ("Monday", "12:00", "3"),
        ("All together", "", "3"),
    ]


@pytest.mark.parametrize("page", ["report_fullness", "report_uses"])
@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2030-02-01", "2030-01-01", "Choose a day that isn’t before the first one"),
        ("2027-01-01", "2030-01-01", "Choose at most 24 months. For more, download one part after another."),
        ("soon", "2030-01-01", "Enter a date like 2026-12-31 for “From”"),
        ("", "", "Fill in “From”"),
    ],
)
def test_days_that_cannot_be_are_told_and_kept(
    dashboard: Dashboard, page: str, since: str, until: str, says: str
) -> None:
    answer = dashboard.get(page, {"days": "chosen", "since": since, "until": until})

    assert answer.status_code == 422
    assert says in page_text(answer)
    assert f'value="{since}"' in answer.content.decode() if since else True


def test_other_dates_are_chosen(dashboard: Dashboard, yoga: SchedulePage) -> None:
    past_entry(yoga, title="Then", at=datetime(2028, 6, 1, 12, tzinfo=UTC))

    assert "Until" in page_text(dashboard.get("report_fullness", {"days": "chosen"}))
    chosen = {"days": "chosen", "since": "2028-06-01", "until": "2030-05-31"}
    text = page_text(dashboard.get("report_fullness", chosen))
    assert "1 Jun 2028 – 31 May 2030" in text
    assert "Then 10%" in text


def test_who_joined_is_one_click_from_the_count(dashboard: Dashboard, studio: Account) -> None:
    group = GroupFactory.create(account=studio, name="Gold")
    customer = CustomerFactory.create(account=studio, name="Mia Gold")
    add_member(group, customer)  # 60 days ago: in November

    page = dashboard.get("report_members")
    assert "November 2029 1 0 +1 1" in page_text(page)
    names = page_text(dashboard.get("report_member_names", {"month": "2029-11", "what": "joined"}))
    assert "Joined in November 2029" in names
    assert "Mia Gold" in names
    assert "Nobody left in this month" in page_text(
        dashboard.get("report_member_names", {"month": "2029-11", "what": "left"})
    )
    assert [row["Joined"] for row in csv_rows(dashboard, "report_members_csv", months="last_year")][-2:] == ["1", "0"]
    of_group = dashboard.get("report_members", {"group": str(group.pk)})
    assert "Customers who joined and left this group." in page_text(of_group)
    assert dashboard.get("report_members", {"group": "0"}).status_code == 404
    elsewhere = GroupFactory.create()
    assert dashboard.get("report_members", {"group": str(elsewhere.pk)}).status_code == 404


def test_uses_are_told_by_offer(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entry = EntryFactory.create(page=yoga)
    book_member_seat(entry)
    OfferFactory.create(group=GroupFactory.create(account=yoga.account, name="Silver"), page=yoga)

    text = page_text(dashboard.get("report_uses", {"days": "chosen", "since": "2030-01-01", "until": "2030-01-31"}))

    assert "Offer 1 Gold – 1 0 0 2" in text
    assert "Offer 1 Silver Unlimited 0 0 – –" in text
    rows = csv_rows(dashboard, "report_uses_csv", days="chosen", since="2030-01-01", until="2030-01-31")
    assert [(row["Customer group"], row["Used"], row["Left now"]) for row in rows] == [
        ("Gold", "1", "2"),
        ("Silver", "0", "unlimited"),
    ]


def test_the_income_of_this_month_is_one_click_from_the_overview(dashboard: Dashboard, yoga: SchedulePage) -> None:
    payment = pay(past_entry(yoga), 2400)
    RefundFactory.create(payment=payment, amount=400, state="done", done_at=NOW)

    overview = dashboard.get("overview")
    assert "Income this month £20.00" in page_text(overview)
    assert f'href="{dashboard.url("report_income")}"' in overview.content.decode()
    text = page_text(dashboard.get("report_income"))
    assert "January 2030 £20.00 All together £20.00" in text
    assert "January 2030 £24.00 – – -£4.00 – £20.00" in text
    assert "Online (Stripe) 100% £20.00" in text
    assert "Flow 100% £24.00" in text
    assert "For no entry in particular – -£4.00" in text
    [row] = [each for each in csv_rows(dashboard, "report_income_csv") if each["Month"] == "2030-01"]
    assert (row["Tickets online"], row["Refunds"], row["Net"], row["Currency"]) == ("24.00", "-4.00", "20.00", "GBP")


def test_the_ledger_is_filtered_by_month_kind_and_way(dashboard: Dashboard, yoga: SchedulePage) -> None:
    payment = pay(past_entry(yoga), 2400)
    RefundFactory.create(payment=payment, amount=400, state="done", done_at=NOW)
    pay(past_entry(yoga, title="Then"), 900, at=datetime(2029, 12, 20, tzinfo=UTC))

    def shown(**query: str) -> list[int]:
        return [line.amount for line in dashboard.get("report_ledger", query).context["lines"]]

    assert shown() == [-400, 2400, 900]
    assert shown(month="2030-01") == [-400, 2400]
    assert shown(month="2029-12") == [900]
    assert shown(kind="tickets_refunded") == [-400]
    assert shown(method="cash") == []
    assert shown(month="never", kind="x", method="y") == [-400, 2400, 900]
    assert "All together £20.00" in page_text(dashboard.get("report_ledger", {"month": "2030-01"}))
    rows = csv_rows(dashboard, "report_ledger_csv", month="2030-01")
    assert [(row["What"], row["Amount"], row["How"]) for row in rows] == [
        ("Tickets", "24.00", "Online (Stripe)"),
        ("Tickets refunded", "-4.00", "Online (Stripe)"),
    ]
    assert {row["Reference"] for row in rows} == {payment.booking.reference}


def test_a_long_ledger_is_written_by_a_worker_for_owners_alone(
    dashboard: Dashboard, studio: Account, yoga: SchedulePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 0)
    pay(past_entry(yoga), 2400)

    asks = dashboard.get("report_ledger_csv", {"kind": "tickets_paid"})
    sent = dashboard.client.post(f"{dashboard.url('report_ledger_csv')}?kind=tickets_paid", form_fields(asks))
    assert sent.status_code == 302
    assert [row["Amount"] for row in rows_of(fetched(dashboard))] == ["24.00"]
    desk = open_dashboard(studio, Role.BOOKINGS_ADMIN)
    job = Operation.objects.get()
    assert {desk.get(name, pk=job.pk).status_code for name in ("operation", "operation_file")} == {404}


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("reports", 13),
        ("report_fullness", 6),
        ("report_members", 8),
        ("report_member_names", 6),
        ("report_uses", 6),
        ("report_income", 8),
        ("report_ledger", 6),
    ],
)
def test_a_report_takes_as_many_statements_for_three_rows_as_for_one(
    dashboard: Dashboard, yoga: SchedulePage, page: str, most: int
) -> None:
    def more(number: int) -> None:
        pay(past_entry(yoga, title=f"Class {number}", at=YESTERDAY - timedelta(days=number)))
        group = GroupFactory.create(account=yoga.account)
        OfferFactory.create(group=group, page=yoga, limit=3)
        add_member(group, CustomerFactory.create(account=yoga.account))

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert dashboard.get(page, {"month": "2029-11"} if page == "report_member_names" else {}).status_code == 200
        return len(asked)

    more(1)
    statements()
    one = statements()
    more(2)
    more(3)

    assert (statements(), one <= most) == (one, True), one


def test_the_ledger_of_an_account_is_its_own(dashboard: Dashboard) -> None:
    entry = EntryFactory.create(starts_at=YESTERDAY, ends_at=NOW)
    pay(entry)

    assert LedgerLine.objects.count() == 1
    assert "No money has moved yet" in page_text(dashboard.get("report_ledger"))


def test_money_at_the_studio_is_one_click_from_the_reports(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entry = past_entry(yoga)
    ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1200)
    seat = book_seat_manually(entry, ticket, "Bea")
    book_seat_manually(entry, ticket, "Cleo")
    made = take(seat.customer, {seat: 1200})

    home = f"/dashboard/{yoga.account.slug}/money/"
    assert f'href="{home}taken/{made.pk}/"' in dashboard.get("report_ledger").content.decode()
    assert f'Still owed</dt><dd><a href="{home}">£12.00</a>' in dashboard.get("report_income").content.decode()
