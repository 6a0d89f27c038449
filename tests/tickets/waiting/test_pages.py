"""Waiting as a customer meets it: from the full event to the place in line, the offer and the booking."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Letter, WaitingList
from groups.models import Standing
from groups.services import remove_by_hand
from memberships.models import Membership, Price
from tests.browsing import form_fields, open_browser, page_text, shown_messages, ticket_texts
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.schedule import NOW
from tests.worlds.waiting_studio import WaitingStudio, letters_told
from tickets.booking.hold import release_basket
from tickets.models import Booking, BookingState, Seat, WaitlistRequest, WaitState
from tickets.schedule.entries import set_capacity
from tickets.waiting.offering import offer_spaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio() -> WaitingStudio:
    """Its members have been so since long before the clock on the wall, which pages go by."""
    studio = WaitingStudio()
    studio.checked_at = timezone.now()
    Standing.objects.update(since=datetime(2020, 1, 1, tzinfo=UTC))
    return studio


def entry_url(studio: WaitingStudio, name: str = "entry") -> str:
    return reverse(f"public:{name}", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})


def waiting_url(request: WaitlistRequest, name: str = "my_waiting") -> str:
    return reverse(name, kwargs={"request_": request.uuid})


def offered(studio: WaitingStudio, member: int = 1, **how: Any) -> WaitlistRequest:
    """A member to whom the space of the first was offered just now."""
    now = timezone.now()
    request = studio.join(member, now=now, **how)
    studio.cancel(now=now)
    offer_spaces(studio.entry.pk, now=now)
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED
    return request


def test_a_full_event_leads_to_its_waiting_list(studio: WaitingStudio) -> None:
    texts = ticket_texts(open_browser(studio.customers[1]).get(entry_url(studio)))

    assert texts == [
        "Member place Sold out Join the waiting list",
        "Drop-in Sold out Free Join the waiting list",
    ]


def test_a_full_event_offers_a_stranger_no_login_that_opens_nothing(studio: WaitingStudio) -> None:
    Membership.objects.create(account=studio.account, group=studio.group, title="Gold", created_at=NOW)
    response = open_browser().get(entry_url(studio))

    assert ticket_texts(response) == [
        "Member place Sold out Log in to join the waiting list",
        "Drop-in Sold out Free Join the waiting list",
    ]
    back = quote(f"{entry_url(studio)}?t{studio.ticket.pk}=1", safe="")
    assert f'href="/accounts/login/?next={back}"' in response.content.decode()
    assert "Members only" not in page_text(response)

    nobody = UserFactory.create()
    why = f"Only members can book this ticket. You’re logged in as {nobody.email}."
    assert ticket_texts(open_browser(nobody).get(entry_url(studio)))[0] == f"Member place Sold out {why}"


def test_no_waiting_list_where_the_studio_has_none(studio: WaitingStudio) -> None:
    studio.account.waiting_list = WaitingList.OFF
    studio.account.save()

    assert ticket_texts(open_browser().get(entry_url(studio))) == ["Member place Sold out", "Drop-in Sold out Free"]
    assert open_browser().get(entry_url(studio, "wait"))["Location"] == entry_url(studio)


def test_a_member_joins_in_two_clicks_and_sees_their_place_in_line(studio: WaitingStudio) -> None:
    studio.join(2, now=timezone.now())
    browser = open_browser(studio.customers[1])
    page = browser.get(f"{entry_url(studio, 'wait')}?t{studio.ticket.pk}=1")
    assert "1 person is waiting for this event." in page_text(page)
    assert set(form_fields(page)) - {"csrfmiddlewaretoken"} == set()

    joined = browser.post(f"{entry_url(studio, 'wait')}?t{studio.ticket.pk}=1", form_fields(page), follow=True)

    request = WaitlistRequest.objects.get(customer=studio.customers[1])
    assert joined.redirect_chain == [(waiting_url(request), 302)]
    assert "You’re number 2 in line" in page_text(joined)
    assert request.ticket == studio.ticket
    assert "On the waiting list" in Letter.objects.latest("pk").subject
    assert "You’re on the waiting list. See your place in line" in page_text(browser.get(entry_url(studio)))
    assert "Number 2 in line" in page_text(browser.get(reverse("my_bookings")))
    again = browser.get(entry_url(studio, "wait"))
    assert again["Location"] == waiting_url(request)


def test_leaving_takes_one_click(studio: WaitingStudio) -> None:
    request = studio.join(1)
    browser = open_browser(studio.customers[1])

    left = browser.post(waiting_url(request, "my_waiting_leave"), follow=True)

    assert "You’ve left the waiting list. You can join it again at any time." in page_text(left)
    assert studio.counted == (1, 0, 0)


def test_a_guest_joins_and_only_their_letter_has_the_link(studio: WaitingStudio) -> None:
    set_capacity([studio.entry.pk], 2)
    studio.book(customer=1)
    guest = open_browser()
    sent = {"booker-name": "Gail", "booker-email": "gail@example.org", "wait-other_1": "Hal", "wait-other_2": ""}

    response = guest.post(entry_url(studio, "wait"), sent)

    assert response["Location"] == entry_url(studio)
    [told] = shown_messages(response)
    assert told.startswith("You’re on the waiting list. We’ve emailed gail@example.org a link")
    request = WaitlistRequest.objects.get()
    assert (request.names, request.is_guest, request.ticket) == (["Gail", "Hal"], True, studio.drop_in)
    letter = Letter.objects.get(kind="waitlist_joined")
    assert waiting_url(request) in letter.text
    assert str(request.uuid) not in response.content.decode() + response["Location"]

    again = guest.post(entry_url(studio, "wait"), sent)
    assert shown_messages(again)[-1:] == [told]
    assert letters_told() == ["waitlist_joined"]


def test_what_is_typed_is_checked(studio: WaitingStudio) -> None:
    response = open_browser().post(entry_url(studio, "wait"), {"booker-name": "", "booker-email": "no"})

    assert response.status_code == 422
    assert "Enter your name" in page_text(response)
    assert not WaitlistRequest.objects.exists()


def test_there_is_space_by_the_time_somebody_joins(studio: WaitingStudio) -> None:
    browser = open_browser(studio.customers[1])
    studio.cancel(now=timezone.now())

    response = browser.post(f"{entry_url(studio, 'wait')}?t{studio.ticket.pk}=1", {})

    assert response["Location"] == entry_url(studio)
    assert not WaitlistRequest.objects.exists()


def test_the_link_of_the_offer_opens_the_class_with_the_place_held_and_books_it(studio: WaitingStudio) -> None:
    request = offered(studio)
    letter = Letter.objects.get(kind="waitlist_offered")
    assert waiting_url(request) in letter.text
    browser = open_browser(studio.customers[1])
    seen = browser.get(entry_url(studio))
    assert "A space is held for you. Take your space" in page_text(seen)
    assert "sold out" not in page_text(seen)
    assert ticket_texts(seen) == ["Member place Held for you", "Drop-in Sold out Free"]
    page = browser.get(waiting_url(request))
    assert "A space is held for you" in page_text(page)
    assert "It uses 1 ticket from your allowance." in page_text(page)

    taken = browser.post(waiting_url(request, "my_waiting_take"), form_fields(page), follow=True)

    booking = Booking.objects.get(pk=request.hold_id or 0)
    assert taken.redirect_chain == [(reverse("my_booking", kwargs={"booking": booking.uuid}), 303)]
    assert (booking.state, booking.filled_by) == (BookingState.BOOKED, studio.customers[1].user)
    assert studio.states() == [WaitState.TAKEN]
    assert studio.counted == (1, 0, 0)
    assert "You’ve booked this" in page_text(browser.get(waiting_url(request)))
    assert browser.post(waiting_url(request, "my_waiting_take"), {})["Location"] == waiting_url(request)


def test_the_letters_link_needs_no_login(studio: WaitingStudio) -> None:
    request = offered(studio)
    guest = open_browser()

    page = guest.get(waiting_url(request))
    # What is held here is no basket that this browser has: a link to it would lead nowhere.
    assert reverse("public:basket", kwargs={"page": studio.page.slug}) not in page.content.decode()
    guest.post(waiting_url(request, "my_waiting_take"), form_fields(page))

    assert studio.states() == [WaitState.TAKEN]


def test_an_offer_is_nobody_elses(studio: WaitingStudio) -> None:
    request = offered(studio)
    stranger, member = open_browser(UserFactory.create()), open_browser(studio.customers[2])

    for browser in (stranger, member):
        assert browser.get(waiting_url(request)).status_code == 404
        for name in ("my_waiting_take", "my_waiting_leave"):
            assert browser.post(waiting_url(request, name)).status_code == 404
    assert ticket_texts(member.get(entry_url(studio)))[0] == "Member place Sold out Join the waiting list"
    assert studio.states() == [WaitState.OFFERED]


def test_giving_an_offer_to_the_next(studio: WaitingStudio) -> None:
    request = offered(studio)
    studio.join(2, now=timezone.now())
    browser = open_browser(studio.customers[1])

    given = browser.post(waiting_url(request, "my_waiting_leave"), follow=True)

    assert "You gave your space to the next person in line. Thank you." in page_text(given)
    assert studio.counted == (0, 1, 1)


def test_an_offer_that_ran_out_says_so(studio: WaitingStudio) -> None:
    request = offered(studio)
    assert request.hold_id is not None
    release_basket(request.hold_id, now=timezone.now() + timedelta(hours=3))
    browser = open_browser(studio.customers[1])

    page = browser.get(waiting_url(request))
    assert "The time to take the space that we held for you is over." in page_text(page)
    assert browser.post(waiting_url(request, "my_waiting_take"), {})["Location"] == waiting_url(request)
    assert not Seat.objects.live().exists()


def test_a_price_that_changed_is_shown_before_it_is_paid(studio: WaitingStudio) -> None:
    request = offered(studio)
    browser = open_browser(studio.customers[1])

    response = browser.post(waiting_url(request, "my_waiting_take"), {"basket_version": "other"}, follow=True)

    assert response.redirect_chain == [(waiting_url(request), 302)]
    assert studio.states() == [WaitState.OFFERED]


def test_who_lost_their_membership_reads_so_and_the_next_in_line_has_it(studio: WaitingStudio) -> None:
    request = offered(studio)
    studio.join(2, now=timezone.now())
    browser = open_browser(studio.customers[1])
    form = form_fields(browser.get(waiting_url(request)))
    remove_by_hand(studio.members[1], now=timezone.now())

    response = browser.post(waiting_url(request, "my_waiting_take"), form)

    assert shown_messages(response) == ["We can’t hold this space for you any more. You haven’t been charged."]
    assert "You’re no longer waiting" in page_text(browser.get(waiting_url(request)))
    assert studio.states() == [WaitState.LAPSED, WaitState.WAITING]
    assert studio.counted == (0, 1, 1)


def test_a_membership_beside_it_that_is_not_sold_any_more_is_said(studio: WaitingStudio) -> None:
    request = offered(studio)
    made: dict[str, Any] = {"account": studio.account, "created_at": NOW}
    club = Membership.objects.create(group=studio.group, title="Club", published=False, **made)
    price = Price.objects.create(membership=club, title="Monthly", amount=4000, currency="GBP", **made)
    Booking.objects.filter(waitlist_requests=request).update(membership_price=price)
    browser = open_browser(studio.customers[1])

    response = browser.post(waiting_url(request, "my_waiting_take"), form_fields(browser.get(waiting_url(request))))

    assert shown_messages(response) == ["This membership is no longer on sale. You haven’t been charged."]
    assert studio.states() == [WaitState.OFFERED]


def test_a_leader_sees_who_waits_and_only_who_may_book_offers(studio: WaitingStudio) -> None:
    first = studio.join(1, now=timezone.now())
    second = studio.join(2, now=timezone.now())
    owner = open_browser(StaffFactory.create(account=studio.account).user)
    leader = open_browser(StaffFactory.create(account=studio.account, role="leader").user)
    path = reverse("dashboard:entry_waiting", kwargs={"account": studio.account.slug, "pk": studio.entry.pk})
    keys = {"account": studio.account.slug, "pk": studio.entry.pk}

    def press(name: str, request: WaitlistRequest, browser: Client) -> Any:
        return browser.post(reverse(f"dashboard:{name}", kwargs={**keys, "waiting": request.pk}))

    assert "Member 1" in page_text(leader.get(path))
    assert "Remove" not in page_text(leader.get(path))
    assert press("waiting_offer", second, leader).status_code == 404
    none = press("waiting_offer", second, owner)
    assert shown_messages(none) == ["There’s no space to offer. Raise the maximum event size to make some."]

    studio.cancel(now=timezone.now())
    assert "1 space has come free, and is being offered." in page_text(owner.get(path))
    given = press("waiting_offer", second, owner)
    assert shown_messages(given)[0].startswith(f"Offered to {studio.customers[2]} until")
    gone = press("waiting_remove", first, owner)
    assert shown_messages(gone)[-1:] == [f"{studio.customers[1]} removed from the waiting list and emailed"]
    assert studio.states() == [WaitState.ENDED, WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)


def test_the_page_of_who_waits_costs_the_same_for_one_and_three(studio: WaitingStudio) -> None:
    owner = open_browser(StaffFactory.create(account=studio.account).user)
    path = reverse("dashboard:entry_waiting", kwargs={"account": studio.account.slug, "pk": studio.entry.pk})

    def statements() -> int:
        with CaptureQueriesContext(connection) as counted:
            owner.get(path)
        return len(counted)

    owner.get(path)
    studio.join(1)
    one = statements()
    studio.join_as_guest()
    studio.join(2)
    assert statements() == one


def test_a_customer_who_waits_is_known_to_each_of_their_pages(studio: WaitingStudio) -> None:
    customer: Customer = studio.customers[1]
    request = offered(studio)
    page = open_browser(customer).get(reverse("my_bookings"))

    assert f"A space is held for you: {studio.entry.title}" in page_text(page)
    assert waiting_url(request) in page.content.decode()
