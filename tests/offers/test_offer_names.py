"""An offer’s name, and the sentence beside its form, which says what the form means as it is typed."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from offers.models import NAME_LENGTH, Offer
from offers.services import make_offer, offer_terms
from tests.browsing import page_text
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.members_studio import MembersStudio

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> MembersStudio:
    return MembersStudio()


@pytest.fixture
def at(studio: MembersStudio) -> Dashboard:
    return open_dashboard(studio.account)


def typed(studio: MembersStudio, **more: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "name": "",
        "audience": "personal",
        "limited": "on",
        "limit": "3",
        "ongoing": "on",
        "period_count": "1",
    }
    sent |= {"period_unit": "month", "scope": "pages", "pages": [studio.page.pk], "pages-shown": [studio.page.pk]}
    return {name: value for name, value in {**sent, "enabled": "on", **more}.items() if value is not None}


def send(at: Dashboard, studio: MembersStudio, **more: Any) -> Any:
    return at.post("offer_edit", typed(studio, **more), pk=studio.group.pk, offer=studio.offer.pk)


def test_a_name_stands_wherever_the_offer_is_named(studio: MembersStudio, at: Dashboard) -> None:
    assert send(at, studio, name=" Ten a\tmonth ").status_code == 302

    assert Offer.objects.get().name == "Ten a month"
    asked = {"customer": studio.customer.pk, "at": f"{studio.entry.pk}-{studio.ticket.pk}"}
    pages = {
        "offers": page_text(at.get("group_offers", pk=studio.group.pk)),
        "tickets": page_text(at.get("group_tickets", pk=studio.group.pk)),
        "check": page_text(at.get("check_access", asked)),
    }
    assert {name: "Ten a month" in page for name, page in pages.items()} == dict.fromkeys(pages, True)
    assert "Offer 1" not in "".join(pages.values())
    [line] = AuditEntry.objects.all()
    assert ["Offer name", "–", "Ten a month"] in line.changes


def test_a_used_offer_can_still_be_named_and_nothing_else(studio: MembersStudio, at: Dashboard) -> None:
    studio.book()
    send(at, studio, name="Trio", limit="9", enabled=None)

    offer = Offer.objects.get()
    assert (offer.name, offer.limit, offer.enabled) == ("Trio", 3, False)


def test_a_name_is_one_short_line(studio: MembersStudio, at: Dashboard) -> None:
    assert send(at, studio, name="x" * (NAME_LENGTH + 1)).status_code == 422
    assert Offer.objects.get().name == ""


def test_the_first_time_enabled_is_ticked_and_nothing_is_saved_by_that(studio: MembersStudio, at: Dashboard) -> None:
    made, _new = make_offer(studio.group, offer_terms(Offer()), now=NOW)
    url = at.url("offer_edit", pk=studio.group.pk, offer=made.pk)

    first, later = at.client.get(url, {"first": "1"}), at.client.get(url)

    assert [each.context["form"]["enabled"].value() for each in (first, later)] == [True, False]
    assert [each.context["is_enabled"] for each in (first, later)] == [True, False]
    assert Offer.objects.get(pk=made.pk).enabled is False


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"limit": "10"}, "for themselves only, 10 tickets a month, based on the event date."),
        ({"limited": None}, "for themselves only, as often as they like."),
        ({"ongoing": None}, "for themselves only, 3 tickets in total."),
        ({"audience": "additional", "additional_attendees": "2"}, "for up to 3 people at each event"),
        ({"limit": ""}, "Fill in what’s missing to see what this offer does."),
    ],
)
def test_the_sentence_says_what_is_typed_and_nothing_is_saved(
    studio: MembersStudio, at: Dashboard, more: dict[str, Any], sentence: str
) -> None:
    before = Offer.objects.values().get()

    page = send(at, studio, show="1", **more)

    assert sentence in page.context["sentence"]
    assert Offer.objects.values().get() == before


def test_the_sentence_names_the_tickets_that_are_ticked(studio: MembersStudio, at: Dashboard) -> None:
    one = {"scope": "tickets", "tickets": [studio.ticket.pk], "tickets-shown": [studio.ticket.pk]}

    page = send(at, studio, show="1", enabled=None, **one)

    assert page.context["sentence"].startswith(f"Each member can book “{studio.ticket.name}” for themselves only")
    assert page.context["is_enabled"] is False
    assert "What this offer does" in page_text(page)
