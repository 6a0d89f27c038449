"""From the choice to the booking: who comes, what is charged, what is refused and how that reads."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer, Letter
from offers.eligibility import Attendee
from offers.models import Offer, OfferUse, UsagePeriod
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, GroupFactory, TicketFactory
from tests.sentences import ALREADY_AT_EVENT, BOOKED_AND_EMAILED, EMAIL_LIKE, LOG_IN_TO_BOOK, THREE_A_MONTH
from tests.tickets.public.booking import ZOE, book_gold, list_seats
from tests.worlds.river import RiverStudio
from tickets.booking.cancel import cancel_by_customer
from tickets.models import Booking, Entry, EntryPlaces, Seat

pytestmark = pytest.mark.django_db


class TestStrangers:
    def test_book_with_a_name_and_an_address(self, client: Client, studio: RiverStudio) -> None:
        page = client.get(studio.review_path(drop_in=2))

        assert page_text(page) == (
            "River Studio Morning yoga Check your booking Check your booking Morning yoga "
            "Thursday 17 January 2030, 12:00 – 13:00 (Europe/London) Boat house "
            "Your details Your name Your email address We’ll send your confirmation here. "
            "No account needed. Already have one? Log in "
            "Drop-in 1 of 2 Free Who is it for? Me Someone else Their name Their email address (optional) "
            "Drop-in 2 of 2 Free Who is it for? Me Someone else Their name Their email address (optional) "
            "You can cancel online until it starts. "
            "Confirm booking Add to basket and choose more Change tickets 2 tickets, nothing to pay."
        )

        response = submit_form(client, studio.review_path(drop_in=2), **ZOE, **{f"t{studio.drop_in.pk}-2-name": "Jo"})

        booking = Booking.objects.get()
        assert (response.status_code, response["Location"]) == (302, f"/my/bookings/{booking.uuid}/")
        assert (booking.customer.email, booking.customer.name, booking.channel) == (
            "zoe@example.org",
            "Zoë O’Neill",
            "customer",
        )
        assert list_seats() == [("Drop-in", "Zoë O’Neill", "zoe@example.org", False), ("Drop-in", "Jo", "", False)]
        assert Letter.objects.get().recipient == "zoe@example.org"
        told = f"Boat house {BOOKED_AND_EMAILED} zoe@example.org. Tickets"
        assert page_text(client.get(response["Location"])).count(told) == 1

    def test_nobody_learns_whether_an_address_is_known(self, client: Client, studio: RiverStudio) -> None:
        """Booking under a member's address books for them, charges nothing, and looks like any other booking."""
        member = studio.member(name="Ada Lovelace")
        path = studio.review_path(drop_in=1)

        browsers = (client, Client())
        typed = ({**ZOE, "booker-email": member.email}, ZOE)
        answers = [submit_form(browser, path, **form) for browser, form in zip(browsers, typed, strict=True)]

        pages = [page_text(each.get(answer["Location"])) for each, answer in zip(browsers, answers, strict=True)]
        bookings = Booking.objects.order_by("pk")
        neutral = [
            page.replace(each.reference, "REFERENCE").replace(each.customer.email, "ADDRESS")
            for page, each in zip(pages, bookings, strict=True)
        ]
        assert neutral[0] == neutral[1]
        assert bookings[0].customer == member
        assert OfferUse.objects.count() == 0

    def test_are_asked_to_log_in_for_a_members_ticket_and_come_back_to_the_choice(self, personal: RiverStudio) -> None:
        member = personal.member()
        path = personal.review_path(gold=1)
        client = Client()

        page = client.get(path)

        assert f"Gold place {LOG_IN_TO_BOOK} Log in Added to the group by River Studio?" in page_text(page)
        assert "Confirm booking" not in page_text(page)
        login = f"/accounts/login/?next={path.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"
        assert f'href="{login}"' in page.content.decode()

        response = client.post(login, {"login": member.email, "password": "correct horse"})

        assert response["Location"] == path
        assert "Confirm booking" in page_text(client.get(path))

    def test_cannot_book_a_members_ticket_by_hand_written_form(self, client: Client, personal: RiverStudio) -> None:
        member = personal.member()
        typed = {**ZOE, "booker-email": member.email, f"t{personal.gold.pk}-1-who": "self", "key": str(uuid4())}

        response = client.post(personal.review_path(gold=1), typed)

        assert (response.status_code, Booking.objects.count(), UsagePeriod.objects.count()) == (409, 0, 0)
        assert Customer.objects.count() == 1


