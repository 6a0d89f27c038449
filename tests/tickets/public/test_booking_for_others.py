"""A mother who is logged in books for her daughter: the daughter's allowance and seat, the mother's email."""

import pytest
from django.test import Client

from accounts.contacts import add_without_address, give_address
from accounts.email_writing import write_out
from accounts.models import Customer, Letter
from offers.models import UsagePeriod
from tests.browsing import fields_of_form, open_browser, page_text, submit_form
from tests.factories.schedule import add_member, create_customer_with_login
from tests.worlds.river import RiverStudio
from tickets.models import Booking, BookingState, EntryPlaces, Seat, WaitlistRequest
from tickets.public.order.choice import WHOSE

pytestmark = pytest.mark.django_db


@pytest.fixture
def mary(personal: RiverStudio) -> Customer:
    return create_customer_with_login(personal.account, name="Mary Ray")


@pytest.fixture
def ann(mary: Customer, personal: RiverStudio) -> Customer:
    made = add_without_address(mary, "Ann Ray")
    add_member(personal.group, made)
    return made


@pytest.fixture
def login(mary: Customer) -> Client:
    assert mary.user is not None
    return open_browser(mary.user)


def path_for(studio: RiverStudio, customer: Customer, **counts: int) -> str:
    return f"{studio.review_path(**counts)}&{WHOSE}={customer.pk}"


def test_the_page_asks_whom_it_is_for(login: Client, personal: RiverStudio, ann: Customer) -> None:
    page = page_text(login.get(personal.entry_path))
    assert "Who is it for? Mary Ray Ann Ray" in page
    hers = login.get(f"{personal.entry_path}?{WHOSE}={ann.pk}")
    assert f'<input type="hidden" name="for" value="{ann.pk}">' in hers.content.decode()


def test_who_books_for_nobody_is_not_asked(login: Client, personal: RiverStudio) -> None:
    assert "Who is it for?" not in page_text(login.get(personal.entry_path))


def test_the_daughters_use_is_charged_and_the_seat_is_hers(
    login: Client, personal: RiverStudio, mary: Customer, ann: Customer
) -> None:
    path = path_for(personal, ann, gold=1)
    page = page_text(login.get(path))
    assert f"Your details Mary Ray, {mary.email} Booking for Ann Ray" in page
    assert "For Ann Ray (personal use only)" in page

    answer = submit_form(login, path)
    booking, seat = Booking.objects.get(), Seat.objects.get()
    assert answer["Location"] == f"/my/bookings/{booking.uuid}/"
    assert (booking.customer, booking.address, booking.filled_by) == (ann, mary.email, mary.user)
    assert (seat.attendee_name, seat.attendee_email, seat.self_attendee_id) == ("Ann Ray", mary.email, ann.pk)
    assert [(each.member.customer, each.used) for each in UsagePeriod.objects.all()] == [(ann, 1)]
    letter = Letter.objects.get(kind="booked")
    assert letter.recipient == mary.email


def test_the_mother_is_not_in_the_daughters_group(login: Client, personal: RiverStudio, ann: Customer) -> None:
    assert "Confirm booking" not in page_text(login.get(personal.review_path(gold=1)))
    assert submit_form(login, personal.review_path(drop_in=1)).status_code == 302
    assert Booking.objects.get().customer.name == "Mary Ray"


def test_twice_for_the_daughter_is_refused_as_for_anybody(login: Client, personal: RiverStudio, ann: Customer) -> None:
    path = path_for(personal, ann, gold=1)
    submit_form(login, path)
    assert "Confirm booking" not in page_text(login.get(path))
    assert Booking.objects.count() == 1


def test_who_may_not_have_it_is_not_sent_to_another_login(login: Client, personal: RiverStudio, mary: Customer) -> None:
    ben = add_without_address(mary, "Ben Ray")
    page = page_text(login.get(f"{personal.entry_path}?{WHOSE}={ben.pk}"))
    assert "Only members can book this ticket. Contact River Studio to find out more." in page
    assert "different address" not in page


def test_nobody_else_books_for_her(client: Client, personal: RiverStudio, mary: Customer, ann: Customer) -> None:
    other = create_customer_with_login(personal.account, name="Eve")
    assert other.user is not None
    for login in (client, open_browser(other.user)):
        page = login.get(path_for(personal, ann, gold=1))
        assert "Ann Ray" not in page_text(page)
        assert "Confirm booking" not in page_text(page)
    submit_form(open_browser(other.user), path_for(personal, ann, drop_in=1))
    assert Booking.objects.get().customer == other


def test_each_has_a_basket_of_their_own(login: Client, personal: RiverStudio, mary: Customer, ann: Customer) -> None:
    submit_form(login, personal.review_path(drop_in=1), add="more")
    submit_form(login, path_for(personal, ann, gold=1), add="more")

    baskets = Booking.objects.filter(state=BookingState.BASKET).order_by("pk")
    assert [each.customer for each in baskets] == [mary, ann]
    page = login.get("/river/basket/")
    assert "Ann Ray" in page_text(page)
    pays = fields_of_form(page, having="basket_version")
    login.post("/river/basket/pay/", pays)
    assert Booking.objects.get(customer=ann).state == BookingState.BOOKED


def test_my_bookings_show_both(login: Client, personal: RiverStudio, mary: Customer, ann: Customer) -> None:
    submit_form(login, path_for(personal, ann, gold=1))
    submit_form(login, personal.review_path(drop_in=1))

    page = page_text(login.get("/my/"))
    assert page.count("Morning yoga") == 2
    assert page.count("For Ann Ray") == 1
    assert "Gold (Ann Ray)" in page


def test_my_bookings_show_nobody_elses(login: Client, personal: RiverStudio, ann: Customer) -> None:
    stranger = create_customer_with_login(personal.account, name="Eve")
    submit_form(login, path_for(personal, ann, gold=1))
    assert stranger.user is not None
    assert "Morning yoga" not in page_text(open_browser(stranger.user).get("/my/"))


def test_the_confirmation_says_whom_it_is_for(login: Client, personal: RiverStudio, ann: Customer) -> None:
    submit_form(login, path_for(personal, ann, gold=1))
    letter = Letter.objects.get(kind="booked")
    write_out(letter)
    assert "This email is for Ann Ray. You get it because their emails go to your address." in letter.text
    assert "Hello Ann" not in letter.text


def test_with_an_address_of_her_own_her_mother_books_for_her_no_more(
    login: Client, personal: RiverStudio, ann: Customer
) -> None:
    give_address(ann, "ann@example.org")
    assert "Ann Ray" not in page_text(login.get(path_for(personal, ann, gold=1)))


def test_her_mother_waits_for_her(login: Client, personal: RiverStudio, mary: Customer, ann: Customer) -> None:
    EntryPlaces.objects.update(capacity=1, taken=1)
    page = login.get(f"{personal.entry_path}?{WHOSE}={ann.pk}").content.decode()
    path = f"{personal.entry_path}wait/?{WHOSE}={ann.pk}&t{personal.gold.pk}=1"
    assert path.replace("&", "&amp;") in page

    answer = submit_form(login, path)
    waiting = WaitlistRequest.objects.get()
    assert answer["Location"] == f"/my/waiting/{waiting.uuid}/"
    assert (waiting.customer, waiting.names, waiting.is_guest, waiting.address) == (ann, ["Ann Ray"], False, mary.email)
    assert "For Ann Ray:" in page_text(login.get("/my/"))
    assert login.get(answer["Location"]).status_code == 200
