"""The forms of an entry: what it is, when and where; its places; how long it repeats."""

from dataclasses import replace
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
from bookwhen.suggestions import MOST as MOST_SUGGESTED
from bookwhen.suggestions import NamesField, SuggestingInput, suggest
from offers.periods import local_day
from tickets.dashboard.entries.meanwhile import SharedForm
from tickets.dashboard.entries.repeat_form import AHEAD, ClockForm, RepeatForm, repeat_initial
from tickets.models import Entry, Leader, Location, Series, Tag
from tickets.models.people_and_places import LABEL_LENGTH, MOST_AT_ENTRY, PLACE_LENGTH
from tickets.schedule.details import EntryDetails, Labels, entry_details
from tickets.schedule.extending import Extension, last_date, plan_extension
from tickets.schedule.labels import labels_of, planned_labels
from tickets.schedule.names import Name, find_account_names
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import MOST, Repeat, TooManyEntriesError, read_rule
from tickets.wall_times import to_instant

MOST_PLACES: Final = 100_000
MOST_PER_BOOKING: Final = 100
LONGEST: Final = 31 * 24 * 60
"""The longest duration that is said in minutes: a month."""


class DetailsForm(ClockForm):
    """What an entry is, when and where. Times are on the clocks of the account's zone."""

    conditional = frozenset({"end", "duration"})

    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    location = forms.CharField(
        label=_("Location"),
        max_length=PLACE_LENGTH,
        required=False,
        widget=SuggestingInput,
        help_text=_("A new name is added to your locations, where you can give it an address or a link."),
    )
    leaders = NamesField(label=_("Leaders"), most=MOST_AT_ENTRY, longest=LABEL_LENGTH, required=False)
    tags = NamesField(
        label=_("Tags"),
        most=MOST_AT_ENTRY,
        longest=LABEL_LENGTH,
        required=False,
        help_text=_("Words by which customers find it, such as Beginners. Put a comma between them."),
    )
    date = forms.DateField(label=_("Date"))
    start = forms.TimeField(label=_("Start"))
    end = forms.TimeField(label=_("End"), required=False)
    duration = forms.IntegerField(
        label=_("Or duration in minutes"),
        min_value=1,
        max_value=LONGEST,
        required=False,
        help_text=_("If you fill this in, it decides when the entry ends."),
    )
    end_date = forms.DateField(label=_("Last day"), required=False, help_text=_("Only if it ends on a different day."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.starts: datetime | None = None
        self.lasts = timedelta()
        texts = self.account.leader_texts
        self.fields["leaders"].label, self.fields["leaders"].help_text = texts.many, texts.typed
        known: dict[str, type[Name]] = {"location": Location, "leaders": Leader, "tags": Tag}
        names = find_account_names(self.account, list(known.values()), MOST_SUGGESTED)
        for name, suggested in zip(known, names, strict=True):
            suggest(self.fields[name], suggested)

    def clean_location(self) -> str:
        """The name with one space between its words: with more it would be another one."""
        return " ".join(self.cleaned_data["location"].split())

    def clean(self) -> None:
        """Read the times together: `starts` (local, naive) and `lasts`, how much later the end is on the clock."""
        given = self.cleaned_data
        if not self._date_is_fine() or "start" not in given:
            return
        self.starts = datetime.combine(given["date"], given["start"])
        if to_instant(self.starts, self.account.zone) <= self.now:
            self.add_error("start", _("Choose a later time. This one has passed."))
        if given.get("duration") and self.duration_decides():
            self.lasts = timedelta(minutes=given["duration"])
            return
        if "end" not in given or "end_date" not in given or "duration" not in given:
            return
        if given["end"] is None:
            self.add_error("end", _("Fill in “End”"))
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

    def duration_decides(self) -> bool:
        """Whether the duration, where it is filled in, says when the entry ends."""
        return True

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
            labels=Labels(self.cleaned_data["leaders"], self.cleaned_data["tags"]),
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


class EntryForm(IdempotentForm, Places, RepeatForm, DetailsForm):
    """A new entry, perhaps repeated; perhaps like another one, or as a series like its series."""

    conditional = RepeatForm.conditional | DetailsForm.conditional

    page = OneField(label=_("Schedule page"))
    like = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The entry (id) whose tickets are copied."""

    def __init__(self, *args: Any, account: Account, like: Entry | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, account=account, **kwargs)
        self.copied_from = like
        page, first = self.field_as("page", OneField), list(self.account.pages.order_by("pk")[:2])
        page.set_source(page_source(self.account))
        page.initial = like.page_id if like else first[0].pk if first else None
        self.only_page = first[0] if len(first) == 1 else None
        if self.only_page:
            del self.fields["page"]
        self.fields["capacity"].initial = like.places.capacity if like else 10
        self.fields["per_booking"].initial = like.per_booking if like else 6

    def clean(self) -> None:
        """Read how it repeats, and reckon the dates."""
        super().clean()
        if self.starts and (repeat := self.read_repeat()):
            like = self.copied_from.series.rule if self.copied_from and repeat.every > 1 else ""
            self.expand(repeat.counted_like(read_rule(like)) if like else repeat, self.starts)


def initial_like(entry: Entry, *, series: Series | None, now: datetime) -> dict[str, object]:
    """What the form of a new entry begins with that is like another one, or a whole `series` like its own.

    It is a week later, or, where that has passed, the next same weekday; a series goes on by its rule.
    """
    given, zone = _initial(entry), entry.account.zone
    starts = entry_details(entry).starts
    after = (last_date(series) or starts.date()) if series else local_day(now, zone)
    day = starts.date() + timedelta(weeks=1)
    while day <= after:
        day += timedelta(weeks=1)
    coming = plan_extension(series, Repeat(count=1), after=now) if series and series.rule else None
    if coming and coming.starts:
        day = coming.starts[0].date()
    last = given["end_date"]
    given |= {"date": day, "end_date": day + (last - starts.date()) if isinstance(last, date) else None}
    if series and series.rule:
        given |= {**repeat_initial(read_rule(series.rule)), "count": series.entries.count()}
    return given | _initial_labels(planned_labels(entry)) | {"like": entry.pk}


class ScopeForm(Form):
    """Which entries of the series a change is for: asked only where there are others."""

    scope = forms.ChoiceField(
        label=_("Change"),
        choices=[
            (Scope.THIS.value, _("Only this entry")),
            (Scope.FOLLOWING.value, _("This and all later entries in the series")),
            (Scope.ALL.value, _("All entries in the series that haven’t started")),
        ],
        widget=forms.RadioSelect,
        initial=Scope.THIS.value,
    )
    overwrite = forms.BooleanField(
        label=_("Also change what’s different on some dates"),
        required=False,
        help_text=_("Otherwise, what you changed for one date alone is kept."),
    )

    def __init__(self, *args: Any, repeats: bool, differs: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        if not repeats:
            del self.fields["scope"]
        if not (repeats and differs):
            del self.fields["overwrite"]

    @property
    def chosen_scope(self) -> Scope:
        """Which entries are to change."""
        return Scope(self.cleaned_data.get("scope") or Scope.THIS)

    @property
    def overwrites(self) -> bool:
        """Whether what was changed for one date alone changes too."""
        return bool(self.cleaned_data.get("overwrite"))


class EditForm(ScopeForm, SharedForm, DetailsForm):
    """An entry's details as they are, for this one or for others of its series too."""

    conditional = DetailsForm.conditional | {"seen"}
    together = (
        *((name,) for name in ("title", "description", "location", "leaders", "tags")),
        ("date", "start", "end", "duration", "end_date"),
    )

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        initial = _initial(entry) | _initial_labels(labels_of(entry)) | {"duration": _minutes(entry)}
        super().__init__(*args, account=entry.account, initial=initial, **kwargs)
        self.fields["duration"].help_text = _("If you change only the start, it lasts as long as before.")
        self.keep_theirs()

    @property
    def is_to_check(self) -> bool:
        """Whether it changes something at several entries, and was not sent from the page that says so."""
        return self.chosen_scope is not Scope.THIS and "confirmed" not in self.data and bool(self.changes)

    @property
    def changes(self) -> list[str]:
        """What was changed, by the labels of its fields; a duration that was filled in is another end."""
        filled = [name for name in self.changed_data if name != "duration" or self.cleaned_data["duration"]]
        names = dict.fromkeys("end" if name == "duration" else name for name in filled)
        return [str(self.fields[name].label) for name in names if name not in ScopeForm.base_fields]

    def duration_decides(self) -> bool:
        """Not where it was left as it is, and the end was not."""
        return "duration" in self.changed_data or not {"end", "end_date"} & set(self.changed_data)

    def refuse_past(self) -> None:
        """Say that another entry of the series would have begun by now."""
        self.add_error("date", _("Choose a later date or time: an entry that moves along would have started already."))


class PlacesForm(ScopeForm, SharedForm, Places):
    """An entry's places as they are, for this one or for others of its series too."""

    together = (("capacity",), ("per_booking",))

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        initial = {"capacity": entry.places.capacity, "per_booking": entry.per_booking}
        super().__init__(*args, initial=initial, **kwargs)
        self.keep_theirs()

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
        self.add_error("capacity", (few if self.chosen_scope is Scope.THIS else many) % {"count": minimum})


class ExtendForm(RepeatForm):
    """How a series goes on: until when, or how many times more; a single entry also in which way."""

    count = forms.IntegerField(
        label=_("Or how many more"),
        min_value=1,
        max_value=MOST,
        required=False,
        help_text=_("Dates you leave out count too."),
    )

    def __init__(self, *args: Any, series: Series, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, now=now, **kwargs)
        self.series, self.plan = series, None
        if series.rule:
            for name in ("repeats", "every", "weekdays"):
                del self.fields[name]
        else:
            self.fields["repeats"].choices = self.fields["repeats"].choices[1:]  # type: ignore[attr-defined]
            self.fields["repeats"].initial = "weekly"

    plan: Extension | None

    def next_date(self) -> Extension | None:
        """How the series would go on by one date; None where it has no entries."""
        return plan_extension(self.series, Repeat(count=1), after=self.now)

    def begins(self) -> date:
        """Its next date."""
        coming = self.next_date()
        return coming.starts[0].date() if coming else super().begins()

    def clean(self) -> None:
        """Reckon the dates that come."""
        super().clean()
        kind = read_rule(self.series.rule).kind if self.series.rule else None
        if repeat := self.read_repeat(kind=kind):
            self._plan(repeat)

    def _plan(self, repeat: Repeat) -> None:
        ahead = local_day(self.now, self.account.zone) + AHEAD
        try:
            self.plan = plan_extension(self.series, repeat, after=self.now)
        except TooManyEntriesError:
            self.refuse_many(self._nth(repeat, MOST))
            return
        starts = self.plan.starts if self.plan else []
        if not starts:
            following = self._nth(repeat, 1)
            words = _("Choose %(day)s or a later date") % {"day": f"{following:%-d %B %Y}"}
            self.add_error("until", words)
        elif starts[-1].date() > ahead:
            self.add_error("until" if repeat.until else "count", _("Choose a date within the next ten years"))
        else:
            self.repeat, self.starts_of_rule = repeat, starts

    def _nth(self, repeat: Repeat, number: int) -> date:
        """The local day of the how-manieth entry that would come."""
        plan = plan_extension(self.series, replace(repeat, until=None, count=number), after=self.now)
        assert plan  # noqa: S101 - the series has the entry whose page this is
        return plan.starts[-1].date()


def _minutes(entry: Entry) -> int | None:
    """How long an entry lasts; None where that is not said in minutes."""
    minutes, rest = divmod(entry_details(entry).duration, timedelta(minutes=1))
    return minutes if minutes <= LONGEST and not rest else None


def _initial_labels(labels: Labels) -> dict[str, object]:
    return {"leaders": labels.leaders, "tags": labels.tags}


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
