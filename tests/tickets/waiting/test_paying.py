"""Paying for what was held: from the email to Stripe and back, with the space held for as long as one can pay."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from accounts.models import Letter
from bookwhen.jobs.run import Run
from bookwhen.sandbox.stripe.shopper import DECLINED
from tests.browsing import form_fields, open_browser, page_text, shown_messages
from tests.worlds.till import Till, payment_of
from tests.worlds.waiting_studio import letters_told
from tickets.booking.cancel import cancel_by_studio
from tickets.checkout.settling import sweep_baskets
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, EntryPlaces, PaymentState, Seat, WaitlistRequest, WaitState
from tickets.waiting.offering import look, offer_spaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(till: Till) -> Entry:
    """A class of one, which is booked, and costs £12."""
    entry = till.entry(title="Morning yoga", capacity=1)
    till.pay(till.fill(entry, till.ticket(entry, 1200, name="Drop-in")))
    return entry


def join(entry: Entry, name: str) -> WaitlistRequest:
    """Let a guest join by the page."""
    url = reverse("public:wait", kwargs={"page": entry.page.slug, "entry": entry.uuid})
    email = f"{name.lower()}@example.org"
    open_browser().post(url, {"booker-name": name, "booker-email": email})
    return WaitlistRequest.objects.get(customer__email=email)


def offer(entry: Entry, request: WaitlistRequest) -> str:
    """Cancel what was booked, and let a worker offer it: the address in the email about it."""
    booked = Seat.objects.live().filter(entry=entry, booking__state=BookingState.BOOKED)
    cancel_by_studio(list(booked.values_list("pk", flat=True)), now=timezone.now())
    offer_spaces(entry.pk, now=timezone.now())
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED
    [letter] = Letter.objects.filter(kind="waitlist_offered", recipient=request.customer.email)
    path = reverse("my_waiting", kwargs={"request_": request.uuid})
    assert path in letter.text
    assert "Drop-in, £12.00" in letter.text
    return path


def to_the_checkout(browser: Client, path: str) -> str:
    """Press *Pay*: the address of Stripe's page."""
    page = browser.get(path)
    sent = browser.post(f"{path}take/", form_fields(page))
    return str(sent["Location"]) if sent.status_code in {302, 303} else page_text(sent)


def hold_of(request: WaitlistRequest) -> Booking:
    return Booking.objects.get(waitlist_requests=request)


def sweep() -> None:
    """What the workers of a minute do."""
    now = timezone.now()
    sweep_baskets(Run("tickets.tasks.sweep_baskets", now=now))
    for pk in list(WaitlistRequest.objects.filter(look_at__lte=now).values_list("pk", flat=True)):
        look(pk, now=now)
    for pk in list(EntryPlaces.objects.filter(reserved__gt=0).values_list("entry", flat=True)):
        offer_spaces(pk, now=now)


def test_from_the_email_to_the_receipt(till: Till, entry: Entry) -> None:
    request = join(entry, "Gail")
    path, browser = offer(entry, request), open_browser()
    page = browser.get(path)
    assert "A space is held for you" in page_text(page)
    assert "Pay £12.00" in page_text(page)

    till.seller.sandbox.shopper.pay(to_the_checkout(browser, path))
    hold = hold_of(request)
    back = browser.get(f"{reverse('public:basket', kwargs={'page': entry.page.slug})}?paid={hold.uuid}", follow=True)

    hold.refresh_from_db()
    assert back.redirect_chain == [(reverse("my_booking", kwargs={"booking": hold.uuid}), 303)]
    assert "Booked. We’ve emailed your confirmation to gail@example.org." in page_text(back)
    assert "£12.00" in page_text(back)
    paid = payment_of(hold)
    assert (hold.state, paid.state, paid.amount) == (BookingState.BOOKED, PaymentState.PAID, 1200)
    receipt = Letter.objects.filter(recipient="gail@example.org").latest("pk")
    assert receipt.kind not in letters_told()
    assert "£12.00" in receipt.text
    assert "You’ve booked this" in page_text(browser.get(path))
    request.refresh_from_db()
    assert request.state == WaitState.TAKEN
    assert check_books(now=timezone.now()) == []


