"""Every kind of ticket from the form it is made with to the receipt, in a browser and on the sandbox's checkout."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Letter
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.journeys.steps import (
    ADA,
    assert_books_balance,
    basket_button,
    choose_ticket,
    create_entry,
    expect_booked,
    fill_in_booker,
    go_to_checkout,
    list_problems,
    newest_booking,
    open_dashboard,
    open_entry,
    open_menu,
    pay_by_card,
    put_entry_on_sale,
)
from tests.worlds.new_studio import NewStudio
from tickets.models import BookingState, EntryPlaces, Payment, Seat, Ticket, TicketCost

pytestmark = pytest.mark.journey

News = Callable[[], None]


def test_priced_and_free_tickets_from_the_form_to_the_receipt(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    open_dashboard(page, stripe_studio)
    a_ticket_with_a_price_a_number_and_a_maximum_per_booking(page)
    a_free_one_and_one_that_says_nothing_of_money(page)

    a_guest_takes_as_many_as_a_booking_may_have(customer)
    they_choose_more_while_their_basket_is_held(customer)
    they_pay_by_card_and_come_back_to_the_booking(customer)
    one_letter_confirms_it_with_both_dates()
    they_print_the_receipt(customer)

    deliver_stripe_events()
    the_studio_sees_the_payment_and_who_comes(page)
    assert_books_balance()


def a_ticket_with_a_price_a_number_and_a_maximum_per_booking(page: Page) -> None:
    create_entry(page, "Evening Flow")
    page.get_by_role("link", name="Tickets & Costs").click()
    page.get_by_role("link", name="Add ticket").first.click()
    page.get_by_label("Name", exact=True).fill("Drop-in")
    page.get_by_label("Number of tickets").fill("3")
    page.get_by_label("Has cost").check()
    page.get_by_role("button", name="Add ticket").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the price")
    page.get_by_label("Price", exact=True).fill("12.50")
    page.get_by_role("button", name="Add ticket").click()
    expect(page.get_by_role("row", name="Drop-in")).to_contain_text("£12.50")
    page.get_by_label("Maximum tickets per booking").fill("2")
    page.get_by_role("button", name="Save").click()
    ticket = Ticket.objects.get()
    assert (ticket.cost, ticket.price, ticket.capacity) == (TicketCost.COST, 1250, 3)


def a_free_one_and_one_that_says_nothing_of_money(page: Page) -> None:
    create_entry(page, "Morning Sit", weeks_ahead=2)
    page.get_by_role("link", name="Tickets & Costs").click()
    for name, cost in (("Seat", "Free ticket"), ("Gate", "No cost")):
        page.get_by_role("link", name="Add ticket").first.click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label(cost, exact=True).check()
        page.get_by_role("button", name="Add ticket").click()
    expect(page.get_by_role("row", name="Seat")).to_contain_text("Free")
    assert list(Ticket.objects.order_by("pk").values_list("cost", "price")) == [
        ("cost", 1250),
        ("free", 0),
        ("none", 0),
    ]


def a_guest_takes_as_many_as_a_booking_may_have(customer: Page) -> None:
    customer.goto("/river-studio/")
    expect(customer.get_by_role("listitem").filter(has_text="Evening Flow")).to_contain_text("£12.50")
    choose_ticket(customer, "Evening Flow", number=3)
    expect(customer.get_by_role("alert")).to_contain_text(
        "Choose up to 2 tickets: that’s the most you can book at once"
    )
    choose_ticket(customer, "Evening Flow", number=2)
    fill_in_booker(customer)
    customer.locator("#place-2").get_by_label("Their name").fill("Byron")
    customer.locator("#place-2").get_by_label("Their email address").fill("byron@example.org")
    expect(customer.get_by_text("Total, 2 tickets")).to_be_visible()
    customer.get_by_role("button", name="Add to basket").click()
    expect(customer.get_by_text("Held for you until")).to_be_visible()
    expect(customer.locator("[data-left]")).to_have_text("15 minutes")
    expect(basket_button(customer)).to_have_text("Basket (2)")
    assert list_problems(customer) == []


def they_choose_more_while_their_basket_is_held(customer: Page) -> None:
    open_entry(customer, "Evening Flow")
    expect(customer.get_by_text("You have 2 tickets for this in your basket.")).to_be_visible()
    open_entry(customer, "Morning Sit")
    expect(customer.get_by_role("article").filter(has_text="Seat")).to_contain_text("Free")
    expect(customer.get_by_role("article").filter(has_text="Gate")).not_to_contain_text("Free")
    customer.get_by_label("Number of “Seat”").fill("1")
    customer.get_by_role("button", name="Continue").click()
    customer.get_by_role("button", name="Add to basket").click()
    expect(basket_button(customer)).to_have_text("Basket (3)")
    expect(customer.get_by_role("region", name="Morning Sit")).to_contain_text("Free")


def they_pay_by_card_and_come_back_to_the_booking(customer: Page) -> None:
    go_to_checkout(customer, "£25.00")
    pay_by_card(customer)
    expect_booked(customer)
    expect(basket_button(customer)).to_have_count(0)
    expect(customer.get_by_role("heading", level=2)).to_contain_text(["Evening Flow", "Morning Sit", "Payment"])
    expect(customer.get_by_role("rowheader")).to_contain_text(["Ada Lovelace", "Byron", "Ada Lovelace"])
    expect(customer.locator("#payment")).to_contain_text("£25.00")
    assert list_problems(customer) == []


def one_letter_confirms_it_with_both_dates() -> None:
    booking = newest_booking()
    letter = Letter.objects.get(recipient=ADA)
    assert letter.subject == f"Booked: your booking {booking.reference}"
    assert "- Byron: Drop-in, £12.50" in letter.text
    assert "Paid by card: £25.00" in letter.text
    assert letter.calendar.count("BEGIN:VEVENT") == 2
    assert ("SUMMARY:Evening Flow" in letter.calendar, "SUMMARY:Morning Sit" in letter.calendar) == (True, True)


def they_print_the_receipt(customer: Page) -> None:
    customer.get_by_role("link", name="Receipt").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(customer.get_by_role("table", name="What you bought").get_by_role("rowheader")).to_have_count(3)
    expect(customer.locator("#payment")).to_contain_text("Total paid£25.00")
    assert list_problems(customer) == []


def the_studio_sees_the_payment_and_who_comes(page: Page) -> None:
    open_menu(page, "Payments")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("£25.00 Paid")
    expect(page.get_by_role("table", name="Spaces").get_by_role("rowheader")).to_contain_text(["Ada Lovelace", "Byron"])
    assert list_problems(page) == []
    page.get_by_role("link", name=newest_booking().reference).click()
    expect(page.get_by_role("table", name="Payments")).to_contain_text("£25.00")
    assert list_problems(page) == []
    page.get_by_role("link", name="Evening Flow").first.click()
    expect(page.get_by_role("list", name="Attendees").get_by_role("listitem")).to_contain_text(
        ["Ada Lovelace", "Byron"]
    )
    assert [(each.amount, each.refunded) for each in Payment.objects.all()] == [(2500, 0)]


def test_what_is_free_never_meets_stripe_and_what_is_shut_says_so(page: Page, stripe_studio: NewStudio) -> None:
    first, second = (
        put_entry_on_sale(stripe_studio, "Morning Sit", 0),
        put_entry_on_sale(stripe_studio, "Evening Sit", 0),
    )
    full, later = (
        put_entry_on_sale(stripe_studio, "Full House"),
        EntryFactory.create(
            page=stripe_studio.page, title="Summer Ball", starts_at=timezone.now() + timedelta(days=20)
        ),
    )
    EntryPlaces.objects.filter(entry=full).update(taken=10)
    TicketFactory.create(entry=later, name="Drop-in", cost=TicketCost.COST, price=900, opens_minutes_before=60 * 24 * 7)

    choose_ticket(page, "Morning Sit")
    fill_in_booker(page)
    page.get_by_role("button", name="Add to basket and choose more").click()
    choose_ticket(page, "Evening Sit")
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="Confirm booking").click()
    expect_booked(page)
    expect(page.get_by_role("heading", level=2)).to_contain_text(["Morning Sit", "Evening Sit"])
    expect(page.get_by_role("link", name="Receipt")).to_have_count(0)
    assert (newest_booking().state, Payment.objects.count()) == (BookingState.BOOKED, 0)
    assert {seat.entry for seat in Seat.objects.all()} == {first, second}

    open_entry(page, "Full House")
    expect(page.get_by_text("This event is sold out.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    page.goto("/river-studio/")
    expect(page.get_by_role("listitem").filter(has_text="Summer Ball")).to_contain_text("On sale from")
    open_entry(page, "Summer Ball")
    expect(page.get_by_role("article").filter(has_text="Drop-in")).to_contain_text("Not on sale")
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
