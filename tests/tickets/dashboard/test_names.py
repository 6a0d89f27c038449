"""The pages of leaders, locations and tags, and what an entry's pages say and change of them."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from time_machine import travel

from accounts.models import Account, AuditEntry, Letter, Staff
from tests.browsing import open_browser, page_text
from tests.factories.accounts import SchedulePageFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, load_entry
from tests.tickets.pictures.drawn import drawn
from tests.tickets.schedule.test_entries import book_manually
from tests.tickets.schedule.test_people_and_places import WEEKLY, led
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry, Leader, Location, Picture, Tag
from tickets.pictures.keeping import file_name
from tickets.schedule.entries import create_entries
from tickets.schedule.labels import labels_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def staff() -> Staff:
    return StaffFactory.create(account__slug="river")


@pytest.fixture
def account(staff: Staff) -> Account:
    return staff.account


@pytest.fixture
def browser(staff: Staff) -> Client:
    return open_browser(staff.user)


@pytest.fixture
def weekly(account: Account) -> list[Entry]:
    return create_entries(SchedulePageFactory.create(account=account), WEEKLY, until=date(2030, 3, 26))


def home(path: str) -> str:
    return f"/dashboard/river/schedule/{path}"


class TestTheLists:
    def test_of_leaders_are_called_as_the_account_says(self, browser: Client, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(leader_word="teacher")

        text = page_text(browser.get(home("leaders/")))

        assert "Add your first teacher" in text
        assert "leader" not in text.replace("Leaders & locations", "").lower()

    def test_add_rename_archive_restore_and_delete(self, browser: Client, account: Account) -> None:
        browser.post(home("leaders/new/"), {"name": " Anna "})
        anna = Leader.objects.get()
        assert (anna.name, anna.account) == ("Anna", account)

        again = browser.post(home("leaders/new/"), {"name": "ANNA"})
        assert (again.status_code, "You already have one called this" in page_text(again)) == (422, True)
        browser.post(home(f"leaders/{anna.pk}/"), {"name": "Anna B"})
        browser.post(home(f"leaders/{anna.pk}/archive/"))
        assert "Anna B" not in page_text(browser.get(home("leaders/")))
        assert "Anna B" in page_text(browser.get(home("leaders/archived/")))
        browser.post(home(f"leaders/{anna.pk}/restore/"))
        key = browser.get(home(f"leaders/{anna.pk}/delete/")).context["key"]
        for _ in range(2):
            assert browser.post(home(f"leaders/{anna.pk}/delete/"), {"key": key}).status_code == 302

        assert [each.action for each in AuditEntry.objects.order_by("pk")] == [
            *("leader.created", "leader.changed", "leader.archived", "leader.restored", "leader.deleted")
        ]

    def test_refuse_a_comma(self, browser: Client) -> None:
        for folder in ("leaders", "tags"):
            answer = browser.post(home(f"{folder}/new/"), {"name": "Anna, Ben"})
            assert "Enter one name, without a comma" in page_text(answer)

    @pytest.mark.usefixtures("weekly")
    def test_do_not_delete_what_entries_have(self, browser: Client) -> None:
        for folder, model in (("leaders", Leader), ("locations", Location), ("tags", Tag)):
            row = model.objects.first()
            assert row
            assert "You can’t delete" in page_text(browser.get(home(f"{folder}/{row.pk}/delete/")))
            assert browser.post(home(f"{folder}/{row.pk}/delete/")).status_code == 409
            assert model.objects.filter(pk=row.pk).exists()

    def test_say_who_of_the_team_a_leader_is(self, browser: Client, account: Account) -> None:
        colleague, stranger = StaffFactory.create(account=account), StaffFactory.create()

        refused = browser.post(home("leaders/new/"), {"name": "Anna", "staff": stranger.pk})
        assert (refused.status_code, Leader.objects.count()) == (422, 0)
        browser.post(home("leaders/new/"), {"name": "Anna", "staff": colleague.pk})
        taken = browser.post(home("leaders/new/"), {"name": "Ben", "staff": colleague.pk})

        assert Leader.objects.get().staff == colleague
        assert "Another leader is already this team member" in page_text(taken)

    def test_of_locations_keep_an_address_or_a_link(self, browser: Client) -> None:
        sent = {"address": "1 High Street", "map_link": "maps.example.org/x", "link": "https://example.org/meet"}
        browser.post(home("locations/new/"), {"name": "Room", **sent})
        browser.post(home("locations/new/"), {"name": "Zoom", "online": "on", **sent})

        rows = Location.objects.values_list("name", "address", "map_link", "online", "link")
        assert set(rows) == {
            ("Room", "1 High Street", "https://maps.example.org/x", False, ""),
            ("Zoom", "", "", True, "https://example.org/meet"),
        }

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org/", "data:text/html,x"])
    def test_of_locations_refuse_what_is_no_web_address(self, browser: Client, link: str) -> None:
        for sent in ({"map_link": link}, {"online": "on", "link": link}):
            assert browser.post(home("locations/new/"), {"name": "Room", **sent}).status_code == 422
        assert Location.objects.count() == 0


class TestAnEntrysForm:
    def sent(self, **given: str) -> dict[str, str]:
        fixed = {"title": "Yoga", "date": "2030-03-12", "start": "18:30", "end": "19:30", "scope": "this"}
        return {**fixed, "location": "River Room", "leaders": "Ben, Clara", "tags": "Yoga", **given}

    def test_suggests_what_there_is_and_adds_what_is_not(self, browser: Client, weekly: list[Entry]) -> None:
        path = home(f"{weekly[1].pk}/edit/")
        html = browser.get(path).content.decode()
        assert '<option value="Ben"></option>' in html
        assert 'value="Ben, Clara"' in html

        answer = browser.post(path, self.sent(leaders="Dora,ben", location="Lake Room", tags="Slow, , slow,Calm"))

        assert answer.status_code == 302
        entry = load_entry(weekly[1])
        assert (entry.location, entry.venue and entry.venue.name) == ("Lake Room", "Lake Room")
        assert (labels_of(entry).leaders, labels_of(entry).tags) == (("Dora", "Ben"), ("Calm", "Slow"))
        assert led(weekly)[0:2] == ["Ben Clara", "Dora Ben/Clara"]

    def test_says_what_is_too_much(self, browser: Client, weekly: list[Entry]) -> None:
        path = home(f"{weekly[1].pk}/edit/")
        many = ",".join(f"Leader {number}" for number in range(11))
        assert "Enter at most 10 names" in page_text(browser.post(path, self.sent(leaders=many)))
        assert "Use at most 100 characters for each name" in page_text(browser.post(path, self.sent(tags="x" * 101)))
        assert labels_of(weekly[1]) == labels_of(weekly[0])


class TestWhoLeads:
    def test_is_changed_for_a_date_and_told(self, browser: Client, weekly: list[Entry]) -> None:
        book_manually(weekly[1], email="ada@example.org")
        Letter.objects.all().delete()

        answer = browser.post(home(f"{weekly[1].pk}/leaders/"), {"leaders": "Dora", "scope": "this", "tell": "on"})

        assert answer.status_code == 302
        assert led(weekly) == ["Ben Clara", "Dora/Ben Clara", "Ben Clara", "Ben Clara"]
        letter = Letter.objects.get()
        assert (letter.kind, letter.recipient) == ("leader_changed", "ada@example.org")
        assert "Yoga, Tuesday 12 March 2030, 18:30: with Dora for Ben and Clara" in letter.text
        assert "Dora for Ben and Clara" in page_text(browser.get(home(f"{weekly[1].pk}/")))

    def test_is_changed_from_a_date_on_in_one_letter_each(self, browser: Client, weekly: list[Entry]) -> None:
        for entry in weekly[2:]:
            customer = book_manually(entry).customer
            wanted = [WantedTicket(ticket=entry.series.tickets.get().pk, name="Ada")]
            book_by_studio(load_entry(weekly[0]), customer, wanted, key=uuid4(), now=NOW)
        Letter.objects.all().delete()

        browser.post(home(f"{weekly[0].pk}/leaders/"), {"leaders": "Dora", "scope": "later", "tell": "on"})

        assert led(weekly) == ["Dora"] * 4
        assert sorted(letter.text.count("with Dora") for letter in Letter.objects.all()) == [2, 2]

    def test_tells_nobody_where_the_studio_does_not_want_it(self, browser: Client, weekly: list[Entry]) -> None:
        book_manually(weekly[1])
        Letter.objects.all().delete()

        browser.post(home(f"{weekly[1].pk}/leaders/"), {"leaders": "Dora", "scope": "this"})
        browser.post(home(f"{weekly[1].pk}/leaders/"), {"leaders": "Dora", "scope": "this", "tell": "on"})

        assert Letter.objects.count() == 0
        [line] = AuditEntry.objects.filter(action="entry.changed")
        assert line.changes == [["Leaders", "Ben, Clara", "Dora"]]

    def test_of_another_account_nobody_changes(self, browser: Client) -> None:
        theirs = EntryFactory.create()
        assert browser.post(home(f"{theirs.pk}/leaders/"), {"leaders": "Dora"}).status_code == 404
        assert browser.post(home(f"{theirs.pk}/picture/"), {"remove": "1"}).status_code == 404


class TestAPicture:
    def send(self, browser: Client, entry: Entry, content: bytes, **given: str) -> Any:
        file = SimpleUploadedFile("../../x.svg", content, "image/svg+xml")
        return browser.post(home(f"{entry.pk}/picture/"), {"picture": file, "alt": "A mat", "scope": "this", **given})

    def test_is_kept_and_shown(self, browser: Client, weekly: list[Entry]) -> None:
        assert self.send(browser, weekly[0], drawn()).status_code == 302

        picture = Picture.objects.get()
        assert [load_entry(entry).picture for entry in weekly] == [picture, None, None, None]
        assert default_storage.exists(file_name(picture.uuid, 400))
        page = Client().get(f"/{weekly[0].page.slug}/entries/{weekly[0].uuid}/").content.decode()
        assert f'src="/media/pictures/{picture.uuid}/1280.webp"' in page
        assert 'alt="A mat"' in page

    def test_is_for_a_series_and_goes(self, browser: Client, weekly: list[Entry]) -> None:
        self.send(browser, weekly[2], drawn())
        self.send(browser, weekly[0], drawn(), scope="all")
        first, second = Picture.objects.order_by("pk")
        assert [load_entry(entry).picture for entry in weekly] == [second, second, first, second]

        browser.post(home(f"{weekly[1].pk}/picture/"), {"remove": "1", "scope": "all"})

        assert [load_entry(entry).picture for entry in weekly] == [None, None, first, None]

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", drawn("GIF"), drawn()[:300]])
    def test_is_refused_where_it_is_none(self, browser: Client, weekly: list[Entry], content: bytes) -> None:
        answer = self.send(browser, weekly[0], content)

        assert (answer.status_code, Picture.objects.count()) == (422, 0)
        assert "picture" in page_text(answer)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (
                b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60,
                "We can’t show HEIC or AVIF pictures. Save it as a JPEG first.",
            ),
            (
                b"\x00\x00\x00\x1cftypavif" + b"\x00" * 60,
                "We can’t show HEIC or AVIF pictures. Save it as a JPEG first.",
            ),
            (b"<?xml version='1.0'?><svg/>", "We can’t show SVG drawings. Save it as a PNG first."),
            (b"  <svg/>", "We can’t show SVG drawings. Save it as a PNG first."),
            (b"%PDF-1.7", "Choose a JPEG, PNG or WebP file that opens as a picture"),
        ],
    )
    def test_says_what_to_do_instead(self, browser: Client, weekly: list[Entry], content: bytes, words: str) -> None:
        assert words in page_text(self.send(browser, weekly[0], content))

    def test_that_the_storage_refuses_changes_nothing(
        self, browser: Client, weekly: list[Entry], settings: Any, tmp_path: Any
    ) -> None:
        self.send(browser, weekly[0], drawn(), scope="all")
        before = load_entry(weekly[0]).picture
        blocked = tmp_path / "a-file-where-the-folder-should-be"
        blocked.write_text("")
        settings.MEDIA_ROOT = str(blocked)

        answer = self.send(browser, weekly[0], drawn())

        assert (answer.status_code, load_entry(weekly[0]).picture) == (422, before)
        assert "We couldn’t store the picture, so nothing has changed." in page_text(answer)

    def test_says_what_it_shows(self, browser: Client, weekly: list[Entry]) -> None:
        answer = self.send(browser, weekly[0], drawn(), alt="")
        assert (answer.status_code, Picture.objects.count()) == (422, 0)
