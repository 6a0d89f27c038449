"""A membership in the basket opens its tickets at once; it is put there beneath them, or on its own page."""

import re
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import Customer
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import open_browser, page_text, submit_form, ticket_texts
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, TicketFactory, create_customer_with_login
from tests.sentences import BASKET_AT_CHECKOUT, CONFIRM_ADDRESS_FIRST, HAS_MEMBERSHIP, PRICE_GONE, THREE_A_MONTH
from tests.tickets.public.adding import button_texts
from tests.tickets.public.booking import ZOE, list_seats
from tests.tickets.public.test_membership_options import put_on_sale
from tests.worlds.river import RiverStudio
from tickets.models import Booking, BookingState, Seat, Ticket

pytestmark = pytest.mark.django_db

ADD = {"add": "1"}
OPEN = "Gold pass is in your basket, so you can now book its tickets."
INCLUDED = f"Gold place Included Gold: {THREE_A_MONTH}"


@pytest.fixture
def pass_(personal: RiverStudio) -> Membership:
    """Gold pass, on sale."""
    return put_on_sale(personal.group)


def membership_path(membership: Membership) -> str:
    return f"/river/memberships/{membership.pk}/"


def price_form(membership: Membership, **more: str) -> dict[str, str]:
    """The form that puts a membership into the basket."""
    return {"price": str(membership.prices.order_by("amount")[0].uuid), "basket": str(uuid4()), **more}


