"""Joining as a customer meets it: by any of several tickets, and as several people together."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.addresses import add_address, remove_address
from accounts.models import Letter
from groups.models import Standing
from tests.browsing import form_fields, open_browser, page_text, shown_messages, ticket_texts
from tests.factories.accounts import CustomerFactory, StaffFactory, UserFactory
from tests.factories.schedule import TicketFactory, load_entry
from tests.worlds.waiting_studio import WaitingStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import WaitlistRequest, WaitState
from tickets.schedule.entries import set_capacity
from tickets.waiting.offering import offer_spaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio() -> WaitingStudio:
    """Its members have been so since long before the clock on the wall, which pages go by."""
    return for_the_clock(WaitingStudio())


def for_the_clock(studio: WaitingStudio) -> WaitingStudio:
    studio.checked_at = timezone.now()
    Standing.objects.update(since=datetime(2020, 1, 1, tzinfo=UTC))
    return studio


def wait_url(studio: WaitingStudio, ticket: int | None = None) -> str:
    url = reverse("public:wait", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})
    return f"{url}?t{ticket}=1" if ticket else url


def waiting_url(request: WaitlistRequest) -> str:
    return reverse("my_waiting", kwargs={"request_": request.uuid})


def test_a_member_takes_whichever_ticket_comes_free(studio: WaitingStudio) -> None:
    studio.drop_in.cost, studio.drop_in.price = "cost", 1200
    studio.drop_in.save()
    browser = open_browser(studio.customers[1])
    url = wait_url(studio, studio.ticket.pk)
    page = page_text(browser.get(url))
    assert "Which other tickets would you take? We’ll hold whichever comes free first" in page
    assert "Drop-in (£12.00)" in page

    joined = browser.post(url, {"wait-also": [str(studio.drop_in.pk)]}, follow=True)

    request = WaitlistRequest.objects.get()
    assert (request.ticket, [each.pk for each in request.also.all()]) == (studio.ticket, [studio.drop_in.pk])
    assert "Member place or Drop-in: " in page_text(joined)
    assert "Member place or Drop-in" in Letter.objects.get(kind="waitlist_joined").text
    owner = open_browser(StaffFactory.create(account=studio.account).user)
    listed = reverse("dashboard:entry_waiting", kwargs={"account": studio.account.slug, "pk": studio.entry.pk})
    assert "Member place or Drop-in" in page_text(owner.get(listed))


def test_nobody_joins_for_another_ticket_than_they_chose(studio: WaitingStudio) -> None:
    set_capacity([studio.entry.pk], 50)
    now, few = timezone.now(), TicketFactory.create(entry=studio.entry, name="Few", capacity=1)
    wanted = [WantedTicket(ticket=few.pk, name="First")]
    book(load_entry(studio.entry), studio.customers[2], wanted, who=ANONYMOUS, key=uuid4(), now=now)
    guest, sent = open_browser(), {"booker-name": "Gail", "booker-email": "gail@example.org"}
    assert guest.get(wait_url(studio)).status_code == 200

    guest.post(wait_url(studio, studio.drop_in.pk), sent)
    assert not WaitlistRequest.objects.exists()
    guest.post(wait_url(studio, few.pk), sent)
    assert WaitlistRequest.objects.get().ticket == few


def test_where_bookings_have_to_be_confirmed_a_guest_is_asked_to_log_in(studio: WaitingStudio) -> None:
    studio.account.confirms_free_bookings = True
    studio.account.save()
    entry = reverse("public:entry", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})

    assert ticket_texts(open_browser().get(entry))[1] == "Drop-in Sold out Free Log in to join the waiting list"
    member = ticket_texts(open_browser(studio.customers[1]).get(entry))
    assert member[1] == "Drop-in Sold out Free Join the waiting list"


def test_a_ticket_that_they_may_not_wait_for_is_no_choice(studio: WaitingStudio) -> None:
    guest = open_browser()
    sent = {"booker-name": "Gail", "booker-email": "gail@example.org", "wait-also": [str(studio.ticket.pk)]}

    assert "Which other tickets" not in page_text(guest.get(wait_url(studio)))
    guest.post(wait_url(studio), sent)

    assert not WaitlistRequest.objects.get().also.exists()
    assert studio.counted == (1, 0, 1)


def test_the_other_ticket_has_to_be_one_of_those_shown(studio: WaitingStudio) -> None:
    browser = open_browser(studio.customers[1])

    for also in ("0", "x", str(studio.ticket.pk), "9" * 30):
        assert browser.post(wait_url(studio, studio.ticket.pk), {"wait-also": [also]}).status_code == 422
    assert not WaitlistRequest.objects.exists()


@pytest.fixture
def one_left() -> WaitingStudio:
    """A class with a single space left."""
    return for_the_clock(WaitingStudio(capacity=2))


def test_two_who_want_to_come_together_wait_though_one_space_is_left(one_left: WaitingStudio) -> None:
    studio, guest = one_left, open_browser()
    entry = reverse("public:entry", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})
    [card] = [text for text in ticket_texts(guest.get(entry)) if text.startswith("Drop-in")]
    assert card == "Drop-in Free More people than spaces? Wait for enough to come free Book “Drop-in”"

    page = guest.get(wait_url(studio))
    assert "1 space is left, which you can book now." in page_text(page)
    alone = form_fields(page) | {"booker-name": "Gail", "booker-email": "gail@example.org"}
    can_book = guest.post(wait_url(studio), alone)
    assert can_book["Location"].partition("?")[0] == entry
    assert shown_messages(can_book) == ["Good news: there’s space. You can book now."]
    assert not WaitlistRequest.objects.exists()
    guest.post(wait_url(studio), alone | {"wait-other_1": "Hal"})

    request = WaitlistRequest.objects.get()
    assert request.names == ["Gail", "Hal"]
    assert studio.counted == (1, 0, 1)
    offer_spaces(studio.entry.pk, now=timezone.now())
    request.refresh_from_db()
    assert (request.state, request.skipped) == (WaitState.WAITING, "too_few")
    assert (
        "Last time a space came free, we couldn’t offer it to you: Fewer spaces came free than asked for."
        in page_text(guest.get(waiting_url(request)))
    )
    owner = open_browser(StaffFactory.create(account=studio.account).user)
    listed = reverse("dashboard:entry_waiting", kwargs={"account": studio.account.slug, "pk": studio.entry.pk})
    assert "Passed over: Fewer spaces came free than asked for" in page_text(owner.get(listed))

    set_capacity([studio.entry.pk], 3)
    offer_spaces(studio.entry.pk, now=timezone.now())
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED
    assert studio.counted == (3, 0, 0)


def test_nobody_waits_for_more_spaces_than_there_are() -> None:
    free, duo = (for_the_clock(WaitingStudio(capacity=2, books=books)) for books in (False, True))
    duo.book(customer=1)
    alone = for_the_clock(WaitingStudio())
    few = TicketFactory.create(entry=duo.entry, name="Mat", capacity=1, position=2)
    entry = reverse("public:entry", kwargs={"page": free.page.slug, "entry": free.entry.uuid})

    seen = ticket_texts(open_browser().get(entry))
    forms = [wait_url(duo, duo.drop_in.pk), wait_url(duo, few.pk), wait_url(alone, alone.drop_in.pk)]
    others = [[each for each in form_fields(open_browser().get(form)) if "other" in each] for form in forms]

    assert "More people than spaces?" not in " ".join(seen)
    assert others == [["wait-other_1"], [], []]


def test_who_comes_alone_books_what_came_free_while_they_filled_in_the_form(studio: WaitingStudio) -> None:
    guest = open_browser()
    sent = form_fields(guest.get(wait_url(studio))) | {"booker-name": "Gail", "booker-email": "gail@example.org"}
    studio.cancel(now=timezone.now())

    answer = guest.post(wait_url(studio), sent)

    assert shown_messages(answer) == ["Good news: there’s space. You can book now."]


def test_the_space_that_is_too_few_for_those_who_wait_can_be_booked_by_anyone(one_left: WaitingStudio) -> None:
    studio = one_left
    now = timezone.now()
    studio.join_as_guest(names=["Ada", "Ben"], now=now)

    wanted = [WantedTicket(ticket=studio.drop_in.pk, name="Passer-by")]
    book(load_entry(studio.entry), studio.customers[2], wanted, who=ANONYMOUS, key=uuid4(), now=now)

    assert studio.counted == (2, 0, 1)


def test_where_there_is_plenty_of_space_nothing_is_said_of_waiting() -> None:
    studio = for_the_clock(WaitingStudio(capacity=5))
    entry = reverse("public:entry", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})

    assert "Wait for enough" not in page_text(open_browser().get(entry))
    assert open_browser().get(wait_url(studio))["Location"] == entry


def test_a_login_whose_address_is_not_proved_waits_as_a_guest(studio: WaitingStudio) -> None:
    """Whose address it is, nobody knows yet: what is offered is told by email alone, and a members' ticket is none."""
    browser = open_browser(UserFactory.create(email="gail@example.org", proved=False))
    sent = {"booker-name": "Gail", "booker-email": "gail@example.org", "wait-also": [str(studio.ticket.pk)]}

    joined = browser.post(wait_url(studio), sent)

    entry = reverse("public:entry", kwargs={"page": studio.page.slug, "entry": studio.entry.uuid})
    request = WaitlistRequest.objects.get()
    assert joined["Location"] == entry
    assert (request.is_guest, request.ticket, request.also.count()) == (True, studio.drop_in, 0)
    assert (request.customer.email, request.customer.user) == ("gail@example.org", None)
    assert str(request.uuid) not in browser.get(entry).content.decode()
    assert str(request.uuid) not in browser.get(reverse("my_bookings")).content.decode()
    assert waiting_url(request) in Letter.objects.get(kind="waitlist_joined").text


