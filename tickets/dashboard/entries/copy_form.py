"""From which entry tickets are copied."""

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import Form
from bookwhen.picker import OneField, Source
from bookwhen.search import text_has
from tickets.models import Entry
from tickets.queries import entries_of


class CopyTicketsForm(Form):
    """The entry that has the tickets: of another series, the newest of each."""

    source = OneField(label=_("Entry"))

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        found = entries_of(entry.account).exclude(series=entry.series_id)
        self.field_as("source", OneField).set_source(
            Source(
                found,
                found.none(),
                search=lambda words: text_has("title", words),
                label=partial(_label, zone=entry.account.zone),
                order=("-starts_at", "-pk"),
            )
        )


def _label(entry: Entry, *, zone: ZoneInfo) -> str:
    return f"{entry.title} · {date_format(entry.starts_at.astimezone(zone), 'j F Y, H:i')}"