def read_add_button(page: str, title: str = "Gold pass") -> tuple[str, dict[str, str]]:
    """What a browser sends, and where, when somebody presses *Add … to basket* beneath a ticket."""
    button = next(each for each in re.findall(r"<button[^>]*>.*?</button>", page, re.DOTALL) if f"Add {title}" in each)
    name = re.search(r'form="([^"]+)"', button)
    back = re.search(r'name="next" value="([^"]+)"', button)
    assert name is not None
    assert back is not None
    form = re.search(rf'<form id="{name[1]}" method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    return form[1], {**dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2])), "next": back[1]}


@pytest.fixture
def eve(personal: RiverStudio) -> Customer:
    """Somebody with a login who is in no group."""
    return create_customer_with_login(personal.account, name="Eve")


class TestBeneathATicket:
    def test_one_press_opens_it_and_the_whole_goes_into_one_basket(
        self, personal: RiverStudio, pass_: Membership, eve: Customer
    ) -> None:
        client = open_browser(eve)
        action, form = read_add_button(client.get(personal.entry_path).content.decode())

        response = client.post(action, form)

        assert (response.status_code, response["Location"]) == (302, f"{personal.entry_path}?t{personal.gold.pk}=1")
        page = client.get(response["Location"])
        assert OPEN in page_text(page)
        assert "for this is in your basket" not in page_text(page)
        assert ticket_texts(page)[0].startswith(INCLUDED)

        review = client.get(personal.review_path(gold=1))
        assert button_texts(review) == (
            "Add to basket Change tickets 1 ticket, beside what’s in your basket. "
            "You’ll review everything before paying."
        )
        assert submit_form(client, personal.review_path(gold=1), **ADD)["Location"] == "/river/basket/"
        basket = Booking.objects.get()
        assert (basket.state, basket.customer, basket.membership_price) == (
            BookingState.BASKET,
            eve,
            pass_.prices.get(),
        )
        assert list_seats() == [("Gold place", "Eve", eve.email, True)]

    @pytest.mark.usefixtures("pass_")
    def test_pressed_twice_it_is_there_once(self, personal: RiverStudio, eve: Customer) -> None:
        first, second = open_browser(eve), open_browser(eve)
        action, form = read_add_button(first.get(personal.entry_path).content.decode())

        answers = {browser.post(action, form)["Location"] for browser in (first, second, first)}

        assert (len(answers), Booking.objects.count()) == (1, 1)

    def test_it_cannot_be_booked_without_the_membership(
        self, personal: RiverStudio, pass_: Membership, eve: Customer
    ) -> None:
        """A form written by hand that asks to book at once."""
        client = open_browser(eve)
        client.post(membership_path(pass_), price_form(pass_))

        response = submit_form(client, personal.review_path(gold=1))

        assert (response.status_code, Seat.objects.count()) == (409, 0)

    @pytest.mark.usefixtures("pass_")
    def test_on_the_review_step_too(self, personal: RiverStudio, eve: Customer) -> None:
        client = open_browser(eve)
        path = personal.review_path(gold=1)
        action, form = read_add_button(client.get(path).content.decode())

        response = client.post(action, form)

        assert response["Location"] == path
        assert "Add to basket Change tickets" in page_text(client.get(path))

    def test_who_has_not_proved_their_address_is_asked_to(self, personal: RiverStudio, pass_: Membership) -> None:
        client = Client()
        client.force_login(UserFactory.create(email="new@example.org", proved=False))
        assert "to basket" not in page_text(client.get(personal.entry_path))

        response = client.post(membership_path(pass_), price_form(pass_))

        assert CONFIRM_ADDRESS_FIRST in page_text(response)
        assert (Booking.objects.count(), EmailAddress.objects.filter(verified=True).count()) == (0, 0)

    def test_of_several_prices_one_is_chosen_first(self, personal: RiverStudio, eve: Customer) -> None:
        made = put_on_sale(personal.group, "Silver", amounts=(3000, 9000))
        client = open_browser(eve)
        page = client.get(personal.entry_path).content.decode()
        back = f"%2Friver%2Fentries%2F{personal.entry.uuid}%2F%3Ft{personal.gold.pk}%3D1"
        assert f'href="{membership_path(made)}?next={back}"' in page

        shown = client.get(f"{membership_path(made)}?next={back}").content.decode()
        assert f'name="next" value="{personal.entry_path}?t{personal.gold.pk}=1"' in shown

        chosen = {**price_form(made, next=personal.entry_path), "price": str(made.prices.get(amount=9000).uuid)}
        assert client.post(membership_path(made), chosen)["Location"] == personal.entry_path
        assert Booking.objects.get().membership_price == made.prices.get(amount=9000)

    @pytest.mark.usefixtures("pass_")
    def test_to_whoever_has_it_already_nothing_is_added(self, personal: RiverStudio) -> None:
        assert "to basket" not in ticket_texts(open_browser(personal.member()).get(personal.entry_path))[1]


class TestOnItsPage:
    def test_stands_beside_paying_at_once(self, pass_: Membership, eve: Customer) -> None:
        client = open_browser(eve)
        assert "Continue to payment Add to basket Joining as" in page_text(client.get(membership_path(pass_)))

        response = client.post(membership_path(pass_), price_form(pass_))

        assert (response.status_code, response["Location"]) == (302, "/river/basket/")
        assert "This membership is in your basket. Go to basket" in page_text(client.get(membership_path(pass_)))
        other = put_on_sale(GroupFactory.create(account=pass_.account), "Silver")
        assert "This membership is in your basket." not in page_text(client.get(membership_path(other)))

    def test_somebody_new_to_the_studio_becomes_a_customer(self, personal: RiverStudio, pass_: Membership) -> None:
        client = Client()
        client.force_login(UserFactory.create(email="new@example.org", name="Nia"))

        client.post(membership_path(pass_), price_form(pass_))

        assert Booking.objects.get().customer.email == "new@example.org"
        assert ticket_texts(client.get(personal.entry_path))[0].startswith(INCLUDED)

    @pytest.mark.parametrize("path", ["https://elsewhere.test/", "//elsewhere.test/", "elsewhere", "\\\\elsewhere", ""])
    def test_leads_nowhere_else(self, pass_: Membership, eve: Customer, path: str) -> None:
        response = open_browser(eve).post(membership_path(pass_), price_form(pass_, next=path))

        assert response["Location"] == "/river/basket/"

    @pytest.mark.parametrize("key", ["", "x", "\0"])
    def test_whatever_its_key_is(self, pass_: Membership, eve: Customer, key: str) -> None:
        assert open_browser(eve).post(membership_path(pass_), {**price_form(pass_), "basket": key}).status_code == 302
        assert Booking.objects.count() == 1


class TestOneAtATime:
    def test_another_takes_its_place_and_says_so(self, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
        silver = put_on_sale(GroupFactory.create(account=personal.account, name="Silver"), "Silver")
        client = open_browser(eve)
        client.post(membership_path(pass_), price_form(pass_))

        client.post(membership_path(silver), price_form(silver, next=personal.entry_path))

        page = client.get(personal.entry_path)
        assert "Silver has replaced Gold pass in your basket. You can only buy one membership at a time. " in page_text(
            page
        )
        assert "has left it" not in page_text(page)
        assert ticket_texts(page)[1].startswith("Gold place Members only")
        assert Booking.objects.get().membership_price == silver.prices.get()

    def test_and_what_only_the_first_opened_leaves(
        self, personal: RiverStudio, pass_: Membership, eve: Customer
    ) -> None:
        silver = put_on_sale(GroupFactory.create(account=personal.account, name="Silver"), "Silver")
        client = open_browser(eve)
        client.post(membership_path(pass_), price_form(pass_))
        submit_form(client, personal.review_path(gold=1, drop_in=1), **ADD, **{f"t{personal.drop_in.pk}-1-name": "Jo"})

        client.post(membership_path(silver), price_form(silver, next="/river/memberships/"))

        assert "We’ve removed 1 ticket that needs Gold pass." in page_text(client.get("/river/memberships/"))
        assert list(Seat.objects.filter(cancelled_at=None).values_list("ticket__name", flat=True)) == ["Drop-in"]


class TestWhatStandsInTheWay:
    def test_it_is_no_longer_on_sale(self, pass_: Membership, eve: Customer) -> None:
        form = price_form(pass_)
        Membership.objects.update(published=False)

        response = open_browser(eve).post(membership_path(pass_), form)

        assert (response["Location"], Booking.objects.count()) == ("/river/memberships/", 0)

    def test_its_price_has_gone(self, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
        form = price_form(pass_)
        Price.objects.update(archived_at=NOW)
        Price.objects.create(
            account=personal.account, membership=pass_, title="New", amount=1, currency="GBP", created_at=NOW
        )

        response = open_browser(eve).post(membership_path(pass_), form)

        assert (response.status_code, PRICE_GONE in page_text(response)) == (
            422,
            True,
        )

    def test_it_is_theirs(self, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
        Subscription.objects.create(
            account=personal.account,
            customer=eve,
            membership=pass_,
            price=pass_.prices.get(),
            source=SubscriptionSource.CHECKOUT,
            status=SubscriptionStatus.ACTIVE,
            stripe_id="sub_1",
            created_at=NOW,
        )

        response = open_browser(eve).post(membership_path(pass_), price_form(pass_))

        assert HAS_MEMBERSHIP in page_text(response)
        assert Booking.objects.count() == 0

    def test_the_basket_is_being_paid(self, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
        client = open_browser(eve)
        submit_form(client, personal.review_path(drop_in=1), **ADD)
        Booking.objects.update(state=BookingState.PAYING)

        response = client.post(membership_path(pass_), price_form(pass_))

        assert (response["Location"], Booking.objects.get().membership_price) == ("/river/basket/", None)
        told = f"{BASKET_AT_CHECKOUT} Gold pass."
        assert told in page_text(client.get("/river/memberships/"))

    def test_the_basket_is_somebody_elses(
        self, client: Client, personal: RiverStudio, pass_: Membership, eve: Customer
    ) -> None:
        submit_form(client, personal.review_path(drop_in=1), **ZOE, **ADD)
        assert eve.user is not None
        client.force_login(eve.user)

        response = client.post(membership_path(pass_), price_form(pass_))

        assert (response["Location"], Booking.objects.get().membership_price) == ("/river/basket/", None)
        told = "Your basket is for zoe@example.org. Empty it, then add Gold pass."
        assert told in page_text(client.get("/river/memberships/"))


class TestNobodyElse:
    def test_is_let_in_by_it(self, client: Client, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
        """Neither another login that has the cookie, nor a browser that logged out, sees what it opens."""
        secret = Ticket.objects.filter(pk=personal.gold.pk)
        secret.update(shown=False, name="Secret")
        hers = open_browser(eve)
        assert "Secret" not in hers.get(personal.entry_path).content.decode()
        hers.post(membership_path(pass_), price_form(pass_))
        assert "Secret" in hers.get(personal.entry_path).content.decode()

        other = open_browser(create_customer_with_login(personal.account))
        for browser in (client, other):
            for name in list(hers.cookies):
                if name.startswith("basket-"):
                    browser.cookies[name] = hers.cookies[name].value
                    assert "Secret" not in browser.get(personal.entry_path).content.decode()
                    browser.cookies[name] = hers.cookies[name].value.partition(":")[0] + ":"
                    assert "Secret" not in browser.get(personal.entry_path).content.decode()

    @pytest.mark.usefixtures("pass_")
    def test_hears_of_a_hidden_ticket_beneath_a_door(self, personal: RiverStudio, eve: Customer) -> None:
        group = GroupFactory.create(account=personal.account)
        hidden = TicketFactory.create(entry=personal.entry, group=group, name="Secret", shown=False)
        OfferFactory.create(group=group, ticket=hidden)
        put_on_sale(group, "Secret pass")

        page = open_browser(eve).get(personal.entry_path).content.decode()

        assert ("Secret" in page, page.count('form id="add-')) == (False, 1)
