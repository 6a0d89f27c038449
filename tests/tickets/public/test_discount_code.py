"""A discount code in the basket: typed, wrong, taken out, carried by a link; what each page and email says of it."""

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Letter
from bookwhen import limits
from tests.browsing import page_text, shown_messages
from tests.factories.codes import DiscountCodeFactory
from tests.tickets.public.basket import basket_path, button_labels, open_browser_with_basket
from tests.worlds.till import Till
from tickets.models import Booking, CodeUses, DiscountCode, Entry, Ticket
from tickets.public.order.choice import Choice

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(till: Till) -> DiscountCode:
    return DiscountCodeFactory.create(account=till.account, code="SPRING10")


@pytest.fixture
def basket(till: Till, code: DiscountCode) -> Booking:
    entry = till.entry(title="Morning yoga")
    ticket = till.ticket(entry, 1200, name="Drop-in")
    return till.fill(entry, ticket, ticket)


@pytest.fixture
def visitor(basket: Booking) -> Client:
    return open_browser_with_basket(basket)


def enter(visitor: Client, till: Till, typed: str) -> str:
    return page_text(visitor.post(basket_path(till, "code/"), {"code": typed}, follow=True))


def test_it_is_typed_into_the_basket_and_taken_out_again(till: Till, visitor: Client) -> None:
    told = enter(visitor, till, "spring 10")
    assert "SPRING10 applied: you save £2.40" in told
    assert "Drop-in SPRING10: you save £1.20 Was £12.00 £10.80" in told
    assert "Tickets £24.00 Discount code SPRING10 -£2.40 Total today £21.60" in told
    assert "Remove SPRING10" in told
    removed = visitor.post(basket_path(till, "code/remove/"), follow=True)
    assert shown_messages(removed) == ["Discount code removed"]
    assert "Total today £24.00" in page_text(removed)
    assert CodeUses.objects.get().used == 0


def test_what_was_typed_is_kept_with_what_is_wrong(till: Till, visitor: Client) -> None:
    response = visitor.post(basket_path(till, "code/"), {"code": "SPRNG10"})
    assert response.status_code == 422
    assert f"{till.account.name} has no discount code like this. Check how it’s spelled, or ask them." in page_text(
        response
    )
    assert 'value="SPRNG10"' in response.content.decode()
    assert "Enter the discount code" in enter(visitor, till, " ")


def test_dates_and_limits_are_told(till: Till, visitor: Client, code: DiscountCode) -> None:
    found = DiscountCode.objects.filter(pk=code.pk)
    found.update(starts_on=date(2030, 2, 1))
    assert "SPRING10 can be used from 1 February 2030." in enter(visitor, till, "spring10")
    found.update(starts_on=None, ends_on=date(2030, 1, 14))
    assert "SPRING10 ended on 14 January 2030." in enter(visitor, till, "spring10")
    found.update(ends_on=None, enabled=False)
    assert "has no discount code like this" in enter(visitor, till, "spring10")
    found.update(enabled=True)
    CodeUses.objects.update(used=0, limit=0)
    assert "SPRING10 has been used up." in enter(visitor, till, "spring10")


def test_tries_are_counted_and_codes_that_work_are_not(till: Till, visitor: Client) -> None:
    amount = limits.CODES_PER_NETWORK.rates[0].amount
    for _ in range(3):
        enter(visitor, till, "spring10")
        visitor.post(basket_path(till, "code/remove/"))
    for number in range(amount):
        assert "has no discount code" in enter(visitor, till, f"guess{number}")
    response = visitor.post(basket_path(till, "code/"), {"code": "spring10"})
    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert "You’ve tried a lot of codes. Wait 10 minutes, then try again." in page_text(response)
    assert 'value="spring10"' in response.content.decode()


def test_a_link_carries_it_to_the_basket(till: Till, code: DiscountCode) -> None:
    entry = till.entry(title="Morning yoga")
    ticket, visitor = till.ticket(entry, 1200, name="Drop-in"), Client()
    landed = visitor.get(f"/{till.page.slug}/?code=spring10&from=2030-01-16", follow=True)
    assert landed.redirect_chain == [(f"/{till.page.slug}/?from=2030-01-16", 302)]
    assert "We’ll use your discount code spring10 when you add tickets to your basket." in page_text(landed)
    told = page_text(order(visitor, entry, ticket, add="1"))
    assert "SPRING10 applied: you save £1.20" in told
    assert "Total today £10.80" in told


def test_at_the_review_it_is_typed_and_the_price_is_seen_before_paying(till: Till, code: DiscountCode) -> None:
    entry = till.entry(title="Morning yoga")
    ticket, visitor = till.ticket(entry, 1200, name="Drop-in"), Client()
    review = visitor.get(f"/{till.page.slug}/entries/{entry.uuid}/book/", {f"t{ticket.pk}": "1"})
    assert "Pay £12.00" in button_labels(review)
    assert 'name="code"' in review.content.decode()
    told = page_text(order(visitor, entry, ticket, add="pay", code="spring10"))
    assert "SPRING10 applied: you save £1.20" in told
    assert "Pay £10.80" in told
    DiscountCode.objects.update(enabled=False)
    review = visitor.get(f"/{till.page.slug}/entries/{entry.uuid}/book/", {f"t{ticket.pk}": "1"})
    assert 'name="code"' not in review.content.decode()


