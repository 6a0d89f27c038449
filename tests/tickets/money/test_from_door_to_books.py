"""Money through all of its rooms: owed, taken, receipted, moved, given back, merged and erased, with real services."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.erasing.service import erase_customer
from accounts.merging.services import merge_customers
from accounts.models import Customer, PaysAtStudio
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.codes import DiscountCodeFactory
from tests.tickets.booking.moving import read_seat
from tests.tickets.money.receipts.moving import numbered, numbering
from tests.worlds.dashboard import open_dashboard
from tests.worlds.till import Till, person_of
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import move_terms, read_facts_of_move
from tickets.checkout.codes import apply_code
from tickets.checkout.paying import check_out
from tickets.consistency import check_books
from tickets.dashboard.studio.reading import to_collect_in_all
from tickets.models import (
    Booking,
    CodeUses,
    Entry,
    LedgerLine,
    MoneyMethod,
    Receipt,
    ReceiptLine,
    Seat,
    StudioPayment,
    Ticket,
)
from tickets.money.studio import Handed, give_back_money, take_money
from tickets.money.studio_spread import Owing
from tickets.reporting.income import NamedAmount, read_income, read_ticket_income
from tickets.reporting.spans import month_so_far

pytestmark = pytest.mark.django_db


class Door:
    """A studio where customers pay at the studio as well, and numbers its receipts with VAT of 20 percent."""

    def __init__(self, till: Till) -> None:
        self.till, self.account = till, till.account
        numbering(self.account)
        till.page.pays_at_studio = PaysAtStudio.ALSO
        till.page.save(update_fields=["pays_at_studio"])

    def owes(self, entry: Entry, *tickets: Ticket, customer: Customer | None = None, code: str = "") -> Booking:
        """Book, to pay at the studio."""
        now, has_login = timezone.now(), customer is not None and customer.user_id is not None
        basket = self.till.fill(entry, *tickets, customer=customer, own=has_login)
        who = person_of(basket.customer)
        if code:
            apply_code(basket, code, who, now=now)
        seen = self.till.refresh(basket)
        assert check_out(seen.booking, who, seen.basket_version, now=now, at_studio=True) == ""
        return Booking.objects.select_related("customer").get(pk=basket.pk)

    def take(self, *seats: Seat) -> StudioPayment:
        """All that is owed for them, in cash."""
        owed = {seat.pk: owed_of(seat) for seat in seats}
        handed = Handed(amount=sum(owed.values()), method=MoneyMethod.CASH, at=timezone.now())
        return take_money(self.account, owed, handed, by=None, key=uuid4(), now=timezone.now()).payment

    def give_back(self, seat: Seat, amount: int) -> StudioPayment:
        handed = Handed(amount=amount, method=MoneyMethod.CASH, at=timezone.now())
        noted = Seat.objects.get(pk=seat.pk)
        seen = [Owing(seat.pk, noted.owed, noted.collected)]
        return give_back_money(self.account, seen, handed, by=None, key=uuid4(), now=timezone.now()).payment

    def move(self, seat: Seat, entry: Entry, ticket: Ticket) -> None:
        """Move as an operator who reads what will be done, and has the difference noted."""
        now, found = timezone.now(), read_seat(seat.pk)
        target = Entry.objects.for_booking().get(pk=entry.pk)
        terms = move_terms(found, target, ticket, read_facts_of_move(found, target, now=now), now=now)
        order = MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version)
        move_seat(found, target, order, now=now)

    def earned(self) -> tuple[int, int]:
        """What the reports say: taken at the studio this month (given back taken off), and still owed."""
        span = month_so_far(self.account, now=timezone.now())
        [month] = read_income(self.account, span)[self.account.currency]
        assert month.income.net == month.income.at_studio == month.income.by(MoneyMethod.CASH)
        tickets = read_ticket_income(self.account, span, self.account.currency)
        assert tickets.total == month.income.net
        return month.income.at_studio, to_collect_in_all(self.account)

    def by_entry(self) -> list[NamedAmount]:
        span = month_so_far(self.account, now=timezone.now())
        return list(read_ticket_income(self.account, span, self.account.currency).entries)


@pytest.fixture
def door(till: Till) -> Door:
    return Door(till)


def owed_of(seat: Seat) -> int:
    return Seat.objects.values_list("owed", flat=True).get(pk=seat.pk)


def wrong(*, now: datetime | None = None) -> list[str]:
    return [str(each) for each in check_books(now=now or timezone.now())]


def details() -> list[tuple[str, int, int | None]]:
    """What receipts say of each space: by which ticket, gross and VAT."""
    return list(ReceiptLine.objects.order_by("pk").values_list("detail", "amount", "vat"))


def test_a_code_makes_cheaper_what_is_paid_at_the_studio(door: Door) -> None:
    code = DiscountCodeFactory.create(account=door.account, code="SUNDAY", percent=25)
    entry = door.till.entry(title="Flow")
    booking = door.owes(entry, door.till.ticket(entry, name="Drop-in"), code="sunday")
    seat = booking.seats.get()
    assert (seat.owed, seat.amount, booking.discount_code) == (900, 0, code)
    assert CodeUses.objects.get(code=code).used == 1
    assert door.earned() == (0, 900)
    uses = open_dashboard(door.account).get("discount_code_uses", pk=code.pk)
    assert page_text(uses).endswith(f"{booking.reference} 1 –")

    door.take(seat)

    assert numbered(door.account) == [(1, "receipt", 900, 150)]
    assert details() == [("Drop-in, discount code SUNDAY", 900, 150)]
    assert (door.earned(), door.by_entry()) == ((900, 0), [NamedAmount("Flow", 900)])
    assert wrong() == []


def test_the_better_of_a_code_and_a_members_discount_is_owed_for_each(door: Door) -> None:
    group = door.till.discount(percent=20).group
    DiscountCodeFactory.create(account=door.account, code="FIVER", percent=None, amount_off=500)
    entry = door.till.entry()
    member = door.till.member(group)
    dear, cheap = door.till.ticket(entry, 4000, name="Dear"), door.till.ticket(entry, 1000, name="Cheap")
    booking = door.owes(entry, dear, cheap, customer=member, code="fiver")
    seats = list(booking.seats.order_by("pk"))
    assert [(seat.owed, bool(seat.discount_id), bool(seat.discount_code_id)) for seat in seats] == [
        (3200, True, False),
        (500, False, True),
    ]

    door.take(*seats)

    assert numbered(door.account) == [(1, "receipt", 3700, 616)]
    assert details() == [("Dear, member’s discount", 3200, 533), ("Cheap, discount code FIVER", 500, 83)]
    assert door.earned() == (3700, 0)
    assert wrong() == []


def test_what_was_paid_in_cash_for_a_cancelled_class_is_credit_and_then_a_credit_note(door: Door) -> None:
    entry = door.till.entry(title="Flow")
    seat = door.owes(entry, door.till.ticket(entry, name="Drop-in")).seats.get()
    door.take(seat)
    numbered(door.account)

    cancel_by_studio([seat.pk], now=timezone.now())
    assert (owed_of(seat), door.earned()) == (-1200, (1200, 0))
    assert numbered(door.account) == [(1, "receipt", 1200, 200)], "a credit is no movement of money"

    door.give_back(seat, 1200)
    assert numbered(door.account)[1:] == [(2, "credit_note", -1200, -200)]
    assert Receipt.objects.get(number=2).credits == Receipt.objects.get(number=1)
    assert (owed_of(seat), door.earned()) == (0, (0, 0))
    assert wrong() == []


def test_who_moves_to_a_dearer_class_after_paying_pays_the_rest_there(door: Door) -> None:
    entry, later = door.till.entry(title="Flow"), door.till.entry(title="Long Sit")
    seat = door.owes(entry, door.till.ticket(entry, name="Drop-in")).seats.get()
    door.take(seat)
    numbered(door.account)
    door.move(seat, later, door.till.ticket(later, 2000, name="Drop-in"))
    assert (owed_of(seat), door.earned()) == (800, (1200, 800))

    door.take(seat)

    assert numbered(door.account)[1:] == [(2, "receipt", 800, 133)]
    texts = list(ReceiptLine.objects.order_by("pk").values_list("text", flat=True))
    assert [text.partition(",")[0] for text in texts] == ["Flow", "Long Sit"]
    assert (door.earned(), door.by_entry()) == ((2000, 0), [NamedAmount("Long Sit", 2000)])

    cancel_by_studio([seat.pk], now=timezone.now())
    door.give_back(seat, 2000)
    assert sum(vat or 0 for *_rest, vat in numbered(door.account)) == 0
    assert wrong() == []


def test_moved_to_a_dearer_class_a_code_goes_on_making_it_cheaper(door: Door) -> None:
    DiscountCodeFactory.create(account=door.account, code="SUNDAY", percent=25)
    entry, later = door.till.entry(), door.till.entry()
    seat = door.owes(entry, door.till.ticket(entry), code="sunday").seats.get()
    door.take(seat)
    door.move(seat, later, door.till.ticket(later, 2000))
    assert owed_of(seat) == 1500 - 900
    assert wrong() == []


def test_where_two_are_one_their_cash_and_receipts_are_one_s(door: Door) -> None:
    entry = door.till.entry()
    gone = CustomerFactory.create(account=door.account, name="A. Lovelace")
    stays = CustomerFactory.create(account=door.account, name="Ada Lovelace")
    seat = door.owes(entry, door.till.ticket(entry), customer=gone).seats.get()
    made = door.take(seat)
    numbered(door.account)

    merge_customers(door.account, survivor=stays.pk, gone=gone.pk, now=timezone.now())

    receipt = Receipt.objects.get()
    assert (receipt.customer, receipt.name) == (stays, "A. Lovelace")
    assert StudioPayment.objects.get(pk=made.pk).customer == LedgerLine.objects.get().customer == stays
    # What they paid before can be given back to who they are now.
    given = door.give_back(seat, 200)
    assert given.customer == stays
    numbered(door.account)
    assert (Receipt.objects.get(number=2).credits, door.earned()) == (receipt, (1000, 0))
    assert wrong() == []


def test_of_somebody_who_is_erased_only_what_the_law_wants_is_kept(door: Door) -> None:
    entry = door.till.entry()
    customer = CustomerFactory.create(account=door.account, name="Zebedee Needle", email="zeb@example.org")
    seat = door.owes(entry, door.till.ticket(entry), customer=customer).seats.get()
    door.take(seat)
    before, later = numbered(door.account), timezone.now() + timedelta(days=30)

    erase_customer(customer, now=later)

    assert not Customer.objects.filter(pk=customer.pk).exists()
    receipt = Receipt.objects.get()
    assert receipt.name == "Zebedee Needle"
    assert receipt.customer
    assert receipt.customer.name != "Zebedee Needle"
    assert StudioPayment.objects.get().customer == LedgerLine.objects.get().customer == receipt.customer
    assert (numbered(door.account), door.earned()) == (before, (1200, 0))
    assert wrong(now=later) == []
