"""What is asked of who wants to pause a membership: until when, and what becomes of the bookings meanwhile."""

from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookwhen.forms import Form
from memberships.models import Subscription
from memberships.pauses import billing_dates, is_paused
from memberships.pausing import earliest_end

DATE, OPEN = "date", "open"
KEEP, CANCEL = "keep", "cancel"
FARTHEST: Final = timedelta(days=731)
"""How far ahead a studio may set the end of a pause; it may also leave it open."""
NEXT: Final = 4
"""How many of the payments to come are shown."""


class PauseForm(Form):
    """Until when a membership is paused: the local day on which it goes on; a member names one within the limit."""

    conditional = frozenset({"until"})
    way = forms.ChoiceField(
        label=gettext_lazy("When should it resume?"),
        choices=[(DATE, gettext_lazy("On a date")), (OPEN, gettext_lazy("When somebody resumes it"))],
        initial=DATE,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=gettext_lazy("Resume on"),
        required=False,
        help_text=gettext_lazy("Payments due before this day aren’t taken. Those due on this day or later are."),
    )

    def __init__(
        self,
        data: Any = None,  # noqa: ANN401 - what Django's forms take
        *,
        subscription: Subscription,
        latest: datetime,
        may_be_open: bool,
    ) -> None:
        self._subscription, self._latest, self._zone = subscription, latest, subscription.account.zone
        super().__init__(data, initial=self._present_pause() or {"until": self._suggestion()})
        if not may_be_open:
            del self.fields["way"]

    def clean(self) -> dict[str, Any]:
        """Take a day after the next payment, so that one is left out, and not too far ahead."""
        given = super().clean() or {}
        if given.get("way") == OPEN or "until" in self.errors:
            return given
        day = given.get("until")
        if day is None:
            self.add_error("until", _("Enter a date like 2026-12-31 for “Resume on”"))
        elif self._begins(day) <= earliest_end(self._subscription):
            known = {"day": self._words(earliest_end(self._subscription))}
            words = _("Choose a date after the next payment on %(day)s, or no payment would be left out")
            self.add_error("until", ValidationError(words % known))
        elif self._begins(day) > self._latest:
            words = _("Choose a date up to %(day)s")
            self.add_error("until", ValidationError(words % {"day": self._words(self._latest)}))
        return given

    @property
    def ends_at(self) -> datetime | None:
        """When the pause ends, by a form that is valid: as the local day begins; none: when somebody resumes it."""
        return None if self.cleaned_data.get("way") == OPEN else self._begins(self.cleaned_data["until"])

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)

    def _words(self, instant: datetime) -> str:
        return date_format(instant.astimezone(self._zone).date(), "j F Y")

    def _present_pause(self) -> dict[str, Any]:
        """How a pause that runs is set to end; empty where none does."""
        if not is_paused(self._subscription):
            return {}
        if self._subscription.resumes_at is None:
            return {"way": OPEN, "until": self._suggestion()}
        return {"way": DATE, "until": self._subscription.resumes_at.astimezone(self._zone).date()}

    def _suggestion(self) -> date | None:
        """The day of the payment after the next one, or as much later as there is room for."""
        bills = list(islice(billing_dates(self._subscription), 2))
        wanted = min(bills[-1], self._latest) if bills else None
        return wanted.astimezone(self._zone).date() if wanted else None


class PausedBookingsForm(Form):
    """What becomes of what is booked within the pause."""

    bookings = forms.ChoiceField(
        label=gettext_lazy("Bookings during the pause"),
        choices=[
            (KEEP, gettext_lazy("Keep the bookings")),
            (CANCEL, gettext_lazy("Cancel the bookings")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
        required=False,
    )


def read_query(request: HttpRequest) -> QueryDict | None:
    """What was asked for in the address; none where nothing was: then the form is shown."""
    return request.GET if {"way", "until"} & request.GET.keys() else None


def next_payments(subscription: Subscription) -> list[datetime]:
    """The payments to come, by which a date is chosen."""
    return list(islice(billing_dates(subscription), NEXT))
