"""The forms of an entry: what it is, when and where; its places; how long it repeats."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.dashboard.page_source import page_source
from accounts.models import Account
from bookwhen.db import DESCRIPTION_LENGTH
from bookwhen.forms import Form, IdempotentForm
from bookwhen.picker import OneField
from offers.periods import local_day
from tickets.models import Entry
from tickets.schedule.entries import EntryDetails, entry_details
from tickets.schedule.recurrence import MOST
from tickets.wall_times import to_instant

LATER: Final = "later"
MOST_PLACES: Final = 100_000
MOST_PER_BOOKING: Final = 100
AHEAD: Final = timedelta(days=3653)
"""How far ahead an entry may be: ten years."""


class DetailsForm(Form):
    """What an entry is, when and where. Times are on the clocks of the account's zone."""

    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    location = forms.CharField(label=_("Location"), max_length=200, required=False)
    date = forms.DateField(label=_("Date"))
    start = forms.TimeField(label=_("Start"))
    end = forms.TimeField(label=_("End"))
    end_date = forms.DateField(label=_("Last day"), required=False, help_text=_("Only if it ends on a different day."))

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.account, self.now = account, now
        self.starts: datetime | None = None
        self.lasts = timedelta()

    def clean(self) -> None:
        """Read the times together: `starts` (local, naive) and `lasts`, how much later the end is on the clock."""
        given = self.cleaned_data
        if not self._date_is_fine() or "start" not in given:
            return
        self.starts = datetime.combine(given["date"], given["start"])
        if to_instant(self.starts, self.account.zone) <= self.now:
            self.add_error("start", _("Choose a later time. This one has passed."))
        if "end" not in given or "end_date" not in given:
            return
        last = given["end_date"] or given["date"]
        if abs(last - given["date"]) > AHEAD:
            self.add_error("end_date", _("Choose a date within the next ten years"))
            return
        self.lasts = datetime.combine(last, given["end"]) - self.starts
        if self.lasts <= timedelta():
            self.add_error(
                "end", _("Choose an end time after the start. If it ends on another day, fill in “Last day”.")
            )

    def _date_is_fine(self) -> bool:
        day: date | None = self.cleaned_data.get("date")
        today = local_day(self.now, self.account.zone)
        if day is None:
            return False
        if day < today:
            self.add_error("date", _("Choose today or a later date"))
        elif day > today + AHEAD:
            self.add_error("date", _("Choose a date within the next ten years"))
        else:
            return True
        return False

    def details(self, *, capacity: int, per_booking: int) -> EntryDetails:
        """What was said, once valid."""
        assert self.starts  # noqa: S101 - a valid form has it
        return EntryDetails(
            title=self.cleaned_data["title"],
            description=self.cleaned_data["description"],
            location=self.cleaned_data["location"],
            starts=self.starts,
            duration=self.lasts,
            capacity=capacity,
            per_booking=per_booking,
        )


class Places(Form):
    """How many places an entry has."""

    capacity = forms.IntegerField(
        label=_("Maximum event size"),
        min_value=1,
        max_value=MOST_PLACES,
        help_text=_("How many people can come, whichever ticket they have."),
    )
    per_booking = forms.IntegerField(
        label=_("Maximum tickets per booking"),
        min_value=1,
        max_value=MOST_PER_BOOKING,
        help_text=_("How many tickets a customer can book in one go."),
    )


class EntryForm(IdempotentForm, Places, DetailsForm):
    """A new entry, perhaps repeated every week."""

    page = OneField(label=_("Schedule page"))
    until = forms.DateField(
        label=_("Repeat weekly until"),
        required=False,
        help_text=_("The date of the last one. Leave empty if it’s only on once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        page, first = self.field_as("page", OneField), list(self.account.pages.order_by("pk")[:2])
        page.set_source(page_source(self.account))
        page.initial = first[0].pk if first else None
        self.only_page = first[0] if len(first) == 1 else None
        if self.only_page:
            del self.fields["page"]
        self.fields["capacity"].initial, self.fields["per_booking"].initial = 10, 6

    def clean(self) -> None:
        """Read how long it repeats."""
        super().clean()
        first, until = self.cleaned_data.get("date"), self.cleaned_data.get("until")
        if first and until:
            check_until(self, first, until)


class ScopeForm(Form):
    """Whether a change is for one entry or for all later ones too: asked only where the entry `repeats`."""

    scope = forms.ChoiceField(
        label=_("Change"),
        choices=[("this", _("Only this entry")), (LATER, _("This and all later entries in the series"))],
        widget=forms.RadioSelect,
        initial="this",
    )

    def __init__(self, *args: Any, repeats: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        if not repeats:
            del self.fields["scope"]

    @property
    def later_too(self) -> bool:
        """Whether later ones are to change as well."""
        return self.cleaned_data.get("scope") == LATER


class EditForm(ScopeForm, DetailsForm):
    """An entry's details as they are, for this one or for all later ones too."""

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, account=entry.account, initial=_initial(entry), **kwargs)


class PlacesForm(ScopeForm, Places):
    """An entry's places as they are, for this one or for all later ones too."""

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        initial = {"capacity": entry.places.capacity, "per_booking": entry.per_booking}
        super().__init__(*args, initial=initial, **kwargs)

    def refuse(self, minimum: int) -> None:
        """Say that more are booked than there would be places."""
        few = ngettext(
            "Enter %(count)d or more. %(count)d space is booked.",
            "Enter %(count)d or more. %(count)d spaces are booked.",
            minimum,
        )
        many = ngettext(
            "Enter %(count)d or more. %(count)d space is booked at one of these entries.",
            "Enter %(count)d or more. %(count)d spaces are booked at one of these entries.",
            minimum,
        )
        self.add_error("capacity", (many if self.later_too else few) % {"count": minimum})


class UntilForm(Form):
    """Until when a series goes on; `following` is the local day of the first new entry."""

    until = forms.DateField(label=_("Repeat weekly until"), help_text=_("The date of the last one."))

    def __init__(self, *args: Any, last: Entry, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        starts = entry_details(last).starts
        self.last = starts.date()
        following = starts + timedelta(weeks=1)
        while to_instant(following, last.account.zone) <= now:
            following += timedelta(weeks=1)
        self.following = following.date()

    def clean_until(self) -> date:
        """Refuse a day too soon for one more, and more entries than are made at once."""
        until: date = self.cleaned_data["until"]
        if until < self.following:
            raise forms.ValidationError(_("Choose %(day)s or a later date") % {"day": f"{self.following:%-d %B %Y}"})
        check_until(self, self.last, until)
        return until


def check_until(form: Form, first: date, until: date) -> None:
    """Put an error on the form where weekly entries from one day to another are none, or more than are made at once."""
    if until < first:
        form.add_error("until", _("Choose a date on or after the first one"))
    elif (until - first).days // 7 >= MOST:
        latest = first + timedelta(weeks=MOST - 1)
        words = _("Choose %(day)s or an earlier date. You can create up to %(most)d entries at a time.")
        form.add_error("until", words % {"day": f"{latest:%-d %B %Y}", "most": MOST})


def _initial(entry: Entry) -> dict[str, object]:
    details = entry_details(entry)
    ends = details.starts + details.duration
    return {
        "title": details.title,
        "description": details.description,
        "location": details.location,
        "date": details.starts.date(),
        "start": details.starts.time(),
        "end": ends.time(),
        "end_date": ends.date() if ends.date() != details.starts.date() else None,
    }
