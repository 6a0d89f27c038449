"""The account's settings."""

import pytest

from accounts.models import Account, User
from tests.accounts.conftest import ClientOf
from tests.factories.schedule import EntryFactory

pytestmark = pytest.mark.django_db

SETTINGS = "/dashboard/river/settings/"
GIVEN = {
    "name": "River & Sons",
    "time_zone": "America/New_York",
    "locale": "en-us",
    "cutoff_hours": "36",
    "returns_late_uses": "on",
    "announces_resets": "on",
}


def test_everything_is_saved(studio: Account, alice: User, client_of: ClientOf) -> None:
    answer = client_of(alice).post(SETTINGS, GIVEN)
    assert (answer.status_code, answer["Location"]) == (302, SETTINGS)
    studio.refresh_from_db()
    assert (studio.name, studio.time_zone, studio.locale, studio.cancellation_cutoff_minutes) == (
        "River & Sons",
        "America/New_York",
        "en-us",
        36 * 60,
    )
    assert (studio.customers_cancel, studio.returns_late_uses, studio.announces_resets) == (False, True, True)
    assert (studio.slug, studio.currency) == ("river", "GBP")


def test_the_time_zone_is_fixed_after_the_first_entry(studio: Account, alice: User, client_of: ClientOf) -> None:
    EntryFactory.create(page=studio.pages.get())
    client = client_of(alice)
    page = client.get(SETTINGS).content.decode()
    assert "It is fixed since your first entry" in page
    assert client.post(SETTINGS, GIVEN).status_code == 302
    studio.refresh_from_db()
    assert (studio.time_zone, studio.locale) == ("Europe/London", "en-us")


@pytest.mark.parametrize(
    "bad",
    [{"name": ""}, {"time_zone": "Mars/Base"}, {"locale": "xx"}, {"cutoff_hours": "-1"}, {"cutoff_hours": "9999"}],
)
def test_what_cannot_be_is_refused_and_nothing_saved(
    studio: Account, alice: User, client_of: ClientOf, bad: dict[str, str]
) -> None:
    answer = client_of(alice).post(SETTINGS, GIVEN | bad)
    assert answer.status_code == 422
    assert "<title>Error: Settings" in answer.content.decode()
    assert "<strong>River Studio</strong>" in answer.content.decode()
    studio.refresh_from_db()
    assert (studio.name, studio.locale) == ("River Studio", "en-gb")
