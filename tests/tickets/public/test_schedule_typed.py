"""Names to filter by that are typed, where there are more than are listed."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.browsing import page_text
from tests.factories.schedule import NOW, EntryFactory
from tests.tickets.public.test_kept_pages import clear
from tests.tickets.public.timetables import titles
from tests.worlds.river import RiverStudio
from tickets.models import Entry, EntryLeader, EntryPlaces, Leader, Location
from tickets.offered import LOOKED_AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


class TestMoreThanAHundredOfThem:
    @pytest.fixture(autouse=True)
    def many(self, week: RiverStudio) -> None:
        """Leaders, locations and titles enough that not all are offered, and names that sort last."""
        starts_at, account = NOW + timedelta(days=1), week.account
        entry = EntryFactory.create(page=week.page, title="A000", starts_at=starts_at)
        leaders = Leader.objects.bulk_create(Leader(account=account, name=f"A{number:03}") for number in range(101))
        EntryLeader.objects.bulk_create(
            EntryLeader(account=account, entry=entry, leader=each, page=week.page, starts_at=starts_at)
            for each in leaders
        )
        places = Location.objects.bulk_create(Location(account=account, name=f"A{number:03}") for number in range(101))
        Entry.objects.bulk_create(
            Entry(
                account=account,
                page=week.page,
                series=entry.series,
                title=f"A{number:03}",
                starts_at=starts_at,
                ends_at=entry.ends_at,
                venue=venue,
                location=venue.name,
            )
            for number, venue in enumerate(places)
        )
        EntryPlaces.objects.bulk_create(
            EntryPlaces(entry=each, account_id=account.pk, capacity=5)
            for each in Entry.objects.filter(places__isnull=True)
        )

    def test_a_name_may_be_typed(self, client: Client) -> None:
        page = client.get("/river/?filter=1").content.decode()

        assert ("Pilates</option>" in page, "Ben</option>" in page, "Loft</option>" in page) == (False, False, False)
        assert [f'name="{each}"' in page for each in ("titled", "named", "called")] == [True] * 3

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("named=BEN", ["Hatha"]),
            ("named=be", ["Hatha"]),
            ("named=Ben&teacher=1", ["Hatha"]),
            ("named=A0", []),
            ("named=Nobody", []),
            ("called=lof", ["Hatha", "Pilates"]),
            ("called=Nowhere", []),
            ("titled=pilat", ["Pilates", "Pilates"]),
            ("titled=pilat&called=Loft", ["Pilates"]),
            ("titled=pilat&named=Anna&called=Hall", ["Pilates"]),
        ],
    )
    def test_what_is_typed_finds_its_events(self, client: Client, query: str, found: list[str]) -> None:
        answer = client.get(f"/river/?{query}")

        assert titles(answer) == found
        assert ("No events match this filter. Clear filter" in page_text(answer)) is (found == [])

    @pytest.mark.parametrize(
        ("typed", "chosen"),
        [("lukasz", ["Łukasz"]), ("ŁUKASZ O'TOOLE", ["Łukasz O’Toole"]), ("ukasz o", ["Łukasz O’Toole"]), ("kasz", [])],
    )
    def test_accents_of_a_leader_count_for_nothing(
        self, client: Client, week: RiverStudio, typed: str, chosen: list[str]
    ) -> None:
        entry = Entry.objects.get(title="A000", venue=None)
        for name in ("Łukasz", "Łukasz O’Toole"):
            leader = Leader.objects.create(account=week.account, name=name)
            EntryLeader.objects.create(
                account=week.account, entry=entry, leader=leader, page=week.page, starts_at=entry.starts_at
            )

        page = client.get("/river/", {"named": typed}).content.decode()

        assert re.findall("selected>(Ł[^<]*)<", page) == chosen

    def test_what_was_found_is_chosen_and_what_was_not_stays_typed(self, client: Client) -> None:
        ben = Leader.objects.get(name="Ben").pk

        found = client.get("/river/?named=be").content.decode()
        assert (f'<option value="{ben}" selected>Ben' in found, f"teacher={ben}" in found) == (True, True)
        missed = client.get("/river/?named=Nobody").content.decode()
        assert 'name="named" id="named" value="Nobody"' in missed

    def test_a_leader_of_no_coming_event_is_not_told(self, client: Client, week: RiverStudio) -> None:
        Leader.objects.create(account=week.account, name="Zelda Who Left")

        assert "Who Left" not in client.get("/river/?named=zelda").content.decode()


class TestMoreThanAreGoneThrough:
    @pytest.fixture(autouse=True)
    def many(self, week: RiverStudio) -> None:
        """Leaders of nothing, whose names come before all others."""
        Leader.objects.bulk_create(Leader(account=week.account, name=f"A{number:03}") for number in range(LOOKED_AT))

    def test_a_name_further_on_may_be_typed(self, client: Client) -> None:
        page = client.get("/river/?filter=1").content.decode()

        assert ("Ben</option>" in page, "Loft</option>" in page, 'name="named"' in page) == (False, True, True)
        assert titles(client.get("/river/?named=ben")) == ["Hatha"]

    def test_who_is_chosen_is_offered(self, client: Client) -> None:
        ben = Leader.objects.get(name="Ben").pk

        page = client.get(f"/river/?teacher={ben}").content.decode()

        assert (f'<option value="{ben}" selected>Ben' in page, page.count(">Ben</option>")) == (True, 1)

    def test_who_is_among_the_first_names_is_offered(self, client: Client) -> None:
        Leader.objects.filter(name="Ben").update(name="A", folded="a")

        page = client.get("/river/?filter=1").content.decode()

        assert (">A</option>" in page, ">A000</option>" in page) == (True, False)
