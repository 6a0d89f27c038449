"""What a guest calls themselves belongs to their booking: to its emails, its receipt and the studio's register."""

import csv
import io

import pytest
from django.test import Client

from accounts.models import Customer, Letter, Role
from tests.accounts.letters import written
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.worlds.dashboard import open_dashboard
from tests.worlds.river import RiverStudio
from tickets.models import Booking, Seat

pytestmark = pytest.mark.django_db


def book_as(studio: RiverStudio, email: str, name: str) -> Booking:
    """Book a Drop-in as a guest, in a browser of one's own."""
    typed = {"booker-name": name, "booker-email": email}
    assert submit_form(Client(), studio.review_path(drop_in=1), **typed).status_code == 302
    return Booking.objects.order_by("-pk")[0]


def greeting(letter: Letter) -> str:
    return next((line for line in written(letter).text.splitlines() if line.startswith("Hello")), "")


def test_a_guest_names_no_customer_whom_the_studio_knows(studio: RiverStudio) -> None:
    known = CustomerFactory.create(account=studio.account, email="ann@example.org", name="")

    booking = book_as(studio, "ann@example.org", "Rude Name")

    known.refresh_from_db()
    assert (known.name, booking.customer, booking.booker_name) == ("", known, "Rude Name")
    assert greeting(Letter.objects.get()) == ""
    dashboard = open_dashboard(studio.account)
    assert "Rude Name" not in page_text(dashboard.get("customers"))
    assert "Rude Name" not in page_text(dashboard.get("customer", pk=known.pk))


def test_a_known_customers_email_greets_by_their_own_name(studio: RiverStudio) -> None:
    CustomerFactory.create(account=studio.account, email="ann@example.org", name="Ann Ray")

    book_as(studio, "ann@example.org", "Rude Name")

    assert greeting(Letter.objects.get()) == "Hello Ann Ray,"


def test_somebody_with_a_login_is_greeted_by_its_name_where_only_a_stranger_named_them(studio: RiverStudio) -> None:
    """The studio does not know them yet, and learns nothing of the login by it."""
    user = UserFactory.create(email="ann@example.org", name="Ann Ray")

    booking = book_as(studio, "ann@example.org", "Rude Name")

    assert (booking.customer.user, booking.customer.name, booking.customer.name_confirmed) == (user, "Rude Name", False)
    assert greeting(Letter.objects.get()) == "Hello Ann Ray,"
    assert "Ann Ray" not in page_text(open_dashboard(studio.account).get("customers"))


def test_who_books_again_with_a_corrected_spelling_is_called_so_for_that_booking(studio: RiverStudio) -> None:
    book_as(studio, "ada@example.org", "Add Lovelce")

    book_as(studio, "ada@example.org", "Ada Lovelace")

    assert [greeting(each) for each in Letter.objects.order_by("pk")] == ["Hello Add Lovelce,", "Hello Ada Lovelace,"]
    assert list(Booking.objects.order_by("pk").values_list("booker_name", flat=True)) == ["Add Lovelce", "Ada Lovelace"]
    assert Customer.objects.get().name == "Add Lovelce"


def test_the_register_and_its_file_tell_the_name_that_was_given(studio: RiverStudio) -> None:
    CustomerFactory.create(account=studio.account, email="ann@example.org", name="Ann Ray")
    booking = book_as(studio, "ann@example.org", "Cousin Bo")
    dashboard = open_dashboard(studio.account, Role.OWNER)

    told = "Ann Ray ann@example.org Name given: Cousin Bo"
    assert "Cousin Bo Drop-in" in page_text(dashboard.get("entry", pk=studio.entry.pk))
    assert told in page_text(dashboard.get("bookings", {"q": "cousin"}))
    assert "Ann Ray Name given: Cousin Bo" in page_text(dashboard.get("booking", pk=booking.pk))
    file = dashboard.get("attendees_csv", pk=studio.entry.pk).getvalue().decode("utf-8-sig")
    assert [row[3] for row in csv.reader(io.StringIO(file))] == ["Booked by", "Cousin Bo"]


def test_the_bookings_page_tells_nobody_what_the_address_owner_is_called(studio: RiverStudio) -> None:
    """Also after they have said so: whoever has the booking's address may only have typed theirs."""
    booking = book_as(studio, "ann@example.org", "Cousin Bo")
    Customer.objects.update(name="Ann Ray", name_confirmed=True)

    booking.refresh_from_db()

    assert booking.booker == "Cousin Bo"
    assert "Ann Ray" not in page_text(Client().get(f"/my/bookings/{booking.uuid}/"))


def test_a_member_is_asked_what_they_are_called_where_only_a_guest_has_said(studio: RiverStudio) -> None:
    member = studio.member(name="Ada Lovelace")
    user = member.user
    assert user is not None
    user.name = "Ada King"
    user.save()
    Customer.objects.update(name="Rude Name", name_confirmed=False)
    client, path = open_browser(member), studio.review_path(drop_in=1)
    assert form_fields(client.get(path))["booker-name"] == "Ada King"

    submit_form(client, path)

    member.refresh_from_db()
    assert (member.name, member.name_confirmed, Booking.objects.get().booker_name) == ("Ada King", True, "")
    assert Seat.objects.get().attendee_name == "Ada King"
    other = EntryFactory.create(page=studio.page)
    ticket = TicketFactory.create(entry=other)
    assert "booker-name" not in form_fields(client.get(f"/river/entries/{other.uuid}/book/?t{ticket.pk}=1"))


@pytest.mark.parametrize("field", ["booker-name", "attendee"])
def test_an_address_in_place_of_a_name_is_refused_and_kept(studio: RiverStudio, field: str) -> None:
    ticket = f"t{studio.drop_in.pk}-1"
    typed = {"booker-name": "Ann", "booker-email": "ann@example.org"}
    typed |= (
        {"booker-name": "ann@example.org"}
        if field == "booker-name"
        else {f"{ticket}-who": "guest", f"{ticket}-name": "ann@example.org"}
    )

    answer = submit_form(Client(), studio.review_path(drop_in=1), **typed)

    assert (answer.status_code, Booking.objects.count()) == (422, 0)
    assert "Enter a name without a web or email address" in page_text(answer)
    assert form_fields(answer)[field if field == "booker-name" else f"{ticket}-name"] == "ann@example.org"
