"""A studio's logo and colour: chosen with a preview, shown on its pages, where people log in, and in its emails."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from PIL import Image

from accounts import branding
from accounts.branding import KEPT, earlier_logos, file_name, keep_logo, save_branding, sweep_logos
from accounts.email_delivery import letter_html
from accounts.models import Account, AuditEntry, Logo, SchedulePage, User
from bookwhen.jobs.run import Run
from tests.accounts.letters import NOW, create_letter
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory
from tests.tickets.pictures.drawn import drawn
from tickets.pictures.reading import LOGO, read_logo

pytestmark = pytest.mark.django_db

BRANDING = "/dashboard/river/settings/branding/"
OWN = {"accent": "own", "own": "3366CC"}


def picture(content: bytes = b"", name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or drawn())


def send(alice: User, **typed: Any) -> Any:
    return open_browser(alice).post(BRANDING, {"accent": "teal"} | typed)


def kept(account: Account) -> UUID:
    return keep_logo(account, read_logo(BytesIO(drawn()), size=1), now=NOW)


class TestThePage:
    def test_a_logo_and_a_colour_are_saved_and_the_history_says_so(self, studio: Account, alice: User) -> None:
        answer = send(alice, logo=picture(), on_pages="on", **OWN)
        assert (answer.status_code, answer["Location"]) == (302, BRANDING)
        studio.refresh_from_db()
        assert studio.accent == "#3366cc"
        assert studio.logo is not None
        assert default_storage.exists(file_name(studio.logo))
        assert set(studio.pages.values_list("accent", flat=True)) == {"#3366cc"}
        [line] = AuditEntry.objects.all()
        assert line.action == "branding.changed"
        assert line.changes[0] == ["Colour", "Teal", "#3366cc"]
        assert line.changes[2] == ["Colour of “River Studio”", "Teal", "#3366cc"]

    @pytest.mark.parametrize(
        ("before", "typed", "after"),
        [
            ("teal", {"accent": "teal", "own": "#3366cc"}, "#3366cc"),
            ("teal", {"accent": "pink", "own": "#3366cc"}, "pink"),
            ("#112233", {"accent": "teal", "own": "#112233"}, "teal"),
            ("#112233", {"accent": "own", "own": "#3366cc"}, "#3366cc"),
        ],
    )
    def test_a_typed_colour_is_chosen_unless_another_is_pressed(
        self, studio: Account, alice: User, before: str, typed: dict[str, str], after: str
    ) -> None:
        Account.objects.update(accent=before)
        assert send(alice, **typed).status_code == 302
        studio.refresh_from_db()
        assert studio.accent == after

    def test_pages_keep_their_own_unless_that_is_ticked(self, studio: Account, alice: User) -> None:
        send(alice, accent="pink")
        studio.refresh_from_db()
        assert (studio.accent, studio.pages.get().accent) == ("pink", "teal")

    def test_a_preview_shows_it_and_saves_nothing(self, studio: Account, alice: User) -> None:
        answer = send(alice, logo=picture(), preview="1", **OWN)
        said = answer.content.decode()
        assert ('data-accent="#3366cc"' in said, "/media/colours/3366cc.css" in said) == (True, True)
        [logo] = Logo.objects.all()
        assert said.count(f"/media/logos/{logo.uuid}.png") >= 2
        assert f'name="kept" value="{logo.uuid}"' in said
        assert "Not saved yet." in page_text(answer)
        assert "Words on buttons are white" in page_text(answer)
        assert "Earlier logos" not in page_text(answer)
        studio.refresh_from_db()
        assert (studio.accent, studio.logo, AuditEntry.objects.count()) == ("teal", None, 0)

        send(alice, kept=str(logo.uuid), **OWN)
        studio.refresh_from_db()
        assert studio.logo == logo.uuid

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"accent": "own", "own": "blue"}, "Enter a colour like #3366cc"),
            ({"accent": "own", "own": ""}, "Enter a colour like #3366cc"),
            ({"own": "blue"}, "Enter a colour like #3366cc"),
            ({"accent": "beige"}, "Choose one from the list"),
        ],
    )
    def test_what_is_no_colour_is_refused_and_stays_in_the_field(
        self, studio: Account, alice: User, typed: dict[str, str], words: str
    ) -> None:
        answer = send(alice, **typed)
        assert (answer.status_code, words in page_text(answer)) == (422, True)
        assert f'value="{typed.get("own", "")}"' in answer.content.decode()
        studio.refresh_from_db()
        assert studio.accent == "teal"

    def test_a_logo_stays_while_the_colour_is_mended(self, studio: Account, alice: User) -> None:
        answer = send(alice, logo=picture(), accent="own", own="blue")
        [logo] = Logo.objects.all()
        assert (answer.status_code, f'name="kept" value="{logo.uuid}"' in answer.content.decode()) == (422, True)

        answer = send(alice, kept=str(logo.uuid), accent="own", own="blue")
        assert f'name="kept" value="{logo.uuid}"' in answer.content.decode()
        studio.refresh_from_db()
        assert studio.logo is None

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"<svg/>", "We can’t show SVG drawings"),
            (b"hello", "Choose a JPEG, PNG or WebP file"),
            (drawn(size=(1, 10_000)), "Choose a larger picture, of at least 16 pixels on each side"),
        ],
    )
    def test_what_is_no_picture_is_refused(self, studio: Account, alice: User, content: bytes, words: str) -> None:
        answer = send(alice, logo=picture(content))
        assert (answer.status_code, words in page_text(answer)) == (422, True)
        assert studio.logos.count() == 0

    def test_a_logo_is_removed_and_taken_back(self, studio: Account, alice: User) -> None:
        send(alice, logo=picture())
        logo = Logo.objects.get().uuid
        send(alice, remove="1")
        studio.refresh_from_db()
        assert studio.logo is None
        page = open_browser(alice).get(BRANDING).content.decode()
        assert f'name="again" value="{logo}"' in page
        send(alice, again=str(logo))
        studio.refresh_from_db()
        assert studio.logo == logo

    def test_another_studios_logo_is_nobodys_here(self, studio: Account, alice: User) -> None:
        other = kept(AccountFactory.create())
        send(alice, again=str(other))
        send(alice, kept=str(other))
        studio.refresh_from_db()
        assert studio.logo is None

    def test_too_many_are_refused(self, studio: Account, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(branding, "MOST", 1)
        kept(studio)
        answer = send(alice, logo=picture())
        assert (answer.status_code, "Use one of the earlier ones again" in page_text(answer)) == (422, True)


class TestALogo:
    def test_is_small_and_see_through_where_it_was(self) -> None:
        into = BytesIO()
        Image.new("RGBA", (3000, 600), (200, 0, 0, 100)).save(into, "PNG")
        with Image.open(BytesIO(read_logo(BytesIO(into.getvalue()), size=1))) as read:
            assert (read.format, read.size, read.mode) == ("PNG", (640, 128), "RGBA")
            assert read.size <= LOGO

    def test_is_shown_for_good(self, client: Client, studio: Account) -> None:
        logo = kept(studio)
        answer = client.get(f"/media/logos/{logo}.png")
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert client.get(f"/media/logos/{logo}.png", headers={"if-none-match": answer["ETag"]}).status_code == 304
        assert client.get(f"/media/logos/{uuid4()}.png").status_code == 404

    def test_goes_a_year_after_it_came_unless_it_is_shown(self, studio: Account) -> None:
        shown, gone, new = kept(studio), kept(studio), kept(studio)
        save_branding(studio, accent="teal", logo=shown, on_pages=False, now=NOW)
        Logo.objects.filter(uuid__in=[shown, gone]).update(created_at=NOW - KEPT - timedelta(seconds=1))
        run = Run("test", now=NOW)
        sweep_logos(run)
        assert set(Logo.objects.values_list("uuid", flat=True)) == {shown, new}
        assert [default_storage.exists(file_name(each)) for each in (shown, gone, new)] == [True, False, True]

    def test_one_that_was_shown_for_long_stays_for_a_year_after_it_was_replaced(self, studio: Account) -> None:
        old = kept(studio)
        save_branding(studio, accent="teal", logo=old, on_pages=False, now=NOW)
        later = NOW + 3 * KEPT
        save_branding(studio, accent="teal", logo=None, on_pages=False, now=later)

        sweep_logos(Run("test", now=later + KEPT))
        assert (earlier_logos(studio), default_storage.exists(file_name(old))) == ([old], True)
        sweep_logos(Run("test", now=later + KEPT + timedelta(seconds=1)))
        assert (earlier_logos(studio), default_storage.exists(file_name(old))) == ([], False)


class TestAColour:
    def test_is_a_style_sheet(self, client: Client) -> None:
        answer = client.get("/media/colours/3366cc.css")
        assert answer["Content-Type"] == "text/css; charset=utf-8"
        assert '[data-accent="#3366cc"]' in answer.content.decode()

    @pytest.mark.parametrize("odd", ["3366c", "3366CC", "red", "3366cc0", "------"])
    def test_nothing_else_is(self, client: Client, odd: str) -> None:
        assert client.get(f"/media/colours/{odd}.css").status_code == 404

    @pytest.mark.parametrize("colour", ["#3366CC", "beige", "", "#3366c", "url(x)"])
    def test_the_database_takes_no_other(self, studio: Account, colour: str) -> None:
        for rows in (Account.objects.filter(pk=studio.pk), SchedulePage.objects.filter(account=studio)):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(accent=colour)


class TestShown:
    @pytest.fixture
    def page(self) -> SchedulePage:
        account = AccountFactory.create(slug="boats", name="Boat <house>")
        page: SchedulePage = SchedulePageFactory.create(account=account, slug="boats", accent="#3366cc")
        save_branding(account, accent="#ffee00", logo=kept(account), on_pages=False, now=NOW)
        return page

    def test_on_the_schedule_and_an_event_and_where_people_log_in(self, client: Client, page: SchedulePage) -> None:
        entry = EntryFactory.create(page=page)
        logo = f'src="/media/logos/{page.account.logo}.png" alt="Boat &lt;house&gt;"'
        event = f"/boats/entries/{entry.uuid}/"
        for address in ("/boats/", event, f"/accounts/login/?next={event}"):
            said = client.get(address).content.decode()
            assert 'data-accent="#3366cc"' in said, address
            assert "/media/colours/3366cc.css" in said, address
            assert logo in said, address

    def test_a_kept_page_shows_a_new_logo_and_colour_at_once(self, client: Client, page: SchedulePage) -> None:
        client.get("/boats/")
        logo = kept(page.account)
        save_branding(page.account, accent="#008844", logo=logo, on_pages=True, now=NOW)
        said = client.get("/boats/").content.decode()
        assert ("/media/colours/008844.css" in said, f"/media/logos/{logo}.png" in said) == (True, True)

    def test_in_emails_with_words_that_can_be_read(self, page: SchedulePage) -> None:
        html = letter_html(
            create_letter(account=page.account, html='<p><a class="button" href="https://x">Book</a></p>')
        )
        assert f'src="http://testserver/media/logos/{page.account.logo}.png"' in html
        assert 'alt="Boat <house>"' in html
        # Yellow could hardly be seen on white: a little darker, and black on it.
        assert "color: #000000" in html
        assert "#ffee00" not in html

    def test_emails_of_others_stay_as_they_are(self) -> None:
        html = letter_html(create_letter(account=AccountFactory.create(name="River")))
        assert ("<img" in html, "River" in html) == (False, True)


def test_the_page_has_few_statements_whatever_was_sent(studio: Account, alice: User) -> None:
    browser = open_browser(alice)
    with connection.execute_wrapper(lambda execute, *rest: execute(*rest)):
        browser.get(BRANDING)
    for _number in range(3):
        kept(studio)
    assert page_text(browser.get(BRANDING)).count("Use again") == 3
