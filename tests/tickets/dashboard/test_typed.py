"""What was written at length is not lost where what it was for is gone: it is shown, to be copied."""

import pytest
from django import forms
from django.test import Client

from accounts.models import SchedulePage
from bookwhen.db import NOTE_LENGTH
from bookwhen.typed import AT_LENGTH
from tests.browsing import page_text
from tests.factories.schedule import NOW, EntryFactory
from tests.test_bounds import house_forms
from tests.worlds.dashboard import Dashboard
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries import changing, views
from tickets.models import Entry
from tickets.schedule.entries import BelowBookedError, EntryPastError

pytestmark = pytest.mark.django_db
WORDS = "Dear <all>,\nbring a mat"
ESCAPED = "Dear &lt;all&gt;,\nbring a mat</textarea>"
SAID = "What you wrote hasn’t been saved. Copy it if you still need it."
EDITED = {"title": "Yoga", "description": WORDS, "date": "2030-01-17", "start": "12:00", "end": "13:00"}


@pytest.fixture
def entry(yoga: SchedulePage) -> Entry:
    return EntryFactory.create(page=yoga, title="Vinyasa")


def test_every_field_of_sentences_is_among_them() -> None:
    found = {
        name
        for form in house_forms()
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.Textarea) or (getattr(field, "max_length", None) or 0) >= NOTE_LENGTH
    }
    assert found - AT_LENGTH == set()
    assert AT_LENGTH - found == {"reason"}


@pytest.mark.parametrize("page", ["entry_cancel", "entry_edit", "entry_book", "walk_in"])
def test_what_was_written_for_an_entry_that_is_over_is_shown(dashboard: Dashboard, entry: Entry, page: str) -> None:
    Entry.objects.filter(pk=entry.pk).update(cancelled_at=NOW)

    answer = dashboard.post(page, {"message": WORDS, "title": "No sentence"}, pk=entry.pk)

    assert (answer.status_code, SAID in page_text(answer)) == (409, True)
    assert (ESCAPED in answer.content.decode(), "No sentence" in answer.content.decode()) == (True, False)
    assert SAID not in page_text(dashboard.get(page, pk=entry.pk))
    assert SAID not in page_text(dashboard.post(page, {"message": " "}, pk=entry.pk))


def test_and_for_one_that_is_no_more(dashboard: Dashboard, entry: Entry) -> None:
    address = dashboard.url("entry_edit", pk=entry.pk)
    Entry.objects.filter(pk=entry.pk).delete()

    answer = dashboard.client.post(address, EDITED)

    assert (answer.status_code, SAID in page_text(answer)) == (404, True)
    assert ESCAPED in answer.content.decode()
    assert SAID not in page_text(dashboard.client.get(address))


@pytest.mark.parametrize("address", ["/nowhere/at/all/", "/dashboard/yoga/entries/1/edit/"])
def test_a_stranger_is_shown_nothing_back(db: None, address: str) -> None:
    answer = Client().post(address, {"message": WORDS})

    assert b"bring a mat" not in answer.content


@pytest.mark.parametrize(
    ("page", "module", "service", "form"),
    [
        ("entry_edit", views, "edit_entries", EDITED),
        ("entry_leaders", changing, "change_leaders", {"leaders": "Mo"}),
    ],
)
@pytest.mark.parametrize("error", [EntryCancelledError, EntryPastError])
def test_what_a_service_refuses_meanwhile_is_said_at_once(
    dashboard: Dashboard,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    module: object,
    service: str,
    form: dict[str, str],
    error: type[Exception],
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        Entry.objects.filter(pk=entry.pk).update(cancelled_at=NOW)
        raise error

    monkeypatch.setattr(module, service, refuse)
    answer = dashboard.post(page, form, pk=entry.pk)

    assert (answer.status_code, "You can’t change a cancelled entry" in page_text(answer)) == (409, True)
    assert (ESCAPED in answer.content.decode()) is ("description" in form)


def test_what_others_booked_meanwhile_keeps_the_form(
    dashboard: Dashboard, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise BelowBookedError(3)

    monkeypatch.setattr(views, "edit_entries", refuse)
    answer = dashboard.post("entry_edit", EDITED, pk=entry.pk)

    assert (answer.status_code, "This entry has changed since you opened this page" in page_text(answer)) == (422, True)
    assert ESCAPED in answer.content.decode()
