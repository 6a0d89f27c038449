"""What a bookkeeper is handed: on paper no column is lost, and on a phone what a line comes to is beside its name."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import User
from tests.factories.accounts import CustomerFactory
from tests.factories.money import PaymentFactory, create_payout
from tests.factories.schedule import EntryFactory, TicketFactory, load_entry
from tests.journeys.steps import log_in_to
from tests.tickets.money.receipts.moving import numbering
from tests.worlds.new_studio import NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Booking, MoneyMethod, Receipt, Seat, TicketCost
from tickets.money.receipts.issuing import number_receipts
from tickets.money.studio import Handed, take_money

pytestmark = pytest.mark.journey

SHEET: ViewportSize = {"width": 680, "height": 1000}
"""A4 without its margins, in pixels."""
PRICE = 12_345_600
PAGES = ("money/cash-book/", "receipts/", "reports/income/", "reports/ledger/", "reports/payouts/", "receipts/vat/")
LOST = """
    [...document.querySelectorAll("main table")]
        .filter((each) => {
            const wanted = each.getBoundingClientRect().right;
            let seen = innerWidth;
            for (let box = each.parentElement; box; box = box.parentElement) {
                if (getComputedStyle(box).overflowX !== "visible" && box !== document.documentElement) {
                    seen = Math.min(seen, box.getBoundingClientRect().right);
                }
            }
            return wanted > seen + 1;
        })
        .map((each) => each.caption.textContent)
"""


@pytest.fixture
def earnings(studio: NewStudio) -> Receipt:
    """The studio was paid much, in cash and online, by somebody with a long name for a class with one."""
    account, now = studio.account, timezone.now()
    numbering(account)
    entry = EntryFactory.create(page=studio.page, title="Restorative Yin, Yoga Nidra and Sound Bath by candlelight")
    ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=PRICE)
    who = CustomerFactory.create(account=account, name="Wilhelmina Featherstonehaugh-Cholmondeley")
    booking = book_by_studio(
        load_entry(entry), who, [WantedTicket(ticket=ticket.pk, name=who.name)], key=uuid4(), now=now
    ).booking
    pay_both_ways(studio, booking, booking.seats.get())
    number_receipts(account.pk, now=now)
    return Receipt.objects.filter(account=account).latest("pk")


def pay_both_ways(studio: NewStudio, booking: Booking, seat: Seat) -> None:
    now, account = timezone.now(), studio.account
    handed = Handed(amount=PRICE, method=MoneyMethod.TRANSFER, at=now - timedelta(minutes=1), note="By her employer")
    take_money(account, {seat.pk: PRICE}, handed, by=User.objects.get(email=studio.owner), key=uuid4(), now=now)
    paid = PaymentFactory.create(booking=booking, amount=PRICE, opened_at=now, paid_at=now)
    create_payout(account, paid, fee=246_912, arrives_on=now.date(), created_at=now)


def test_every_column_is_on_the_sheet(page: Page, studio: NewStudio, earnings: Receipt) -> None:
    assert earnings.total == PRICE
    home = f"/dashboard/{studio.account.slug}/"
    log_in_to(page, studio.owner, home)
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")

    lost = {}
    for path in PAGES:
        page.goto(home + path)
        assert page.locator("main table").count() > 0, path
        if tables := page.evaluate(LOST):
            lost[path] = tables
    assert lost == {}


def test_a_receipt_is_all_there_is_on_the_sheet(page: Page, studio: NewStudio, earnings: Receipt) -> None:
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/receipts/{earnings.pk}/")
    receipt = page.get_by_role("article", name=f"Receipt {earnings}")
    expect(receipt).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")

    expect(page.get_by_role("heading")).to_have_count(1)
    expect(page.get_by_role("heading")).to_have_text(f"Receipt {earnings}")
    expect(page.get_by_role("link")).to_have_count(0)
    head, body = (receipt.locator(each).bounding_box() for each in (".receipt-head > div", "dl >> nth=0"))
    assert head
    assert body
    assert head["x"] == body["x"]


@pytest.mark.parametrize(("path", "name"), [("reports/ledger/", "Tickets"), ("reports/income/", "All together")])
def test_on_a_phone_the_amount_is_beside_what_it_is_for(
    page: Page, studio: NewStudio, earnings: Receipt, path: str, name: str
) -> None:
    """Not Stripe’s fee, though that is the last number of the line."""
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/dashboard/{studio.account.slug}/{path}")

    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name)).first
    named, amount, fee = (row.locator(each).bounding_box() for each in ("th", ".sum", ".sum + td"))
    assert named
    assert amount
    assert fee
    assert abs(amount["y"] - named["y"]) < 5
    assert fee["y"] >= named["y"] + named["height"] - 1