def test_the_space_is_held_while_stripes_page_is_open_though_the_offer_runs_out(till: Till, entry: Entry) -> None:
    first, second = join(entry, "Gail"), join(entry, "Hal")
    path, browser = offer(entry, first), open_browser()
    assert first.offered_until is not None
    with travel(first.offered_until - timedelta(minutes=1), tick=False):
        url = to_the_checkout(browser, path)
    hold = hold_of(first)
    assert hold.held_until == first.offered_until - timedelta(minutes=1) + timedelta(minutes=entry.account.hold_minutes)

    with travel(first.offered_until + timedelta(minutes=5), tick=False):
        sweep()
        assert "You’re at the checkout." in page_text(browser.get(path))
        second.refresh_from_db()
        assert (hold_of(first).state, second.state) == (BookingState.PAYING, WaitState.WAITING)
        till.seller.sandbox.shopper.pay(url)
        browser.get(f"{reverse('public:basket', kwargs={'page': entry.page.slug})}?paid={hold.uuid}")

    assert hold_of(first).state == BookingState.BOOKED
    first.refresh_from_db()
    assert first.state == WaitState.TAKEN


def test_a_checkout_is_ended_at_stripe_before_the_next_in_line_has_it(till: Till, entry: Entry) -> None:
    first, second = join(entry, "Gail"), join(entry, "Hal")
    path, browser = offer(entry, first), open_browser()
    url = to_the_checkout(browser, path)
    hold = hold_of(first)
    assert hold.held_until is not None

    with travel(hold.held_until, tick=False):
        sweep()
        sweep()

    till.seller.sandbox.shopper.pay(url)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (WaitState.LAPSED, WaitState.OFFERED)
    assert (hold_of(first).state, payment_of(hold).state) == (BookingState.RELEASED, PaymentState.ABANDONED)
    assert "The time to take the space that we held for you is over." in page_text(browser.get(path))
    assert "waitlist_lapsed" in letters_told()
    assert EntryPlaces.objects.get(entry=entry).taken == 1
    assert check_books(now=timezone.now()) == []


def test_who_gives_it_away_at_the_checkout_cannot_pay_there_any_more(till: Till, entry: Entry) -> None:
    first, second = join(entry, "Gail"), join(entry, "Hal")
    path, browser = offer(entry, first), open_browser()
    url = to_the_checkout(browser, path)

    given = browser.post(f"{path}leave/", follow=True)
    sweep()
    till.seller.sandbox.shopper.pay(url)

    assert "You gave your space to the next person in line. Thank you." in page_text(given)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (WaitState.DECLINED, WaitState.OFFERED)
    assert payment_of(Booking.objects.get(waitlist_requests=first)).state == PaymentState.ABANDONED


def test_a_declined_card_leads_back_to_what_is_held(till: Till, entry: Entry) -> None:
    request = join(entry, "Gail")
    path, browser = offer(entry, request), open_browser()
    url = to_the_checkout(browser, path)
    till.seller.sandbox.shopper.pay(url, DECLINED)
    left = till.seller.sandbox.shopper.abandon(url).location or ""

    back = browser.get(left.partition("//")[2].partition("/")[2].join(["/", ""]), follow=True)

    assert "You left the checkout, so you haven’t been charged." in page_text(back)
    page = browser.get(path)
    assert "Continue to payment" in page_text(page)
    assert to_the_checkout(browser, path) == url
    till.seller.sandbox.shopper.pay(url)
    browser.get(f"{reverse('public:basket', kwargs={'page': entry.page.slug})}?paid={hold_of(request).uuid}")
    request.refresh_from_db()
    assert request.state == WaitState.TAKEN


def test_stripe_away_leaves_the_space_held_and_says_so(till: Till, entry: Entry) -> None:
    request = join(entry, "Gail")
    path, browser = offer(entry, request), open_browser()
    till.seller.sandbox.arm("error", times=20)

    answer = browser.post(f"{path}take/", form_fields(browser.get(path)))

    assert answer["Location"] == path
    assert len(shown_messages(answer)) == 1
    request.refresh_from_db()
    assert (request.state, hold_of(request).state) == (WaitState.OFFERED, BookingState.BASKET)
