"""From which entry tickets are copied."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
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
                label=lambda each: f"{each.title} · {date_format(localtime(each.starts_at), 'j F Y, H:i')}",
                order=("-starts_at", "-pk"),
            )
        )
