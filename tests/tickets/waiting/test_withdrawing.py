"""What is held for a member whose membership ends is theirs no more: they read why at once, and the next has it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from accounts.models import Letter
from groups.models import Standing, StandingSource
from groups.services import lapse, remove_by_hand
from offers.eligibility import Reason
from tests.browsing import form_fields, open_browser, page_text, shown_messages
from tests.factories.accounts import StaffFactory
from tests.worlds.waiting_studio import SOON, WaitingStudio, letters_told
from tickets.booking.release import process_releases
from tickets.models import BookingState, Seat, WaitlistRequest, WaitState
from tickets.waiting.offering import offer_spaces

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def offered(studio: WaitingStudio, *, now: datetime = SOON) -> WaitlistRequest:
    """A member to whom the first member's space is offered, before another who waits."""
    request = studio.join(1, now=now)
    studio.join(2, now=now)
    studio.cancel(now=now)
    offer_spaces(studio.entry.pk, now=now)
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED
    return request


def test_a_worker_looks_each_minute_and_hands_it_on(studio: WaitingStudio) -> None:
    request = offered(studio)
    assert request.look_at == SOON + MINUTE
    studio.look(request, now=SOON + MINUTE)
    assert WaitlistRequest.objects.get(pk=request.pk).look_at == SOON + 2 * MINUTE

    remove_by_hand(studio.members[1], now=SOON + MINUTE)
    studio.look(request, now=SOON + 2 * MINUTE)
    studio.offer_free(now=SOON + 2 * MINUTE)

    lapsed = WaitlistRequest.objects.values_list("state", "skipped", "look_at").get(pk=request.pk)
    assert lapsed == (WaitState.LAPSED, Reason.NOT_IN_GROUP, None)
    assert studio.states() == [WaitState.LAPSED, WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)
    assert letters_told()[2:] == ["waitlist_offered", "waitlist_lapsed", "waitlist_offered"]
    letter = Letter.objects.get(kind="waitlist_lapsed")
    assert "We can’t hold the space for you any more" in letter.text
    assert "The ticket is for members only." in letter.text
    assert "has run out" not in letter.text


def test_until_a_worker_has_looked_no_page_says_that_it_is_held(studio: WaitingStudio) -> None:
    request = offered(studio)
    event = reverse("public:entry", args=[studio.entry.page.slug, studio.entry.uuid])
    with travel(SOON, tick=False):
        browser = open_browser(studio.customers[1])
        before = [page_text(browser.get(each)) for each in (event, reverse("my_bookings"))]
        remove_by_hand(studio.members[1], now=SOON)
        after = [page_text(browser.get(each)) for each in (event, reverse("my_bookings"))]

    assert ["Take your space" in page for page in before] == [True, True]
    assert ["We can’t hold a space for you any more" in page for page in before] == [False, False]
    assert ["Take your space" in page or "A space is held for you" in page for page in after] == [False, False]
    assert ["We can’t hold a space for you any more" in page for page in after] == [True, True]
    assert ["See why" in page for page in after] == [True, True]
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED


def test_what_ends_by_the_clock_alone_is_seen_too(studio: WaitingStudio) -> None:
    request = offered(studio)
    studio.members[1].standings.update(until=SOON + 5 * MINUTE)

    studio.look(request, now=SOON + MINUTE)

    request.refresh_from_db()
    assert (request.state, request.skipped) == (WaitState.LAPSED, Reason.STANDING_ENDS_BEFORE)


def test_what_anybody_may_have_is_not_looked_at_again(studio: WaitingStudio) -> None:
    request = studio.join(1, ticket=studio.drop_in)
    studio.cancel()
    studio.offer_free()
    assert list(WaitlistRequest.objects.values_list("state", "look_at")) == [("offered", None)]

    remove_by_hand(studio.members[1], now=SOON)
    WaitlistRequest.objects.update(look_at=SOON)
    studio.look(request, now=SOON)

    assert list(WaitlistRequest.objects.values_list("state", "look_at")) == [("offered", None)]


def test_what_is_being_paid_for_is_the_checkouts(studio: WaitingStudio) -> None:
    request = offered(studio)
    assert request.hold is not None
    request.hold.state = BookingState.PAYING
    request.hold.save()
    remove_by_hand(studio.members[1], now=SOON)

    studio.look(request, now=SOON + MINUTE)

    assert studio.states()[0] == WaitState.OFFERED


def test_an_offer_whose_space_was_given_back_with_the_membership_is_over_too(studio: WaitingStudio) -> None:
    request = offered(studio)
    ground = uuid4()
    studio.members[1].standings.update(source=StandingSource.MEMBERSHIP, ground=ground)
    lapse(ground=ground, at=SOON, now=SOON)
    process_releases(now=SOON)
    assert not Seat.objects.live().filter(booking=request.hold_id or 0).exists()

    studio.look(request, now=SOON + MINUTE)
    studio.offer_free(now=SOON + MINUTE)

    assert studio.states() == [WaitState.LAPSED, WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)


def test_their_page_says_so_at_once_and_why_and_what_to_do(studio: WaitingStudio) -> None:
    studio.checked_at = now = timezone.now()
    Standing.objects.update(since=datetime(2020, 1, 1, tzinfo=UTC))
    request = offered(studio, now=now)
    browser = open_browser(studio.customers[1])
    url = reverse("my_waiting", kwargs={"request_": request.uuid})
    form = form_fields(browser.get(url))
    remove_by_hand(studio.members[1], now=timezone.now())

    page = browser.get(url)

    assert "This space isn’t yours any more" in page_text(page)
    assert "We can’t hold it for you any more: The ticket is for members only." in page_text(page)
    assert "Book it" not in page_text(page)
    entry = reverse("public:entry", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})
    assert f'href="{entry}"' in page.content.decode()

    taken = browser.post(reverse("my_waiting_take", kwargs={"request_": request.uuid}), form)
    assert shown_messages(taken) == ["We can’t hold this space for you any more. You haven’t been charged."]
    assert studio.states() == [WaitState.LAPSED, WaitState.WAITING]
    assert studio.counted == (0, 1, 1)
    assert "The ticket is for members only." in page_text(browser.get(url))
    assert "waitlist_lapsed" not in letters_told()
    owner = open_browser(StaffFactory.create(account=studio.account).user)
    listed = reverse("dashboard:entry_waiting", kwargs={"account": studio.account.slug, "pk": studio.entry.pk})
    assert "Offer expired The ticket is for members only" in page_text(owner.get(listed))
