"""What a visitor without a login may book in a time, from one network and for one email address; what they are told."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django import Settings
from time_machine import travel

from accounts.models import Letter
from bookwhen import limits
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.public.adding import ADD, set_price
from tests.worlds.river import RiverStudio
from tickets.models import Booking, EntryPlaces, Seat

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

HERE = "198.51.100.1"
VICTIM = "victim@example.org"
TOO_MANY_FOR_EMAIL = (
    "There have been a lot of bookings with this email address. Wait 60 minutes, or log in to book now."
)
TOO_MANY_HERE = "There have been a lot of bookings from your network. Wait 10 minutes, or log in to book now."


@pytest.fixture
def roomy(studio: RiverStudio) -> RiverStudio:
    """With places for everybody."""
    EntryPlaces.objects.update(capacity=500)
    return studio


def book(
    studio: RiverStudio, email: str, *, at: str = HERE, client: Client | None = None, name: str = "Zoë"
) -> "Answer":
    client = client or Client(REMOTE_ADDR=at)
    typed = {"booker-name": name, "booker-email": email, f"t{studio.drop_in.pk}-1-who": "self", "again": "1"}
    return submit_form(client, studio.review_path(drop_in=1), **typed)


def statuses(studio: RiverStudio, emails: list[str], *, at: str = HERE) -> list[int]:
    return [book(studio, email, at=at).status_code for email in emails]


def count(limit: limits.Limit, subject: str, times: int) -> None:
    """Let so many of something have happened."""
    for _time in range(times):
        limits.count((limit, subject), now=NOW)


def test_a_stranger_causes_ten_letters_an_hour_to_one_address_wherever_they_come_from(roomy: RiverStudio) -> None:
    answers = [book(roomy, VICTIM, at=f"10.0.0.{number}").status_code for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert Letter.objects.filter(recipient=VICTIM).count() == 10
    with travel(NOW + timedelta(hours=1), tick=False):
        assert statuses(roomy, [VICTIM]) == [302]


def test_and_twenty_a_day(roomy: RiverStudio) -> None:
    for hour in range(3):
        with travel(NOW + timedelta(hours=hour), tick=False):
            statuses(roomy, [VICTIM] * 10)
    assert Letter.objects.filter(recipient=VICTIM).count() == 20


@pytest.mark.parametrize("another", ["VICTIM@Example.org", "victim+parcel@example.org"])
def test_the_same_mailbox_written_otherwise_is_the_same(roomy: RiverStudio, another: str) -> None:
    assert statuses(roomy, [VICTIM] * 10 + [another]) == [302] * 10 + [429]


def test_a_school_class_of_thirty_books_from_one_network_within_minutes(roomy: RiverStudio) -> None:
    assert statuses(roomy, [f"parent{number}@example.org" for number in range(30)]) == [302] * 30


def test_one_network_may_make_sixty_bookings_in_ten_minutes(roomy: RiverStudio) -> None:
    count(limits.BOOKINGS_PER_NETWORK, HERE, 58)
    assert statuses(roomy, [f"u{number}@example.org" for number in range(3)]) == [302] * 2 + [429]
    assert statuses(roomy, ["u61@example.org"], at="198.51.100.2") == [302]
    with travel(NOW + timedelta(minutes=10), tick=False):
        assert statuses(roomy, ["u62@example.org"]) == [302]


def test_a_refusal_keeps_what_was_typed_and_says_what_to_do(roomy: RiverStudio) -> None:
    count(limits.BOOKINGS_PER_EMAIL, VICTIM, 10)
    page = book(roomy, VICTIM, name="Jo Bloggs")
    html = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (429, "3600")
    assert f"{TOO_MANY_FOR_EMAIL} Log in" in page_text(page)
    assert ('value="Jo Bloggs"' in html, f'value="{VICTIM}"' in html) == (True, True)
    assert f"/accounts/login/?next=%2Friver%2Fentries%2F{roomy.entry.uuid}%2Fbook%2F%3Ft{roomy.drop_in.pk}%3D1" in html
    assert Booking.objects.count() == 0


def test_a_network_that_is_held_up_is_told_so(roomy: RiverStudio) -> None:
    count(limits.BOOKINGS_PER_NETWORK, HERE, 60)
    assert TOO_MANY_HERE in page_text(book(roomy, "new@example.org"))


def test_somebody_who_is_logged_in_goes_on_at_once(roomy: RiverStudio) -> None:
    user = UserFactory.create(email=VICTIM, name="Vic")
    count(limits.BOOKINGS_PER_EMAIL, VICTIM, 10)
    count(limits.BOOKINGS_PER_NETWORK, "127.0.0.1", 60)
    client = open_browser(user)
    answers = [
        submit_form(
            client, roomy.review_path(drop_in=1), **{f"t{roomy.drop_in.pk}-1-who": "self", "again": "1"}
        ).status_code
        for _number in range(12)
    ]
    assert answers == [302] * 12


def test_a_login_may_make_a_thousand_an_hour(roomy: RiverStudio) -> None:
    user = UserFactory.create(name="Vic")
    client, who = open_browser(user), {f"t{roomy.drop_in.pk}-1-who": "self", "again": "1"}
    count(limits.BOOKINGS_PER_LOGIN, str(user.pk), 999)
    assert submit_form(client, roomy.review_path(drop_in=1), **who).status_code == 302
    refused = submit_form(client, roomy.review_path(drop_in=1), **who)
    assert refused.status_code == 429
    said = "You’ve booked a lot in a short time. Wait 60 minutes, then confirm again."
    assert (said in page_text(refused), f"{said} Log in" in page_text(refused)) == (True, False)


def test_a_login_whose_address_is_not_proved_is_limited_like_a_guest(roomy: RiverStudio) -> None:
    client = open_browser(UserFactory.create(name="Vic", proved=False))
    count(limits.BOOKINGS_PER_EMAIL, VICTIM, 9)
    answers = [book(roomy, VICTIM, client=client).status_code for _number in range(2)]
    assert answers == [302, 429]


def test_one_form_sent_twenty_times_counts_once(roomy: RiverStudio) -> None:
    client, path = Client(REMOTE_ADDR=HERE), roomy.review_path(drop_in=1)
    typed = {"booker-name": "Zoë", "booker-email": VICTIM, f"t{roomy.drop_in.pk}-1-who": "self"}
    form = form_fields(client.get(path)) | typed
    answers = [client.post(path, form).status_code for _number in range(20)]
    assert (answers, Booking.objects.count()) == ([302] * 20, 1)
    assert statuses(roomy, [VICTIM] * 10) == [302] * 9 + [429]


def test_what_was_refused_counts_for_nothing(roomy: RiverStudio) -> None:
    EntryPlaces.objects.update(taken=500)
    assert set(statuses(roomy, [VICTIM] * 15)) == {409}
    EntryPlaces.objects.update(taken=0)
    assert statuses(roomy, [VICTIM]) == [302]


def test_a_term_of_classes_fills_one_basket(studio: RiverStudio) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for week in range(15):
        entry = EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(weeks=week + 1))
        ticket = TicketFactory.create(entry=entry)
        typed = {"booker-name": "Zoë", "booker-email": VICTIM, f"t{ticket.pk}-1-who": "self", **ADD}
        added = submit_form(client, f"/river/entries/{entry.uuid}/book/?t{ticket.pk}=1", **typed)
        assert added.status_code == 302
    assert (Booking.objects.count(), Seat.objects.count()) == (1, 15)


def test_new_baskets_without_a_cookie_are_counted_too(studio: RiverStudio) -> None:
    answers = []
    for number in range(11):
        entry = EntryFactory.create(page=studio.page)
        ticket = TicketFactory.create(entry=entry)
        typed = {"booker-name": "Zoë", "booker-email": VICTIM, f"t{ticket.pk}-1-who": "self", **ADD}
        path = f"/river/entries/{entry.uuid}/book/?t{ticket.pk}=1"
        answers.append(submit_form(Client(REMOTE_ADDR=f"10.0.0.{number}"), path, **typed).status_code)
    assert answers == [302] * 10 + [429]


def test_holding_again_what_expired_is_counted(roomy: RiverStudio) -> None:
    set_price(roomy.drop_in, 1200)
    client = Client(REMOTE_ADDR=HERE)
    book(roomy, VICTIM, client=client)
    for _time in range(10):
        Booking.objects.filter(held_until__isnull=False).update(held_until=NOW)
        client.get("/river/basket/")
        answer = client.post("/river/basket/again/", follow=True)
    assert TOO_MANY_FOR_EMAIL in page_text(answer)
    assert Booking.objects.count() == 10


def test_checkouts_from_one_network_are_limited(studio: RiverStudio) -> None:
    client = Client(REMOTE_ADDR=HERE)
    submit_form(client, studio.review_path(drop_in=1), **{
        "booker-name": "Zoë", "booker-email": VICTIM, f"t{studio.drop_in.pk}-1-who": "self", **ADD,
    })  # fmt: skip
    count(limits.CHECKOUTS_PER_NETWORK, HERE, 98)
    answers = [client.post("/river/basket/pay/", {"basket_version": "0"}).status_code for _number in range(3)]
    assert answers == [409] * 2 + [429]


def test_bookings_go_on_without_a_cache(roomy: RiverStudio, settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert statuses(roomy, [VICTIM]) == [302]
    assert Booking.objects.count() == 1