class TestMembers:
    def test_see_what_is_charged_before_they_confirm(self, personal: RiverStudio) -> None:
        member = personal.member()
        client = open_browser(member)

        page = client.get(personal.review_path(gold=1))

        assert page_text(page).partition("Your details ")[2] == (
            f"Ada Lovelace, {member.email} "
            f"Gold place Gold: {THREE_A_MONTH} "
            "2 tickets left after this, until 2 February 2030. Included For yourself: Ada Lovelace (personal use only) "
            "Cancel by Wednesday 16 January 2030, 12:00 (Europe/London) and you get your ticket back. "
            "After that you can still cancel, but you lose the ticket. "
            "Confirm booking Add to basket and choose more Change tickets 1 ticket, nothing to pay."
        )

        submit_form(client, personal.review_path(gold=1))

        assert list_seats() == [("Gold place", "Ada Lovelace", member.email, True)]
        assert (UsagePeriod.objects.get().used, UsagePeriod.objects.get().starts_on) == (1, date(2030, 1, 3))

    def test_come_with_guests(self, family: RiverStudio) -> None:
        member = family.member()
        client = open_browser(member)
        assert re.findall("Gold: .*? Included", page_text(client.get(family.review_path(gold=3)))) == [
            (
                "Gold: 3 tickets a month, for you and up to 2 guests. "
                "2 tickets left after this, until 2 February 2030. Included"
            ),
            "Gold: 1 ticket left after this, until 2 February 2030. Included",
            "Gold: 0 tickets left after this, until 2 February 2030. Included",
        ]

        prefix = f"t{family.gold.pk}"
        submit_form(
            client,
            family.review_path(gold=3),
            **{f"{prefix}-2-name": "בן", f"{prefix}-3-name": "Cleo 🧘", f"{prefix}-3-email": "cleo@example.org"},
        )

        assert list_seats() == [
            ("Gold place", "Ada Lovelace", member.email, True),
            ("Gold place", "בן", "", False),
            ("Gold place", "Cleo 🧘", "cleo@example.org", False),
        ]
        assert UsagePeriod.objects.get().used == 3
        assert list(Customer.objects.values_list("email", flat=True)) == [member.email]

    def test_book_for_their_children_without_coming(self, family: RiverStudio) -> None:
        client = open_browser(family.member())
        prefix = f"t{family.gold.pk}-1"

        submit_form(client, family.review_path(gold=1), **{f"{prefix}-who": "guest", f"{prefix}-name": "Ben"})

        assert list_seats() == [("Gold place", "Ben", "", False)]

    def test_who_come_already_are_asked_for_a_guest_first(self, family: RiverStudio) -> None:
        member = family.member()
        book_gold(family, member, Attendee.SELF)

        assert form_fields(open_browser(member).get(family.review_path(gold=1)))[f"t{family.gold.pk}-1-who"] == "guest"

    def test_mix_tickets_and_come_with_the_members_one(self, personal: RiverStudio) -> None:
        member = personal.member()

        found = form_fields(open_browser(member).get(personal.review_path(drop_in=1, gold=1)))

        assert {name: value for name, value in found.items() if name.endswith("-who")} == {
            f"t{personal.drop_in.pk}-1-who": "guest",
            f"t{personal.gold.pk}-1-who": "self",
        }
        assert found["terms_version"] == f",{Offer.objects.get().pk}"

    def test_whose_name_is_unknown_are_asked_for_it(self, personal: RiverStudio) -> None:
        member = personal.member(name="")

        submit_form(open_browser(member), personal.review_path(gold=1), **{"booker-name": "Ada"})

        member.refresh_from_db()
        assert (member.name, list_seats()) == ("Ada", [("Gold place", "Ada", member.email, True)])

    def test_who_are_new_to_the_studio_book_under_their_own_address(self, studio: RiverStudio) -> None:
        user = UserFactory.create(email="new@example.org", name="Nia")
        client = Client()
        client.force_login(user)

        submit_form(client, studio.review_path(drop_in=1), **{"booker-email": "somebody@example.org"})

        customer = Customer.objects.get()
        assert (customer.email, customer.user, customer.name) == ("new@example.org", user, "Nia")

    def test_who_never_proved_their_address_book_like_strangers(self, studio: RiverStudio) -> None:
        client = Client()
        client.force_login(UserFactory.create(email="unproved@example.org", proved=False))

        submit_form(client, studio.review_path(drop_in=1), **ZOE)

        customer = Customer.objects.get()
        assert (customer.email, customer.user) == ("zoe@example.org", None)

    def test_cannot_smuggle_a_guest_into_a_personal_offer(self, personal: RiverStudio) -> None:
        typed = {f"t{personal.gold.pk}-1-who": "guest", f"t{personal.gold.pk}-1-name": "Ben"}

        response = submit_form(open_browser(personal.member()), personal.review_path(gold=1), **typed)

        assert (response.status_code, list_seats()) == (409, [])
        assert "Your membership is for personal use, so you can only book this ticket for yourself." in page_text(
            response
        )
        assert form_fields(response)[f"t{personal.gold.pk}-1-name"] == "Ben"

    def test_of_two_places_can_take_one_themselves(self, family: RiverStudio) -> None:
        typed = {f"t{family.gold.pk}-2-who": "self"}

        response = submit_form(open_browser(family.member()), family.review_path(gold=2), **typed)

        assert (response.status_code, list_seats()) == (409, [])
        assert f"Gold place 2: {ALREADY_AT_EVENT}" in page_text(response)
        assert "Continue with 1 ticket" in page_text(response)


