"""*Bookings*: the list, and a booking with its seats, payments and refunds."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.browsing import next_page, page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.money import RefundFactory, create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import (
    Booking,
    BookingState,
    Channel,
    Entry,
    Payment,
    Refund,
    RefundedSeat,
    RefundReason,
    RefundState,
    Seat,
    Ticket,
)

HELD: dict[str, Any] = {"state": BookingState.BASKET, "held_until": NOW + timedelta(minutes=15)}
PAYING: dict[str, Any] = {"state": BookingState.PAYING, "held_until": NOW + timedelta(minutes=15)}


def listed(dashboard: Dashboard, **query: str) -> list[Booking]:
    return [row.booking for row in dashboard.get("bookings", query).context["rows"]]


# The list


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        booking = create_paid_booking(entry, ticket, *[f"Ada {place}" for place in range(number + 1)])
        RefundFactory.create(payment=booking.payments.get())
    dashboard.get("bookings")

    with django_assert_num_queries(8):
        assert len(dashboard.get("bookings").context["rows"]) == many


def test_before_anybody_has_booked(dashboard: Dashboard) -> None:
    assert "No bookings yet Bookings that customers make, or you make for them, appear here." in page_text(
        dashboard.get("bookings")
    )


def test_baskets_stand_apart(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booked = create_paid_booking(entry, ticket, "Ada")
    basket, paying = (
        create_paid_booking(entry, ticket, "Bea", **HELD),
        create_paid_booking(entry, ticket, "Cy", **PAYING),
    )
    gone = create_paid_booking(entry, ticket, "Dee", state=BookingState.RELEASED)

    page = page_text(dashboard.get("bookings"))
    held = page_text(dashboard.get("bookings", {"state": "held"}))

    assert "Booked 1 Unpaid 0 In a basket 2 Not completed 1" in page
    assert (listed(dashboard), listed(dashboard, state="released")) == ([booked], [gone])
    assert listed(dashboard, state="held") == [paying, basket]
    assert listed(dashboard, state="unheard of") == [booked]
    assert (held.count(says.IN_A_BASKET), held.count(says.PAYMENT_IN_PROGRESS)) == (1, 1)


def test_a_line_tells_what_was_paid_and_what_went_back(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(
        entry, ticket, "Ada", "Byron", customer=CustomerFactory.create(account=entry.account, name="Ada")
    )
    Payment.objects.update(refunded=1000)

    assert (
        f"Ada {booking.customer.email} {booking.reference} Vinyasa Tue 15 Jan 2030, 12:00 2 £24.00 £10.00 refunded"
    ) in page_text(dashboard.get("bookings"))


def test_a_booking_is_found_by_its_customer_and_its_reference(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    ada = create_paid_booking(
        entry, ticket, "A", customer=CustomerFactory.create(account=entry.account, name="Ada Lovelace")
    )
    bea = create_paid_booking(
        entry, ticket, "B", customer=CustomerFactory.create(account=entry.account, email="bea@example.com")
    )

    assert listed(dashboard, q="LOVE") == [ada]
    assert listed(dashboard, q="bea@") == [bea]
    assert listed(dashboard, q=ada.reference) == [ada]
    assert listed(dashboard, q=f" {bea.reference.lower()} ") == [bea]
    assert listed(dashboard, q="nobody\x00") == []
    assert listed(dashboard, q="%") == []


def test_bookings_come_in_pages_of_twenty_five(dashboard: Dashboard, entry: Entry) -> None:
    entry.places.capacity = 40
    entry.places.save()
    ticket = TicketFactory.create(entry=entry)
    for _ in range(26):
        create_paid_booking(entry, ticket, "Ada")

    first = dashboard.get("bookings", {"state": "booked"})
    assert (len(listed(dashboard)), len(first.context["rows"]), next_page(first)["state"]) == (25, 25, "booked")
    assert len(listed(dashboard, **next_page(first))) == 1


# One booking


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_of_one_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = create_paid_booking(entry, ticket, *[f"Ada {number}" for number in range(many)])
    for _ in range(many):
        RefundFactory.create(payment=booking.payments.get())
    dashboard.get("booking", pk=booking.pk)

    with django_assert_num_queries(10):
        assert len(dashboard.get("booking", pk=booking.pk).context["seats"]) == many


def test_every_seat_is_told_with_its_money(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada", "Byron")
    ada, _byron = booking.seats.order_by("pk")
    Seat.objects.filter(pk=ada.pk).update(cancelled_at=NOW, cancelled_by=Channel.STUDIO)
    payment = booking.payments.get()
    refund = Refund.objects.create(
        account=booking.account,
        payment=payment,
        amount=1200,
        reason=RefundReason.STUDIO,
        by=dashboard.account.staff.get().user,
        state=RefundState.DONE,
        due_at=NOW,
        created_at=NOW,
    )
    RefundedSeat.objects.create(account=refund.account, refund=refund, seat=ada, amount=1200)
    other = RefundFactory.create(payment=payment)
    RefundedSeat.objects.create(account=other.account, refund=other, seat=ada, amount=1000)
    Payment.objects.update(refunded=1200)

    page = page_text(dashboard.get("booking", pk=booking.pk))

    assert f"Booking {booking.reference} Booked" in page
    assert "Paid £24.00 · £12.00 refunded" in page
    when = "Thu 17 Jan 2030, 12:00"
    assert (
        f"Ada Vinyasa Drop-in {when} £12.00 – £12.00 Cancelled by the studio Tue 15 Jan 2030, 12:00 £12.00 refunded"
    ) in page
    assert f"Byron Vinyasa Drop-in {when} Move to another entry · Change name £12.00 – £12.00 Booked" in page
    assert "Tue 15 Jan 2030, 12:00 Partly refunded £24.00 £12.00" in page
    assert f"£12.00 Cancelled by the studio {refund.by} Tue 15 Jan 2030, 12:00 Refunded" in page


def test_a_use_and_a_discount_are_told(dashboard: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)
    assert "Mia Vinyasa Gold ticket · one use from Gold" in page_text(dashboard.get("booking", pk=seat.booking_id))


def test_what_the_studio_booked_costs_nothing(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket)
    page = page_text(dashboard.get("booking", pk=seat.booking_id))
    assert "Booked Tue 15 Jan 2030, 12:00 · by the studio" in page
    assert page.count("£") == 0


@pytest.mark.parametrize(
    ("fields", "badge", "told"),
    [
        (HELD, says.IN_A_BASKET, "Nothing is booked yet."),
        (PAYING, says.PAYMENT_IN_PROGRESS, "The customer is paying."),
        ({"state": BookingState.RELEASED}, "Not completed", ""),
    ],
)
def test_what_is_not_booked_is_told_as_such(
    fields: dict[str, Any], badge: str, told: str, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    booking = create_paid_booking(entry, ticket, "Ada", **fields)
    page = page_text(dashboard.get("booking", pk=booking.pk))
    assert f"Booking {booking.reference} {badge}" in page
    assert told in page


def test_a_booking_without_places_left_is_cancelled(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada")
    booking.seats.update(cancelled_at=NOW, cancelled_by=Channel.CUSTOMER)

    page = page_text(dashboard.get("booking", pk=booking.pk))

    assert f"Booking {booking.reference} Cancelled" in page
    assert (page.count("Cancel spaces"), page.count("by the customer")) == (0, 2)


def test_the_membership_bought_with_it_and_back(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada")
    group = GroupFactory.create(account=entry.account)
    membership = Membership.objects.create(account=entry.account, group=group, title="Gold", created_at=NOW)
    made = {"account": entry.account, "membership": membership, "created_at": NOW}
    price = Price.objects.create(title="Monthly", amount=4000, currency="GBP", **made)
    facts = {
        "status": SubscriptionStatus.ACTIVE,
        "stripe_id": "sub_1",
        "started_at": NOW,
        "source": SubscriptionSource.CHECKOUT,
        **made,
    }
    booking.purchase = Subscription.objects.create(customer=booking.customer, price=price, **facts)
    alone = Subscription.objects.create(
        customer=CustomerFactory.create(account=entry.account), price=price, **{**facts, "stripe_id": "sub_2"}
    )
    booking.membership_price = price
    booking.save()

    page = dashboard.get("booking", pk=booking.pk)
    subscription = dashboard.get("subscription", pk=booking.purchase.pk)

    assert "Membership Gold · bought with this booking" in page_text(page)
    assert page.content.decode().count(dashboard.url("subscription", pk=booking.purchase.pk)) == 1
    assert f"Associated booking {booking.reference}" in page_text(subscription)
    assert subscription.content.decode().count(f'"{dashboard.url("booking", pk=booking.pk)}"') == 1
    assert page_text(dashboard.get("subscription", pk=alone.pk)).count("Associated booking") == 0


def test_a_customers_page_counts_no_baskets(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    ada = CustomerFactory.create(account=entry.account, name="Ada")
    booked = create_paid_booking(entry, ticket, "Ada", customer=ada)
    basket = create_paid_booking(entry, ticket, "Ada", customer=ada, **HELD)
    Payment.objects.update(refunded=200)

    page = page_text(dashboard.get("customer", pk=ada.pk))

    assert f"{booked.reference} Vinyasa Tue 15 Jan 2030, 12:00 1 £12.00" in page
    assert page.count(basket.reference) == 0
    assert (
        f"Tue 15 Jan 2030, 12:00 {booked.reference} Partly refunded £12.00 £2.00 £12.00 paid, £2.00 refunded." in page
    )
    assert f"Ada {ada.email} – 1" in page_text(dashboard.get("customers"))


def test_money_is_for_those_who_look_after_customers(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada")
    payment, refund = booking.payments.get(), RefundFactory.create(payment=booking.payments.get())
    pages: dict[str, dict[str, Any]] = {
        "bookings": {},
        "booking": {"pk": booking.pk},
        "booking_cancel": {"pk": booking.pk},
        "payment_list": {},
        "payments_csv": {},
        "payment": {"pk": payment.pk},
        "payment_refund": {"pk": payment.pk},
        "refund_again": {"pk": refund.pk},
        "refund_settled": {"pk": refund.pk},
    }
    seen = {}
    for role in Role:
        at = open_dashboard(entry.account, role)
        addresses = [at.url(name, **kwargs) for name, kwargs in pages.items()]
        seat = {"seat": booking.seats.get().pk}
        seen[role] = {at.client.get(address, seat).status_code for address in addresses}
    assert seen == {
        Role.OWNER: {200, 405},
        Role.BOOKINGS_ADMIN: {200, 405},
        Role.SCHEDULE_MANAGER: {404},
        Role.LEADER: {404},
    }
    page = open_dashboard(entry.account, Role.LEADER).get("entry", pk=entry.pk)
    assert (page_text(page).count("£"), page.content.decode().count("/bookings/")) == (0, 0)


def test_anothers_are_not_listed(dashboard: Dashboard) -> None:
    theirs = EntryFactory.create()
    create_paid_booking(theirs, TicketFactory.create(entry=theirs), "Ada")
    assert listed(dashboard) == []
    assert list(dashboard.get("payment_list").context["payments"]) == []
