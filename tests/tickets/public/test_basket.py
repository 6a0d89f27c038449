"""The page of the basket: what is in it, what it costs, taking things out of it, and who sees it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memberships.models import Price
from offers.models import Audience
from tests.browsing import open_browser, page_text
from tests.factories.schedule import OfferFactory
from tests.sentences import HAS_CANCELLED
from tests.tickets.public.basket import basket_cookie_of, basket_path, button_labels, open_browser_with_basket
from tests.worlds.till import Till, person_of
from tickets.checkout.basket import add_membership
from tickets.models import Booking, BookingState, Channel
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def joining(till: Till, **price: int) -> Booking:
    """A basket of somebody with a login: a membership, its ticket, and two others that it makes cheaper."""
    Price.objects.filter(pk=till.seller.price.pk).update(**price)
    group = till.seller.membership.group
    group.name = "Gold"
    group.save()
    OfferFactory.create(group=group, page=till.page, limit=2)
    till.discount(group, percent=25, audience=Audience.ADDITIONAL, additional_attendees=1)
    customer = till.customer_with_login(name="Ada Lovelace")
    who, now = person_of(customer), timezone.now()
    till.seller.price.refresh_from_db()
    basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
    till.fill(entry := till.entry(title="Flow"), till.ticket(entry, 0, group=group, name="Members"), basket=basket)
    starts = timezone.now() + timedelta(days=4)
    other = till.entry(title="Stretch", starts_at=starts)
    drop_in = till.ticket(other, 1000, name="Drop-in")
    return till.fill(other, drop_in, drop_in, basket=basket)


def test_every_line_is_told_with_its_price_and_the_total(till: Till) -> None:
    entry = till.entry(title="Morning yoga")
    basket = till.fill(entry, till.ticket(entry, 1250, name="Drop-in"), till.ticket(entry, 0, name="Carer"))
    till.fill(other := till.entry(title="Stretch"), till.ticket(other, 700), basket=basket)
    page = open_browser_with_basket(basket).get(basket_path(till))
    told = page_text(page)
    assert "Held for you until 12:15 ( 15 minutes )" in told
    assert "Morning yoga Friday 18 January 2030, 12:00 – 13:00 (Europe/London) Attendee 0 Drop-in £12.50" in told
    assert "Attendee 1 Carer Free" in told
    assert "Total today £19.50 Pay £19.50 You’ll pay by card with Stripe." in told
    type(till.account).objects.update(accepts_bank_debits=True)
    accepted = page_text(open_browser_with_basket(basket).get(basket_path(till)))
    assert "You’ll pay by card or bank debit with Stripe." in accepted
    assert (page.status_code, page["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


def test_a_membership_is_told_with_what_it_opens_saves_and_costs_later(till: Till) -> None:
    basket = joining(till, trial_days=7)
    told = page_text(open_browser(basket.customer).get(basket_path(till)))
    assert "Attendee 0 Members Gold: 1 of your 2 tickets used Included" in told
    assert "Attendee 0 Drop-in Gold: 25% off, you save £2.50 Was £10.00 £7.50" in told
    assert "£40.00 every month First 7 days free Free" in told
    assert (
        "Tickets £15.00 Gold Free Total today £15.00 Your discounts save you £5.00. Later, for Gold: £40.00 every month"
        " from 22 January 2030, when your free trial ends. Cancel before then and you won’t pay for it. Pay £15.00"
    ) in told


def test_without_a_trial_the_membership_is_paid_today(till: Till) -> None:
    basket = joining(till)
    told = page_text(open_browser(basket.customer).get(basket_path(till)))
    assert "Gold £40.00 Total today £55.00" in told
    assert "Later, for Gold: £40.00 every month until you cancel. It renews automatically. Pay £55.00" in told


@pytest.mark.parametrize(("price", "trial", "label"), [(0, None, "Confirm booking"), (0, 7, "Go to checkout")])
def test_the_button_says_what_it_does(till: Till, price: int, trial: int | None, label: str) -> None:
    if trial:
        Price.objects.filter(pk=till.seller.price.pk).update(trial_days=trial)
        till.seller.price.refresh_from_db()
        customer = till.customer_with_login()
        basket = add_membership(
            None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now()
        )
        client = open_browser(customer)
    else:
        entry = till.entry()
        basket = till.fill(entry, till.ticket(entry, price))
        client = open_browser_with_basket(basket)
    assert button_labels(client.get(basket_path(till)))[-1] == label


def test_a_studio_that_takes_no_payments_says_so_in_place_of_the_button(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.account.connection = None
    till.account.save()
    page = open_browser_with_basket(basket).get(basket_path(till))
    assert f"{till.account.name} isn’t taking online payments at the moment. Contact them to book" in page_text(page)
    assert "Pay £12.00" not in button_labels(page)


def test_a_ticket_is_taken_out_once(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket)
    first = basket.seats.order_by("pk")[0]
    client = open_browser_with_basket(basket)
    for _twice in range(2):
        answer = client.post(basket_path(till, "remove/"), {"seat": first.uuid})
        assert (answer.status_code, answer["Location"]) == (303, basket_path(till))
    assert list(basket.seats.order_by("pk").values_list("cancelled_by", flat=True)) == [Channel.BASKET_ABANDONED, ""]
    entry.places.refresh_from_db()
    assert entry.places.taken == 1
    assert "Total today £12.00" in page_text(client.get(basket_path(till)))


@pytest.mark.parametrize("seat", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_nobody_takes_out_what_is_not_in_their_basket(till: Till, seat: str) -> None:
    entry = till.entry()
    theirs, other = till.fill(entry, ticket := till.ticket(entry)), till.fill(entry, ticket)
    client = open_browser_with_basket(theirs)
    client.post(basket_path(till, "remove/"), {"seat": seat})
    client.post(basket_path(till, "remove/"), {"seat": other.seats.get().uuid})
    assert Booking.objects.filter(seats__cancelled_at=None).count() == 2


def test_removing_the_membership_says_first_what_goes_with_it(till: Till) -> None:
    basket = joining(till)
    client = open_browser(basket.customer)
    asked = page_text(client.get(basket_path(till, "membership/")))
    assert (
        "“ Flow ” on Friday 18 January 2030, 12:00 for Attendee 0 will be removed too, because it needs this "
        "membership."
        " Your other 2 tickets stay in your basket. Member discounts will be removed."
    ) in asked
    for _twice in range(2):
        assert client.post(basket_path(till, "membership/"))["Location"] == basket_path(till)
    told = page_text(client.get(basket_path(till)))
    assert "Flow" not in told
    assert "Total today £20.00 Pay £20.00" in told


def test_emptying_asks_first_and_lets_go_of_everything(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket)
    client = open_browser_with_basket(basket)
    asked = page_text(client.get(basket_path(till, "empty/")))
    assert "The 2 spaces we’re holding for you will be released. You won’t be charged." in asked
    assert basket.seats.filter(cancelled_at=None).count() == 2
    for _twice in range(2):
        assert client.post(basket_path(till, "empty/"))["Location"] == basket_path(till)
    entry.places.refresh_from_db()
    assert (entry.places.taken, basket_cookie_of(client, basket)) == (0, "")
    assert "Your basket is empty" in page_text(client.get(basket_path(till)))


def test_without_a_basket_the_page_leads_to_the_schedule(till: Till) -> None:
    page = Client().get(basket_path(till))
    assert "Your basket is empty See what’s coming up" in page_text(page)
    assert button_labels(page) == ["See what’s on"]


def test_what_the_studio_cancelled_is_told_at_the_next_look(till: Till) -> None:
    entry = till.entry(title="Morning yoga")
    basket = till.fill(entry, till.ticket(entry))
    till.fill(other := till.entry(title="Stretch"), till.ticket(other, 700), basket=basket)
    cancel_entry(entry, now=timezone.now())
    told = page_text(open_browser_with_basket(basket).get(basket_path(till)))
    sentence = f"“Morning yoga” for Attendee 0: {till.account.name} {HAS_CANCELLED}"
    assert f"Your basket has changed. {sentence}" in told
    assert "Total today £7.00" in told


def test_a_login_finds_the_basket_of_another_device_and_carries_it(till: Till) -> None:
    customer = till.customer_with_login()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), customer=customer)
    client = open_browser(customer)
    assert "Total today £12.00" in page_text(client.get(basket_path(till)))
    assert basket_cookie_of(client, basket) == str(basket.uuid)


def test_a_basket_filled_by_a_login_is_shown_to_no_other(till: Till) -> None:
    customer, other = till.customer_with_login(), till.customer_with_login()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), customer=customer)
    client = open_browser(customer)
    client.get(basket_path(till))
    cookie = client.cookies[f"basket-{till.account.pk}"].value
    for stranger in (open_browser(other), Client()):
        stranger.cookies[f"basket-{till.account.pk}"] = cookie
        assert "Your basket is empty" in page_text(stranger.get(basket_path(till)))
    assert cookie == str(basket.uuid)


def test_the_address_of_a_booking_that_is_none_yet_leads_to_its_basket(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    client = open_browser_with_basket(basket)
    assert client.get(f"/my/bookings/{basket.uuid}/")["Location"] == basket_path(till)
    assert "Total today £12.00" in page_text(client.get(basket_path(till)))


def test_the_bar_counts_what_is_carried_with_one_statement_and_none_without(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket)
    without, carries = Client(), open_browser_with_basket(basket)
    pages = {}
    for client in (without, carries):
        client.get(f"/{till.page.slug}/?for=one")
        with CaptureQueriesContext(connection) as asked:
            pages[client] = client.get(f"/{till.page.slug}/?for=one").content.decode(), len(asked)
    assert pages[carries][1] == pages[without][1] + 1
    assert ("(2)" in pages[carries][0], "shopping-basket" in pages[without][0]) == (True, False)


def test_one_visitor_is_not_told_of_the_basket_of_another(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    schedule = f"/{till.page.slug}/"
    assert basket_path(till) in open_browser_with_basket(basket).get(schedule).content.decode()
    assert basket_path(till) not in Client().get(schedule).content.decode()


def test_the_bar_forgets_a_basket_that_is_over(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 0))
    till.check_out(basket)
    assert basket_path(till) not in open_browser_with_basket(basket).get(f"/{till.page.slug}/").content.decode()


def test_the_page_asks_no_more_where_the_basket_is_full(till: Till) -> None:
    counts = []
    for size in (1, 3):
        basket = None
        for _entry in range(size):
            entry = till.entry(capacity=20)
            basket = till.fill(entry, till.ticket(entry, 500), basket=basket)
        assert basket is not None
        client = open_browser_with_basket(basket)
        client.get(basket_path(till))
        with CaptureQueriesContext(connection) as asked:
            client.get(basket_path(till))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_basket_of_two_hundred_lines(till: Till) -> None:
    basket = None
    for _entry in range(10):
        entry = till.entry(capacity=50, per_booking=20)
        basket = till.fill(entry, *[till.ticket(entry, 500)] * 20, basket=basket)
    assert basket is not None
    told = page_text(open_browser_with_basket(basket).get(basket_path(till)))
    assert told.count("£5.00") == 200
    assert "Pay £1,000.00" in told
    assert basket.state == BookingState.BASKET
