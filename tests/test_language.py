"""A page is in one language throughout, its studio's; a letter too, whoever caused it and in whichever process."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.formats import get_format
from django.utils.translation import get_language, override, to_locale
from django.utils.translation.template import templatize
from time_machine import travel

from accounts.choices import locales
from accounts.email_delivery import letter_html
from accounts.identity import send_link
from accounts.models import Account, Letter
from bookwhen.sandbox import check
from memberships.models import Subscription
from tests.browsing import open_browser
from tests.factories.schedule import NOW, load_entry
from tests.test_strangers import ROUTES, patterns
from tests.worlds.full_studio import FullStudio
from tickets.models import Entry, Seat
from tickets.schedule.details import entry_details
from tickets.schedule.entries import edit_entries

OK: Final = 200
ROOT: Final = Path(settings.BASE_DIR)
FOREIGN: Final = ("de", "fr", "ja", "ar")
OURS: Final = sorted(
    route for route in patterns(get_resolver()) if not route.startswith(("dashboard/<", "stripe/", "media/"))
)
NONCES: Final = re.compile(r'nonce="[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}|value="[A-Za-z0-9]{64}"|value="[\w.:-]{60,}"')
TRANSLATES: Final = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}


def public_address(studio: FullStudio, route: str) -> str:
    """The address of a page outside the dashboard, of what this studio has."""
    seat = Seat.objects.select_related("booking__page", "entry").get(pk=studio.seat)
    subscription = Subscription.objects.get()
    values = {
        "slug:account": studio.account.slug,
        "slug:page": seat.booking.page.slug,
        "uuid:entry": seat.entry.uuid,
        "uuid:booking": seat.booking.uuid,
        "uuid:subscription": subscription.uuid,
        "uuid:purchase": seat.booking.uuid,
        "uuid:request_": studio.values["uuid:request_"],
        "uuid:seat": seat.uuid,
        "int:pk": subscription.membership_id,
        "slug:key": "dead",
        "str:token": "dead",
        "slug:invitation": studio.values["str:invitation"],
    }
    for name, value in values.items():
        route = route.replace(f"<{name}>", str(value))
    assert "<" not in route, f"give this test a value for {route}"
    return f"/{route}"


def say(browser: Client, address: str, language: str) -> list[str]:
    """What a browser that asks for this language is shown, and then to the page's form sent empty."""
    browser.cookies.pop("messages", None)
    wanted = {"accept-language": language}
    said = [browser.get(address, headers=wanted)]
    if said[0].status_code == OK and address != reverse("account_logout"):
        with transaction.atomic():
            said.append(browser.post(address, headers=wanted))
            transaction.set_rollback(True)
    return [NONCES.sub("", each.getvalue().decode()) for each in said]


@pytest.mark.django_db
def test_every_page_is_the_same_whatever_language_the_browser_asks_for() -> None:
    with travel(NOW, tick=False):
        studio = FullStudio()
        seat = Seat.objects.select_related("booking__customer").get(pk=studio.seat)
        owner, customer, stranger = (open_browser(who) for who in (studio.staff.user, seat.booking.customer, None))
        walks = [(owner, studio.address(route)) for route in ROUTES]
        walks += [(who, public_address(studio, route)) for route in OURS for who in (customer, stranger)]
        said = {(address, number): say(who, address, "en") for number, (who, address) in enumerate(walks)}

        for number, (who, address) in enumerate(walks):
            for language in FOREIGN:
                assert say(who, address, language) == said[address, number], f"{address} in {language}"

    pages = [page for both in said.values() for page in both if "<html" in page]
    assert len(pages) > 150
    assert {language for page in pages for language in re.findall(r'<html lang="([^"]*)"', page)} == {"en-gb"}


