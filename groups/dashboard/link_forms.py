"""The form of a group's invitation link."""

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.dates import end_of_day, last_day
from bookwhen.forms import IdempotentForm
from groups.links.models import InvitationLink
from groups.links.services import LinkTerms

MOST_PEOPLE: Final = 100_000


class LinkForm(IdempotentForm):
    """Up to when a link works, how many may join by it, and whether each is approved."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("The link works until the end of this day. Leave blank for no end."),
    )
    most = forms.IntegerField(
        label=_("Limit of people"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=_("How many can join with this link. Leave blank for no limit."),
    )
    needs_approval = forms.BooleanField(
        label=_("I approve each person"),
        required=False,
        help_text=_("They ask to join. You approve or decline, and we email them."),
    )

    def __init__(self, data: Any = None, *, account: Account, link: InvitationLink | None, now: datetime) -> None:  # noqa: ANN401 - a form's own
        known: dict[str, Any] = {}
        if link is not None:
            known = {"most": link.most, "needs_approval": link.needs_approval}
            known["last_day"] = last_day(link.ends_at, account.zone) if link.ends_at else None
        super().__init__(data, initial=known)
        self.account, self.now = account, now

    def clean_last_day(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["last_day"]
        if day and end_of_day(day, self.account.zone) <= self.now:
            raise forms.ValidationError(gettext("Choose today or a later day"), code="over")
        return day

    def terms(self) -> LinkTerms:
        """What was asked for, of a valid form."""
        given = self.cleaned_data
        ends_at = end_of_day(given["last_day"], self.account.zone) if given["last_day"] else None
        return LinkTerms(ends_at=ends_at, most=given["most"], needs_approval=given["needs_approval"])