def order(visitor: Client, entry: Entry, ticket: Ticket, **sent: str) -> Any:
    """Sends the form of the review step, and follows where it leads."""
    path = f"/{entry.page.slug}/entries/{entry.uuid}/book/?{Choice(Counter({ticket.pk: 1})).query}"
    main = visitor.get(path).content.decode().partition("<main")[2]
    form = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', main))
    typed = {"booker-name": "Ada Lovelace", "booker-email": "ada@example.org", f"t{ticket.pk}-1-name": "Ada Lovelace"}
    return visitor.post(path, {**form, **typed, **sent}, follow=True)


def test_a_link_on_an_events_page_does_too(till: Till, code: DiscountCode) -> None:
    entry = till.entry()
    till.ticket(entry)
    path = f"/{till.page.slug}/entries/{entry.uuid}/"
    landed = Client().get(f"{path}?code=SPRING10", follow=True)
    assert landed.redirect_chain == [(path, 302)]
    assert "We’ll use your discount code SPRING10" in page_text(landed)


@pytest.mark.parametrize(
    ("uses", "change", "told"),
    [
        ({"limit": 0}, {}, "SPRING10 has been used up. You can book without it, or use another code."),
        ({}, {"ends_on": date(2030, 1, 14)}, "SPRING10 ended on 14 January 2030. You can book without it, or use"),
        ({}, {"starts_on": date(2030, 2, 1)}, "SPRING10 can be used from 1 February 2030. Come back then, or book"),
        (
            {},
            {"enabled": False},
            "The discount code spring10 can’t be used. Ask Lotus Yoga for another, or book without",
        ),
        (
            {},
            {"folded": "OTHER"},
            "The discount code spring10 can’t be used. Ask Lotus Yoga for another, or book without",
        ),
    ],
)
def test_a_link_with_a_code_that_cannot_be_used_says_so_where_it_leads(
    uses: dict[str, Any], change: dict[str, Any], told: str, till: Till, code: DiscountCode
) -> None:
    CodeUses.objects.filter(code=code).update(used=0, **uses)
    DiscountCode.objects.filter(pk=code.pk).update(**{"note": ""} | change)
    visitor = Client()

    landed = page_text(visitor.get(f"/{till.page.slug}/?code=spring10", follow=True))

    assert told.replace("Lotus Yoga", till.account.name) in landed
    assert "We’ll use your discount code" not in landed
    assert not [name for name in visitor.cookies if "code-" in name]


def test_a_link_whose_last_use_is_in_the_visitors_basket_goes_on_with_it(till: Till, visitor: Client) -> None:
    enter(visitor, till, "spring10")
    CodeUses.objects.update(limit=1)

    assert "We’ll use your discount code" in page_text(visitor.get(f"/{till.page.slug}/?code=SPRING10", follow=True))
    assert "SPRING10 has been used up." in page_text(Client().get(f"/{till.page.slug}/?code=SPRING10", follow=True))


def test_links_with_wrong_codes_are_counted_as_tries(till: Till, code: DiscountCode) -> None:
    visitor, path = Client(), f"/{till.page.slug}/?code="
    for number in range(limits.CODES_PER_NETWORK.rates[0].amount):
        assert "can’t be used" in shown_messages(visitor.get(f"{path}guess{number}", follow=True))[0]

    for guessed in ("guess99", "spring10"):
        [told] = shown_messages(visitor.get(f"{path}{guessed}", follow=True))
        assert told == f"We’ll use your discount code {guessed} when you add tickets to your basket."


def test_a_studio_without_codes_shows_no_field_for_one(till: Till, visitor: Client, code: DiscountCode) -> None:
    assert "Apply" in button_labels(visitor.get(basket_path(till)))
    DiscountCode.objects.update(enabled=False)
    assert "Apply" not in button_labels(visitor.get(basket_path(till)))


def test_a_code_that_ends_is_told_in_the_basket(till: Till, visitor: Client, code: DiscountCode) -> None:
    enter(visitor, till, "spring10")
    DiscountCode.objects.update(ends_on=date(2030, 1, 14))
    told = page_text(visitor.get(basket_path(till)))
    assert "Your basket has changed." in told
    assert "SPRING10: this discount code can no longer be used, so your tickets are at their usual price." in told
    assert "Total today £24.00" in told


def test_the_booking_and_its_email_say_it(till: Till, visitor: Client, basket: Booking) -> None:
    enter(visitor, till, "spring10")
    till.pay(basket)
    told = page_text(visitor.get(f"/my/bookings/{basket.uuid}/"))
    assert "SPRING10 : 10% off" in told or "SPRING10: 10% off" in told
    letter = Letter.objects.get(kind="bought")
    assert "Drop-in, £10.80 reduced from £12.00 (code SPRING10)" in " ".join(letter.text.split())


def test_a_basket_without_a_code_costs_no_statement_more(till: Till, visitor: Client, code: DiscountCode) -> None:
    with CaptureQueriesContext(connection) as without:
        visitor.get(basket_path(till))
    enter(visitor, till, "spring10")
    visitor.get(basket_path(till))
    with CaptureQueriesContext(connection) as with_code:
        visitor.get(basket_path(till))
    assert len(with_code) - len(without) == 1
