"""What a ticket costs, wherever it is told: to everybody, and to a member with the discount that is theirs."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Customer
from offers.models import Offer, OfferKind
from tests.browsing import form_fields, open_browser, page_text, ticket_texts
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.sentences import CHECK_DETAILS, HELD_UNTIL_PAID, MEMBERS_ONLY, NOT_INCLUDED
from tests.worlds.river import RiverStudio
from tickets.models import Ticket, TicketCost

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


def set_price(ticket: Ticket, amount: int) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(cost=TicketCost.COST, price=amount)


def create_discount(studio: RiverStudio, **fields: Any) -> Offer:
    """Ten percent off everything on the page for Gold, unless said otherwise."""
    terms = {"percent": 10} if not {"percent", "amount_off"} & set(fields) else {}
    return OfferFactory.create(
        **{"group": studio.group, "page": studio.page, "kind": OfferKind.DISCOUNT, **terms, **fields}
    )


def structured_offers(response: "Answer") -> list[dict[str, str]]:
    """What search engines are told of the page's only event's tickets."""
    told = response.content.decode().partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    offers: list[dict[str, str]] = json.loads(told)[0].get("offers", [])
    return [{name: offer[name] for name in ("name", "price", "priceCurrency") if name in offer} for offer in offers]


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ([1200], "£12.00"),
        ([1200, 800], "from £8.00"),
        ([1200, 1200], "£12.00"),
        ([0], "Free"),
        ([0, 1200], "Free or £12.00"),
        ([0, 1200, 800], "Free or from £8.00"),
        ([None], ""),
        ([None, 1200], "£12.00"),
    ],
)
def test_a_line_of_the_schedule_tells_what_is_public(client: Client, costs: list[int | None], said: str) -> None:
    entry = EntryFactory.create(page=SchedulePageFactory.create(slug="p", title="P"), title="Yoga")
    for amount in costs:
        cost = TicketCost.NONE if amount is None else TicketCost.COST if amount else TicketCost.FREE
        TicketFactory.create(entry=entry, cost=cost, price=amount or 0)
    TicketFactory.create(entry=entry, group=GroupFactory.create(account=entry.account), cost=TicketCost.COST, price=100)
    TicketFactory.create(entry=entry, shown=False, cost=TicketCost.COST, price=200)
    TicketFactory.create(entry=entry, closes_minutes_before=3 * 24 * 60, cost=TicketCost.COST, price=300)

    shown = page_text(client.get("/p/")).partition(" Go Filter ")[2]
    assert shown == f"Thursday 17 January 2030 12:00 to 13:00 Yoga {said}".strip()


@pytest.mark.parametrize(("currency", "locale", "said"), [("JPY", "ja", "￥1,200"), ("KWD", "en-gb", "KWD1.200")])
def test_in_the_currency_and_words_of_the_studio(client: Client, currency: str, locale: str, said: str) -> None:
    account = AccountFactory.create(currency=currency, locale=locale)
    entry = EntryFactory.create(page=SchedulePageFactory.create(slug="p", account=account))
    TicketFactory.create(entry=entry, name="Drop-in", cost=TicketCost.COST, price=1200)

    assert said in page_text(client.get("/p/")).replace("\xa0", " ")
    assert ticket_texts(client.get(f"/p/entries/{entry.uuid}/"))[0].replace("\xa0", " ").startswith(f"Drop-in {said}")


def test_a_price_that_changes_changes_the_page_at_once(client: Client, studio: RiverStudio) -> None:
    set_price(studio.drop_in, 1200)
    assert "Boat house £12.00" in page_text(client.get("/river/"))

    set_price(studio.drop_in, 1300)
    assert "Boat house £13.00" in page_text(client.get("/river/"))

    Account.objects.update(locale="de")
    assert "Boat house 13,00 £" in page_text(client.get("/river/"))


@pytest.mark.parametrize("count", [1, 3])
def test_prices_cost_the_schedule_nothing(
    client: Client, studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/river/?for=one")
    for number in range(count):
        entry = EntryFactory.create(page=studio.page)
        TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1000 + number)

    with django_assert_num_queries(7):
        response = client.get("/river/?for=one")

    assert page_text(response).count("£10.0") == count


class TestOnTheEntrysPage:
    def test_each_ticket_says_what_its_operator_chose(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1250)
        TicketFactory.create(entry=studio.entry, name="Trial", position=3)
        TicketFactory.create(entry=studio.entry, name="Teacher", cost=TicketCost.NONE, position=4)

        response = client.get(studio.entry_path)

        often = "How many? Up to 6. Number of"
        assert [ticket_texts(response)[index] for index in (0, 2, 3)] == [
            f"Drop-in £12.50 {often} “Drop-in”",
            f"Trial Free {often} “Trial”",
            f"Teacher {often} “Teacher”",
        ]
        assert "You’ll review everything before paying." in page_text(response)

    def test_a_members_ticket_has_its_price_too(self, client: Client, personal: RiverStudio) -> None:
        set_price(personal.gold, 500)

        assert ticket_texts(client.get(personal.entry_path))[1].startswith(
            f"Gold place Members only £5.00 {MEMBERS_ONLY}"
        )
        assert ticket_texts(open_browser(personal.member()).get(personal.entry_path))[0].startswith(
            "Gold place £5.00 Gold: 3"
        )

    def test_nothing_is_said_of_money_at_a_members_ticket_that_says_nothing(self, personal: RiverStudio) -> None:
        Ticket.objects.filter(pk=personal.gold.pk).update(cost=TicketCost.NONE)

        told = ticket_texts(open_browser(personal.member()).get(personal.entry_path))[0]

        assert told.startswith("Gold place Gold: 3 tickets a month")

    def test_a_member_sees_their_price_and_whose_it_is(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        create_discount(studio)
        member = open_browser(studio.member())

        assert ticket_texts(member.get(studio.entry_path))[0] == (
            "Drop-in Was £12.00 now £10.80 10% off with Gold, for you only. How many? Up to 6. Number of “Drop-in”"
        )
        assert "<s>£12.00</s>" in member.get(studio.entry_path).content.decode()
        assert ticket_texts(client.get(studio.entry_path))[0] == "Drop-in £12.00 How many? Up to 6. Number of “Drop-in”"

    def test_what_is_left_of_a_limited_one_counts_for_each_ticket_alone(self, studio: RiverStudio) -> None:
        """One use left is shown at both tickets: it is whichever they choose."""
        set_price(studio.drop_in, 1200)
        TicketFactory.create(entry=studio.entry, name="Long", cost=TicketCost.COST, price=2000, position=3)
        create_discount(studio, percent=None, amount_off=250, limit=1, additional_attendees=2)

        response = open_browser(studio.member()).get(studio.entry_path)

        left = "£2.50 off with Gold, for you and up to 2 guests. 1 of 1 left until 2 February; resets on 3 February."
        assert [left in told for told in ticket_texts(response)] == [True, False, True]
        assert ticket_texts(response)[2].startswith("Long Was £20.00 now £17.50 £2.50 off")

    def test_everything_off_is_free(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        create_discount(studio, percent=100)

        told = ticket_texts(open_browser(studio.member()).get(studio.entry_path))[0]

        assert told.startswith("Drop-in Was £12.00 now Free 100% off with Gold, for you only.")

    def test_no_price_of_theirs_where_they_cannot_have_the_ticket(self, studio: RiverStudio) -> None:
        set_price(studio.gold, 500)
        create_discount(studio)

        told = ticket_texts(open_browser(studio.member()).get(studio.entry_path))[1]

        assert told.startswith(f"Gold place Members only £5.00 {NOT_INCLUDED}")

    @pytest.mark.parametrize("count", [1, 3])
    def test_members_pay_the_same_statements_however_many_discounts(
        self, studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        member = studio.member()
        set_price(studio.drop_in, 1200)
        create_discount(studio, limit=5)
        for number in range(count - 1):
            group = GroupFactory.create(account=studio.account)
            add_member(group, member)
            ticket = TicketFactory.create(entry=studio.entry, cost=TicketCost.COST, price=1000 * (number + 1))
            OfferFactory.create(group=group, ticket=ticket, kind=OfferKind.DISCOUNT, percent=50, limit=5)
        client = open_browser(member)

        with django_assert_num_queries(7):
            response = client.get(studio.entry_path)

        assert page_text(response).count("Was") == count


class TestWhatSearchEnginesAreTold:
    def test_is_the_public_price_of_what_is_for_everybody(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1250)
        set_price(studio.gold, 500)
        TicketFactory.create(entry=studio.entry, name="Trial", position=3)
        TicketFactory.create(entry=studio.entry, name="Teacher", cost=TicketCost.NONE, position=4)
        TicketFactory.create(entry=studio.entry, name="Hidden", shown=False, cost=TicketCost.COST, price=1)
        create_discount(studio)

        for browser in (client, open_browser(studio.member())):
            for path in ("/river/", studio.entry_path):
                assert structured_offers(browser.get(path)) == [
                    {"name": "Drop-in", "price": "12.50", "priceCurrency": "GBP"},
                    {"name": "Trial", "price": "0", "priceCurrency": "GBP"},
                    {"name": "Teacher"},
                ]

    def test_and_the_feed_says_nothing_of_money(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1250)
        set_price(studio.gold, 500)
        create_discount(studio)

        for browser in (client, open_browser(studio.member())):
            feed = browser.get("/river/calendar.ics").content.decode()
            assert [money in feed for money in ("12.50", "11.25", "5.00", "£", "10% off")] == [False] * 5

    def test_a_members_price_is_on_no_page_that_others_see(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1250)
        create_discount(studio)
        member = open_browser(studio.member())
        assert "£11.25" in member.get(studio.entry_path).content.decode()

        for path in ("/river/", studio.entry_path, studio.review_path(drop_in=1)):
            page = client.get(path).content.decode()
            assert ("11.25" in page, "10% off" in page) == (False, False)
        assert "11.25" not in member.get("/river/").content.decode()


class TestOnTheReviewStep:
    def test_each_line_is_explained_and_counted(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        create_discount(studio, limit=3, additional_attendees=1)
        client = open_browser(studio.member())

        response = client.get(studio.review_path(drop_in=3))

        who = "Who is it for? Me (\u2068Ada Lovelace\u2069) Someone else Their name Their email address (optional)"
        assert page_text(response).partition("Drop-in 1 of 3 ")[2] == (
            "10% off with Gold, for you and 1 guest. 2 tickets left after this, until 2 February 2030. "
            f"Was £12.00 now £10.80 {who} "
            "Drop-in 2 of 3 10% off with Gold. 1 ticket left after this, until 2 February 2030. "
            f"Was £12.00 now £10.80 {who} "
            f"Drop-in 3 of 3 £12.00 {who} "
            "Total, 3 tickets (you save £2.40) £33.60 "
            "Cancel by Wednesday 16 January 2030, 12:00 (Europe/London) and you get your tickets back. After that you "
            "can still cancel, but you lose the tickets. If you cancel by then, everything you paid will be refunded. "
            "After that, nothing will be. "
            f"Add to basket Change tickets {HELD_UNTIL_PAID}"
        )
        offer = Offer.objects.get().pk
        assert form_fields(response)["terms_version"] == f":1080:{offer},:1080:{offer},:1200:"

    def test_a_personal_discount_is_for_who_comes_themselves(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        create_discount(studio)
        client, path = open_browser(studio.member()), studio.review_path(drop_in=1)
        form = form_fields(client.get(path))

        response = client.post(
            path, {**form, f"t{studio.drop_in.pk}-1-who": "guest", f"t{studio.drop_in.pk}-1-name": "Jo", "add": "1"}
        )

        assert response.status_code == 409
        assert page_text(response).partition("attention ")[2].partition(" Check your booking ")[0] == (
            f"{CHECK_DETAILS} This now costs £12.00. It was £10.80."
        )
        assert form_fields(response)["terms_version"] == ":1200:"
        assert "Total, 1 ticket £12.00" in page_text(response)

    def test_what_says_nothing_of_money_says_nothing_here(self, client: Client, studio: RiverStudio) -> None:
        Ticket.objects.update(cost=TicketCost.NONE)

        said = page_text(client.get(studio.review_path(drop_in=1)))

        assert said.endswith("Confirm booking Add to basket and choose more Change tickets 1 ticket")
        assert "Free" not in said

    def test_strangers_and_the_unproved_pay_the_price(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        create_discount(studio)
        member = studio.member()
        Customer.objects.filter(pk=member.pk).update(user=None)

        for browser in (client, open_browser(member)):
            if browser is not client:
                member.user.emailaddress_set.update(verified=False)  # type: ignore[union-attr]
            assert "Total, 1 ticket £12.00" in page_text(browser.get(studio.review_path(drop_in=1)))


def test_a_discount_that_is_over_before_the_event_is_not_promised(studio: RiverStudio) -> None:
    set_price(studio.drop_in, 1200)
    create_discount(studio)
    member = studio.member()
    member.group_members.get().standings.update(until=NOW + timedelta(days=1))

    assert ticket_texts(open_browser(member).get(studio.entry_path))[0].startswith("Drop-in £12.00 How many?")