class TestWhatIsTyped:
    def test_is_kept_when_something_is_missing(self, client: Client, studio: RiverStudio) -> None:
        path = studio.review_path(drop_in=2)

        response = submit_form(client, path, **{"booker-name": " Zoë ", f"t{studio.drop_in.pk}-2-email": "jo@"})

        assert response.status_code == 422
        assert "<title>Error: Check your booking – River Studio</title>" in response.content.decode()
        assert page_text(response).partition("attention ")[2].partition(" Check your")[0] == (
            f"Enter your email address Enter the name of the person who’s coming {EMAIL_LIKE}"
        )
        kept = form_fields(response)
        assert (kept["booker-name"], kept[f"t{studio.drop_in.pk}-2-email"]) == (" Zoë ", "jo@")
        assert Customer.objects.count() == 0

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("booker-name", "x" * 101, "Use at most 100 characters for “Your name”: you’ve used 101"),
            ("booker-name", "\0", "Type “Your name” again: it contains a character we can’t save"),
            ("booker-email", f"{'x' * 250}@example.org", "Use at most 254 characters for “Your email address”"),
            ("booker-email", "nobody", EMAIL_LIKE),
        ],
    )
    def test_has_its_limits(self, client: Client, studio: RiverStudio, field: str, value: str, said: str) -> None:
        response = submit_form(client, studio.review_path(drop_in=1), **{**ZOE, field: value})

        assert (response.status_code, said in page_text(response), Booking.objects.count()) == (422, True, 0)

    def test_of_a_hundred_characters_fits(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **{**ZOE, "booker-name": "🧘" * 100})

        assert Seat.objects.get().attendee_name == "🧘" * 100

    def test_cannot_become_markup(self, client: Client, studio: RiverStudio) -> None:
        response = submit_form(client, studio.review_path(drop_in=1), **{**ZOE, "booker-name": "<b>&"})

        assert "&lt;b&gt;&amp;" in client.get(response["Location"]).content.decode()
        assert "<b>&" not in client.get(response["Location"]).content.decode()

    @pytest.mark.parametrize("key", ["", "x", "\0"])
    def test_needs_the_key_of_a_form(self, client: Client, studio: RiverStudio, key: str) -> None:
        response = submit_form(client, studio.review_path(drop_in=1), **{**ZOE, "key": key})

        assert (response.status_code, Booking.objects.count()) == (422, 0)
        assert UUID(form_fields(response)["key"]).version == 4


