"""The pages of discount codes: made, changed, what a used one keeps, who used it, and deleting one."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, AuditEntry, SchedulePage
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.codes import DiscountCodeFactory
from tests.factories.money import create_paid_booking
from tests.worlds.dashboard import Dashboard
from tickets.models import CodeCoverage, CodeRedemption, CodeUses, DiscountCode, Entry, Ticket

HOME = "/dashboard/river/discount-codes/"


def typed(**fields: Any) -> dict[str, Any]:
    plain = {"key": str(uuid4()), "code": "spring 10", "percent": "10", "scope": "pages", "enabled": "on"}
    return plain | fields


def used_by(code: DiscountCode, entry: Entry, ticket: Ticket) -> CodeRedemption:
    """A booking that was made with a code."""
    booking = create_paid_booking(entry, ticket, "Ada", "Bob", amount=1200)
    booking.seats.update(discount_code=code, amount=1080)
    booking.discount_code = code
    booking.save()
    CodeUses.objects.filter(code=code).update(used=1)
    return CodeRedemption.objects.create(
        account=code.account, code=code, booking=booking, customer=booking.customer, created_at=timezone.now()
    )


def test_ten_percent_for_two_tickets_until_sunday(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    other = type(ticket).objects.create(account=entry.account, series=entry.series, name="Concession")
    sent = typed(scope="tickets", tickets=[ticket.pk, other.pk], ends_on="2030-01-20", limit="20", customer_limit="1")
    response = dashboard.client.post(f"{HOME}new/", sent, follow=True)
    told = page_text(response)
    code = DiscountCode.objects.get()
    assert response.redirect_chain == [(f"{HOME}{code.pk}/", 302)]
    assert "Discount code created. Copy its link, or tell people the code." in told
    assert (
        "Anyone who enters SPRING10 gets 10% off “Drop-in” and “Concession”, until 20 January 2030 (inclusive), "
        "for 1 booking each, 20 bookings in total." in told
    )
    assert "/yoga/?code=SPRING10" in told
    assert set(CodeCoverage.objects.values_list("ticket", flat=True)) == {ticket.pk, other.pk}
    assert code.uses.limit == 20
    dashboard.client.post(f"{HOME}new/", sent)
    assert DiscountCode.objects.count() == 1
    assert [line.action for line in AuditEntry.objects.all()] == ["discount_code.created"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": ""}, "Enter the code"),
        ({"code": "a1"}, "Use at least 3 letters or digits"),
        ({"code": "50%!"}, "Use only letters, digits and hyphens, such as SPRING-10"),
        ({"percent": ""}, "Enter a percentage from 1 to 100, or an amount below"),
        ({"percent": "101"}, "Enter 100 or less for “Percent off”"),
        ({"amount_off": "5"}, "Enter a percentage or an amount, not both"),
        ({"scope": "tickets"}, "Choose at least one ticket, or “All tickets”"),
        ({"starts_on": "2030-01-20", "ends_on": "2030-01-19"}, "Choose a last day that isn’t before the first one"),
        ({"limit": "0"}, "Enter 1 or more for “Bookings in total”"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(dashboard: Dashboard, fields: dict[str, str], said: str) -> None:
    response = dashboard.client.post(f"{HOME}new/", typed(**fields))
    assert response.status_code == 422
    assert said in page_text(response)
    assert not DiscountCode.objects.exists()


def test_a_code_that_people_would_mistake_for_another_is_refused(dashboard: Dashboard, studio: Account) -> None:
    DiscountCodeFactory.create(account=studio, code="SPRING10")
    told = page_text(dashboard.client.post(f"{HOME}new/", typed(code="SPR1NG-IO")))
    assert "Choose another code. You already have this one, or one that people would mistake it for." in told


def test_a_used_one_keeps_its_code_and_what_it_takes_off(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket
) -> None:
    code = DiscountCodeFactory.create(account=studio, code="SPRING10", percent=None, amount_off=250, limit=5)
    used_by(code, entry, ticket)
    page = dashboard.client.get(f"{HOME}{code.pk}/")
    assert "This code has been used. So the code and what it takes off can’t be changed any more." in page_text(page)
    sent = typed(code="OTHER", percent="90", amount_off="9", ends_on="2030-02-01", limit="3", note="Flyer")
    assert shown_messages(dashboard.client.post(f"{HOME}{code.pk}/", sent, follow=True)) == ["Discount code updated"]
    code.refresh_from_db()
    assert (code.code, code.percent, code.amount_off, code.note) == ("SPRING10", None, 250, "Flyer")
    assert (code.ends_on, CodeUses.objects.get().limit) == (date(2030, 2, 1), 3)


def test_a_limit_is_never_below_what_was_used(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket
) -> None:
    code = DiscountCodeFactory.create(account=studio, limit=5)
    used_by(code, entry, ticket)
    CodeUses.objects.update(used=3)
    response = dashboard.client.post(f"{HOME}{code.pk}/", typed(limit="2"))
    assert (response.status_code, CodeUses.objects.get().limit) == (422, 5)
    assert "Enter 3 or more: 3 bookings have used it" in page_text(response)


def test_what_it_means_is_said_while_it_is_typed(dashboard: Dashboard, yoga: SchedulePage) -> None:
    told = page_text(
        dashboard.client.post(f"{HOME}new/", typed(show="1", percent="", amount_off="2.50", pages=[yoga.pk]))
    )
    assert "Anyone who enters SPRING10 gets £2.50 off every ticket on “River Yoga”, from now on, as often as" in told
    assert not DiscountCode.objects.exists()
    told = page_text(dashboard.client.post(f"{HOME}new/", typed(show="1", percent="")))
    assert "Fill in what’s missing to see what this code does." in told


def test_the_list_says_how_each_stands(dashboard: Dashboard, studio: Account) -> None:
    assert "Create your first discount code" in page_text(dashboard.client.get(HOME))
    DiscountCodeFactory.create(account=studio, code="NOW", limit=20)
    DiscountCodeFactory.create(account=studio, code="LATER", starts_on=date(2030, 1, 16))
    DiscountCodeFactory.create(account=studio, code="PAST", ends_on=date(2030, 1, 14))
    DiscountCodeFactory.create(account=studio, code="NEVER", enabled=False)
    gone = DiscountCodeFactory.create(account=studio, code="GONE", limit=1)
    CodeUses.objects.filter(code=gone).update(used=1)
    told = page_text(dashboard.client.get(HOME))
    for line in ("GONE Used up", "NEVER Switched off", "PAST Ended", "LATER Upcoming", "NOW Active"):
        assert line in told
    assert "1 of 1" in told


def test_who_used_it_and_as_a_file(dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket) -> None:
    code = DiscountCodeFactory.create(account=studio, code="SPRING10", limit=5)
    assert "Nobody has used it yet" in page_text(dashboard.client.get(f"{HOME}{code.pk}/uses/"))
    use = used_by(code, entry, ticket)
    told = page_text(dashboard.client.get(f"{HOME}{code.pk}/uses/"))
    assert "Bookings: 1 of 5 Open baskets" in told
    assert f"{use.booking.reference} 2 £2.40" in told
    file = b"".join(dashboard.client.get(f"{HOME}{code.pk}/uses.csv")).decode()
    row = ["SPRING10", use.booking.reference, use.customer.name, use.customer.email, "Booked", "2", "2.40", "GBP"]
    assert ",".join(f'"{cell}"' for cell in row) in file


def test_the_list_of_uses_takes_as_many_statements_for_three_as_for_one(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket
) -> None:
    code = DiscountCodeFactory.create(account=studio)
    taken = []
    for _ in range(3):
        used_by(code, entry, ticket)
        with CaptureQueriesContext(connection) as asked:
            dashboard.client.get(f"{HOME}{code.pk}/uses/")
        taken.append(len(asked))
    assert taken == [5, 5, 5]


def test_only_one_that_was_never_used_is_deleted(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket
) -> None:
    fresh, code = DiscountCodeFactory.create(account=studio), DiscountCodeFactory.create(account=studio)
    used_by(code, entry, ticket)
    assert "permanently deleted" in page_text(dashboard.client.get(f"{HOME}{fresh.pk}/delete/"))
    dashboard.client.post(f"{HOME}{fresh.pk}/delete/")
    assert "Customers have used it" in page_text(dashboard.client.get(f"{HOME}{code.pk}/delete/"))
    assert dashboard.client.post(f"{HOME}{code.pk}/delete/").status_code == 409
    assert list(DiscountCode.objects.all()) == [code]


def test_those_of_others_do_not_exist(dashboard: Dashboard) -> None:
    code = DiscountCodeFactory.create(account=SchedulePageFactory.create().account)
    for rest in ("", "uses/", "uses.csv", "delete/"):
        assert dashboard.client.get(f"{HOME}{code.pk}/{rest}").status_code == 404


def test_one_for_a_ticket_that_is_gone_is_for_nothing_and_says_so(
    dashboard: Dashboard, studio: Account, ticket: Ticket
) -> None:
    code = DiscountCodeFactory.create(account=studio, code="GONE", ticket=ticket)
    Ticket.objects.filter(pk=ticket.pk).update(retired_at=timezone.now())
    told = page_text(dashboard.client.get(f"{HOME}{code.pk}/"))
    assert "Anyone who enters GONE gets 10% off nothing that’s still on sale, from now on" in told
