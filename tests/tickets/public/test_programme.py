"""What a page lists is kept only as long as it is so."""

from datetime import timedelta

from django.test import Client
from time_machine import travel

from accounts.models import SchedulePage
from tests.browsing import open_browser
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.worlds.river import RiverStudio
from tickets.models import EntryPlaces, Ticket

SOLD_OUT = ">Full<"


def shown(client: Client) -> str:
    return client.get("/river/").content.decode()


def test_the_last_place_goes_at_once(client: Client, studio: RiverStudio) -> None:
    assert SOLD_OUT not in shown(client)

    EntryPlaces.objects.filter(entry=studio.entry).update(taken=studio.entry.places.capacity)

    assert SOLD_OUT in shown(client)


def test_a_ticket_leaves_and_the_page_changes_its_name(client: Client, studio: RiverStudio) -> None:
    assert shown(client).count('"@type": "Offer"') == 1

    Ticket.objects.filter(pk=studio.drop_in.pk).update(retired_at=NOW)
    type(studio.account).objects.filter(pk=studio.account.pk).update(name="Lake Studio")
    SchedulePage.objects.filter(pk=studio.page.pk).update(slug="lake", title="Lake Studio")

    after = client.get("/lake/").content.decode()
    assert (after.count('"@type": "Offer"'), after.count("River Studio")) == (0, 0)
    assert f"/lake/entries/{studio.entry.uuid}/" in after


def test_sale_ends_by_the_passing_of_time_alone(client: Client, studio: RiverStudio) -> None:
    entry = EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(hours=3))
    TicketFactory.create(entry=entry, closes_minutes_before=60)
    closes = NOW + timedelta(hours=2)

    with travel(closes - timedelta(seconds=1), tick=False):
        assert "Booking closed" not in shown(client)
    with travel(closes, tick=False):
        assert "Booking closed" in shown(client)
    with travel(closes - timedelta(seconds=1), tick=False):
        assert "Booking closed" not in shown(client)


def test_a_member_does_not_leave_what_they_see_to_strangers(client: Client, studio: RiverStudio) -> None:
    Ticket.objects.filter(pk=studio.gold.pk).update(shown=False)
    Ticket.objects.filter(pk=studio.drop_in.pk).update(retired_at=NOW)
    member = open_browser(studio.member())

    assert "Members only" in shown(member)
    assert "Members only" not in shown(client)
    assert "Members only" in shown(member)
