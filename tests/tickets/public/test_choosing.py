"""What is chosen to begin with on an entry's page, what it costs, and how it could be cancelled, before booking."""

from datetime import timedelta

import pytest
from django.test import Client
from time_machine import travel

from accounts.models import Account
from offers.models import OfferKind
from tests.browsing import form_fields, open_browser, page_text, ticket_texts
from tests.factories.schedule import NOW, OfferFactory, TicketFactory
from tests.tickets.public.adding import set_price
from tests.worlds.river import RiverStudio
from tickets.models import Ticket, TicketCost, TicketPlaces

pytestmark = pytest.mark.django_db

CUT_OFF = "Wednesday 16 January 2030, 12:00 (Europe/London)"


class TestWhatIsChosen:
    def test_what_is_theirs_as_a_member_comes_first_and_is_chosen(self, personal: RiverStudio) -> None:
        member = open_browser(personal.member())

        response = member.get(personal.entry_path)

        assert [text.split(" ")[0] for text in ticket_texts(response)] == ["Gold", "Drop-in"]
        chosen = form_fields(response)
        assert chosen == {f"t{personal.gold.pk}": "1", f"t{personal.drop_in.pk}": "0"}
        assert "Confirm booking" in page_text(member.get(personal.review_path(), chosen))

    def test_a_guest_with_one_ticket_has_it_chosen(self, client: Client, studio: RiverStudio) -> None:
        assert form_fields(client.get(studio.entry_path)) == {f"t{studio.drop_in.pk}": "1"}

    def test_a_guest_with_two_chooses(self, client: Client, studio: RiverStudio) -> None:
        other = TicketFactory.create(entry=studio.entry, name="Concession")

        assert form_fields(client.get(studio.entry_path)) == {f"t{studio.drop_in.pk}": "0", f"t{other.pk}": "0"}

    def test_a_member_with_two_of_their_own_chooses(self, personal: RiverStudio) -> None:
        TicketFactory.create(entry=personal.entry, group=personal.group, name="Gold guest", position=3)

        response = open_browser(personal.member()).get(personal.entry_path)

        assert set(form_fields(response).values()) == {"0"}
        assert [text.partition(" Included")[0] for text in ticket_texts(response)][:2] == ["Gold place", "Gold guest"]

    def test_what_they_chose_before_is_kept(self, personal: RiverStudio) -> None:
        kept = open_browser(personal.member()).get(f"{personal.entry_path}?t{personal.drop_in.pk}=2")

        assert form_fields(kept) == {f"t{personal.drop_in.pk}": "2"}


class TestTheTotal:
    def test_it_is_on_the_button(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1250)

        assert "Continue · £12.50 You’ll review" in page_text(client.get(studio.entry_path))
        three = client.get(f"{studio.entry_path}?t{studio.drop_in.pk}=3")
        assert "Continue · £37.50 You’ll review" in page_text(three)
        assert 'data-currency="GBP" data-minor-units="100"' in three.content.decode()
        assert 'max="6" data-amount="1250"' in three.content.decode()

    def test_it_is_not_told_of_a_discount_that_may_not_be_for_all(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1000)
        OfferFactory.create(group=studio.group, page=studio.page, kind=OfferKind.DISCOUNT, percent=20)
        member = open_browser(studio.member())

        one, two = (member.get(f"{studio.entry_path}?t{studio.drop_in.pk}={count}") for count in (1, 2))

        assert "Continue · £8.00 You’ll review" in page_text(one)
        assert 'data-amount="800" data-discounted' in one.content.decode()
        assert "Continue You’ll review" in page_text(two)

    def test_what_is_included_says_nothing_of_it(self, personal: RiverStudio) -> None:
        assert "Continue You’ll review" in page_text(open_browser(personal.member()).get(personal.entry_path))


class TestHowItCouldBeCancelled:
    """Before it is booked, and before it is paid."""

    def says(self, client: Client, studio: RiverStudio) -> str:
        """The sentences before the button of the entry's page."""
        return page_text(client.get(studio.entry_path)).partition(" Continue")[0]

    @pytest.mark.parametrize(
        ("policy", "sentence"),
        [
            (
                {"refund_percent": 100, "late_refund_percent": 0},
                f"If you cancel by {CUT_OFF}, everything you paid will be refunded. After that, nothing will be.",
            ),
            (
                {"refund_percent": 50, "late_refund_percent": 50},
                "If you cancel before it starts, 50% of what you paid will be refunded.",
            ),
            ({"customers_cancel": False, "contact_email": "hello@river.example"}, "contact River Studio (hello@river"),
        ],
    )
    def test_of_what_is_paid(
        self, client: Client, studio: RiverStudio, policy: dict[str, object], sentence: str
    ) -> None:
        set_price(studio.drop_in, 1000)
        Account.objects.update(**policy)

        assert sentence in self.says(client, studio)
        review = page_text(client.get(studio.review_path(drop_in=1)))
        assert review.index(sentence) < review.index("Add to basket")

    def test_after_the_cut_off(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1000)

        with travel(NOW + timedelta(days=1, hours=1), tick=False):
            said = f"The cut-off was {CUT_OFF}. If you cancel, nothing will be refunded."
            assert said in self.says(client, studio)

    def test_of_what_is_chosen_it_says_one_thing_beside_a_priced_ticket(self, personal: RiverStudio) -> None:
        set_price(personal.drop_in, 1250)
        member = open_browser(personal.member())

        theirs = page_text(member.get(personal.entry_path))
        priced = page_text(member.get(f"{personal.entry_path}?t{personal.drop_in.pk}=1"))

        assert ("you get your ticket back" in theirs, "refund" in theirs) == (True, False)
        assert ("you get your ticket back" in priced, "refund" in priced) == (False, True)

    def test_of_a_members_ticket(self, personal: RiverStudio) -> None:
        member = open_browser(personal.member())
        said = f"Cancel by {CUT_OFF} and you get your ticket back. After that you can still cancel, but you lose the"

        assert f"{said} ticket." in self.says(member, personal)
        assert f"{said} ticket. Confirm booking" in page_text(member.get(personal.review_path(gold=1)))

    def test_where_there_is_no_limit_nothing_is_said_of_tickets(self, studio: RiverStudio) -> None:
        OfferFactory.create(group=studio.group, page=studio.page)
        member = open_browser(studio.member())

        assert self.says(member, studio).endswith("You can cancel online until it starts.")
        assert "You can cancel online until it starts. Confirm booking" in page_text(
            member.get(studio.review_path(gold=1))
        )


def test_a_ticket_without_spaces_asks_nobody_to_log_in_or_join_but_to_wait(
    client: Client, personal: RiverStudio
) -> None:
    Ticket.objects.filter(pk=personal.gold.pk).update(capacity=2)
    full = {"entry": personal.entry, "ticket": personal.gold, "capacity": 2, "taken": 2}
    TicketPlaces.objects.create(account_id=personal.account.pk, **full)

    response = client.get(personal.entry_path)

    assert ticket_texts(response)[1] == "Gold place Sold out Log in to join the waiting list"
    assert form_fields(response) == {f"t{personal.drop_in.pk}": "1"}


def test_a_price_that_a_ticket_has_no_more_is_not_in_the_total(client: Client, studio: RiverStudio) -> None:
    Ticket.objects.filter(pk=studio.drop_in.pk).update(cost=TicketCost.NONE, price=0)

    assert "data-amount" not in client.get(studio.entry_path).content.decode()