@pytest.mark.django_db
def test_a_studios_pages_and_letters_say_which_english_they_are_in() -> None:
    studio = FullStudio()
    Account.objects.filter(pk=studio.account.pk).update(locale="en-us")
    owner = open_browser(studio.staff.user)
    seat = Seat.objects.select_related("booking__page").get(pk=studio.seat)

    def language(address: str) -> str:
        [found] = re.findall('<html lang="([^"]*)"', owner.get(address).content.decode())
        return str(found)

    assert language(f"/dashboard/{studio.account.slug}/settings/") == "en-us"
    assert language(f"/{seat.booking.page.slug}/") == "en-us"
    assert language(f"/my/bookings/{seat.booking.uuid}/") == "en-us"
    assert language("/my/") == "en-gb"
    assert get_language() == "en-gb"
    letter = Letter.objects.get()
    assert '<html lang="en-us"' in letter_html(letter)


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["de-de", "ja-jp", "xx", ""])
def test_a_studio_in_a_language_that_is_not_spoken_is_answered_in_the_sites(stored: str) -> None:
    studio = FullStudio()
    Account.objects.update(locale=stored)

    html = open_browser(studio.staff.user).get(f"/dashboard/{studio.account.slug}/").content.decode()

    assert '<html lang="en-gb"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", FOREIGN)
def test_a_letter_is_in_its_studios_language_whoever_caused_it(language: str) -> None:
    studio = FullStudio()
    entry = load_entry(Entry.objects.get())
    was = entry_details(entry)
    Letter.objects.all().delete()

    with override(language):
        later = replace(was, starts=was.starts + timedelta(hours=1))
        edit_entries(entry, later, now=NOW)
        send_link("ada@example.org", next_path="/", now=NOW)

    moved, link = Letter.objects.order_by("pk")
    assert "It was due to start on Thursday 17 January 2030, 12:00." in moved.text
    assert moved.subject.endswith(", now 17 January, 13:00")
    assert link.subject == "Finish creating your account"
    with override(language):
        assert "Sent by Bookwhen for" in letter_html(moved)
        assert '<html lang="en-gb"' in letter_html(link)
    assert studio.account.language == "en-gb"


@pytest.mark.django_db
def test_a_cookie_or_an_address_chooses_no_language_either(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    response = client.get(f"{reverse('account_login')}?language=de", headers={"accept-language": "de"})

    assert '<html lang="en-gb"' in response.content.decode()
    assert "Accept-Language" not in response.headers.get("Vary", "")


def test_studios_choose_among_the_languages_that_the_site_speaks() -> None:
    codes = [code for code, _name in locales()]

    assert codes == ["en-gb", "en-au", "en-ca", "en-ie", "en-nz", "en-us", "en-za"]
    assert settings.LANGUAGE_CODE in codes


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en-gb", "%d/%m/%Y"),
        ("en-au", "%d/%m/%Y"),
        ("en-ie", "%d/%m/%Y"),
        ("en-nz", "%d/%m/%Y"),
        ("en-za", "%d/%m/%Y"),
        ("en-ca", "%Y-%m-%d"),
        ("en-us", "%m/%d/%Y"),
    ],
)
def test_a_date_is_read_as_people_there_write_it(language: str, first: str) -> None:
    slashed = [layout for layout in get_format("DATE_INPUT_FORMATS", language) if "/" in layout or "-" in layout]
    assert next(layout for layout in slashed if layout == first or "/" in layout) == first


def texts() -> Iterator[str]:
    """Every text of ours that goes through gettext."""
    for name in check.files(ROOT, "py"):
        if name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATES:
                yield from (
                    each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
    for name in check.files(ROOT, "html"):
        code = templatize((ROOT / name).read_text())
        for call in re.findall(r"\bn?gettext\((.*?)\) ", code, re.DOTALL) + re.findall(r"\b_\((.*?)\) ", code):
            yield from (
                ast.literal_eval(text) for text in re.findall(r"u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"", call)
            )


def untranslated(language: str) -> set[str]:
    """The texts of ours that have no words in a language; English is what they are written in."""
    if language.partition("-")[0] == "en":
        return set()
    found = gettext.translation("django", ROOT / "locale", [to_locale(language)], fallback=True)
    return {text for text in texts() if found.gettext(text) == text}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_language_is_offered_only_when_every_text_has_words_in_it(language: str) -> None:
    assert untranslated(language) == set()


def test_a_language_without_a_catalogue_is_noticed() -> None:
    missing = untranslated("de")

    assert {"Settings saved", "Booked: %(title)s, %(day)s", "Choose a new password"} <= missing
    assert len(missing) > 1000
