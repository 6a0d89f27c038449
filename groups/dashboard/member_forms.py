"""Forms of what is done to many customers of a group at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookwhen.dates import end_of_day
from bookwhen.forms import IdempotentForm
from bookwhen.picker import OneField, Source, is_looking
from bookwhen.search import text_has
from groups.dashboard.forms import RemoveForm
from groups.models import Group, MemberChangeKind
from groups.queries import BY_NAME, groups_of
from tickets.member_changes import WantedChange


class ChangeForm(IdempotentForm):
    """What is asked about a change before it is made."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, group: Group, now: datetime) -> None:
        super().__init__(data)
        self.group, self.now = group, now

    def is_looking(self) -> bool:
        """Whether somebody is still choosing."""
        return is_looking(self)

    def wanted(self) -> WantedChange:
        """What is to be done, of a valid form."""
        return WantedChange(kind=MemberChangeKind.REMOVE)


class RemoveManyForm(ChangeForm):
    """What becomes of the bookings of those who are removed."""

    bookings = forms.ChoiceField(
        label=_("Their bookings"),
        choices=RemoveForm.base_fields["bookings"].choices,  # type: ignore[attr-defined]
        initial=RemoveForm.KEEP,
        widget=forms.RadioSelect,
        required=False,
    )

    def wanted(self) -> WantedChange:
        """Remove them."""
        cancels = self.cleaned_data["bookings"] == RemoveForm.CANCEL
        return WantedChange(kind=MemberChangeKind.REMOVE, cancels=cancels)


class StartDatesForm(ChangeForm):
    """The local date from which the usage periods of all of them are counted."""

    anchor = forms.DateField(label=_("Start date"))

    def wanted(self) -> WantedChange:
        """Count from this date."""
        return WantedChange(kind=MemberChangeKind.START_DATE, anchor=self.cleaned_data["anchor"])


class LastDayForm(ChangeForm):
    """The last day in the group of all of them; none: without an end."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("They’re in the group until the end of this day. Leave blank for no end."),
    )

    def clean_last_day(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["last_day"]
        if day and end_of_day(day, self.group.account.zone) <= self.now:
            raise forms.ValidationError(gettext("Choose today or a later day"), code="over")
        return day

    def wanted(self) -> WantedChange:
        """Let them be in it until then."""
        day: date | None = self.cleaned_data["last_day"]
        until = end_of_day(day, self.group.account.zone) if day else None
        return WantedChange(kind=MemberChangeKind.LAST_DAY, until=until)


class InviteForm(ChangeForm):
    """Nothing is asked: the page says who is written to, and what."""

    def wanted(self) -> WantedChange:
        """Write to them."""
        return WantedChange(kind=MemberChangeKind.INVITE)


class AddToGroupForm(ChangeForm):
    """The group that they are added to as well."""

    target = OneField(label=_("Group"), help_text=_("They stay in this group too."))

    def __init__(self, data: Mapping[str, Any] | None = None, *, group: Group, now: datetime) -> None:
        super().__init__(data, group=group, now=now)
        others = groups_of(group.account).exclude(pk=group.pk).annotate(lower_name=Lower("name"))
        self.field_as("target", OneField).set_source(
            Source(others, others.none(), search=lambda words: text_has("name", words), label=str, order=BY_NAME)
        )

    def wanted(self) -> WantedChange:
        """Add them to it."""
        return WantedChange(kind=MemberChangeKind.ADD_TO_GROUP, target=self.cleaned_data["target"])