def test_what_a_guest_typed_is_where_its_emails_go(studio: WaitingStudio) -> None:
    """By another of a customer's addresses they wait as that customer, and nobody learns of the main one."""
    typed = "ann.old@example.org"
    ann = CustomerFactory.create(account=studio.account, email="ann@secret.example", name="Ann")
    add_address(ann, typed, now=studio.checked_at)
    browser = open_browser()
    browser.post(wait_url(studio, studio.drop_in.pk), {"booker-name": "Ann", "booker-email": typed})
    request = WaitlistRequest.objects.get()
    assert (request.customer, request.email, request.address) == (ann, typed, typed)

    set_capacity([studio.entry.pk], 50)
    offer_spaces(studio.entry.pk, now=timezone.now())
    request.refresh_from_db()
    told = page_text(browser.get(waiting_url(request)))
    taken = browser.post(f"{waiting_url(request)}take/", form_fields(browser.get(waiting_url(request))), follow=True)

    assert request.hold is not None
    assert request.hold.booker_email == typed
    assert typed in page_text(taken)
    letters = list(Letter.objects.filter(kind__in=["waitlist_joined", "waitlist_offered", "bought"]))
    assert len(letters) == 3
    assert {each.recipient for each in letters} == {typed}
    assert not any(
        "secret.example" in text for each in letters for text in (told, page_text(taken), each.text, each.html)
    )

    remove_address(ann, ann.addresses.get(email=typed))
    request.refresh_from_db()
    assert request.address == "ann@secret.example"