class TestTheChoice:
    @pytest.mark.parametrize("query", ["", "t0=1", "t{0}=0", "t{0}=-1", "t{0}=1.5", "t{0}=1000", "t{0}=x", "t{0}=\0"])
    def test_of_nothing(self, client: Client, studio: RiverStudio, query: str) -> None:
        response = client.get(f"{studio.entry_path}book/?{query.format(studio.drop_in.pk)}")

        assert response.status_code == 422
        assert "Something needs your attention Choose at least one ticket Morning yoga" in page_text(response)
        assert "<title>Error: Morning yoga, 17 January 2030 – River Studio</title>" in response.content.decode()

    def test_of_too_many(self, client: Client, studio: RiverStudio) -> None:
        response = client.get(studio.review_path(drop_in=7))

        assert response.status_code == 422
        assert "Choose up to 6 tickets: that’s the most you can book at once" in page_text(response)
        assert form_fields(response)[f"t{studio.drop_in.pk}"] == "6"

    def test_keeps_within_a_hundred_whatever_the_studio_allows(self, client: Client, studio: RiverStudio) -> None:
        Entry.objects.update(per_booking=30_000)
        EntryPlaces.objects.update(capacity=30_000)

        assert client.get(studio.review_path(drop_in=101)).status_code == 422
        assert 'max="100"' in client.get(studio.entry_path).content.decode()

    def test_can_be_changed(self, client: Client, studio: RiverStudio) -> None:
        page = client.get(studio.review_path(drop_in=3)).content.decode()

        assert f'href="{studio.entry_path}?t{studio.drop_in.pk}=3"' in page
        chosen = client.get(f"{studio.entry_path}?t{studio.drop_in.pk}=3")
        assert form_fields(chosen)[f"t{studio.drop_in.pk}"] == "3"


def test_a_form_without_its_token_is_refused_in_friendly_words(studio: RiverStudio) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post(studio.review_path(drop_in=1), ZOE)

    assert (response.status_code, Booking.objects.count()) == (403, 0)
    assert page_text(response).startswith("This page has expired For your security, nothing was saved.")


def test_the_review_step_is_nobody_elses_business(client: Client, studio: RiverStudio) -> None:
    response = client.get(studio.review_path(drop_in=1))

    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize("count", [1, 3])
def test_members_cost_three_statements(
    family: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = open_browser(family.member())
    for _ in range(count - 1):
        TicketFactory.create(entry=family.entry, group=GroupFactory.create(account=family.account))

    with django_assert_num_queries(3):
        response = client.get(family.review_path(gold=count))

    assert response.content.decode().count('id="place-') == 2 * count


def test_a_use_given_back_can_be_booked_again(personal: RiverStudio) -> None:
    Offer.objects.update(limit=1)
    member = personal.member()
    booking = book_gold(personal, member, Attendee.SELF)
    client = open_browser(member)
    assert "You already have a space" in page_text(client.get(personal.review_path(gold=1)))

    cancel_by_customer(booking, list(booking.seats.values_list("pk", flat=True)), now=NOW)

    assert submit_form(client, personal.review_path(gold=1)).status_code == 302
    assert UsagePeriod.objects.get().used == 1
