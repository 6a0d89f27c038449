"""Which of the history a colleague asks for: whose deeds, to what, and up to which day."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.dashboard.query import as_id
from accounts.history.reading import lines_of, things_seen
from accounts.models import Account, AuditEntry, Role
from bookwhen.forms import Form

MOST_TOLD_APART: Final = 200
"""Of how many colleagues each is a choice of the filter."""


class HistoryFilterForm(Form):
    """Whose deeds, to what kind of thing, and up to which day of the account’s time zone (included)."""

    conditional = frozenset({"who", "kind", "until"})

    who = forms.ChoiceField(label=gettext_lazy("Team member"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    until = forms.DateField(label=gettext_lazy("Up to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, account: Account, role: Role) -> None:
        super().__init__(data)
        asked = data.get("who", "")
        self.field_as("who", forms.ChoiceField).choices = [("", _("Everyone")), *_colleagues(account, asked)]
        kinds = [(thing.value, thing.label) for thing in things_seen(role)]
        self.field_as("kind", forms.ChoiceField).choices = [("", _("Everything")), *kinds]

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked for."""
        return any(self[name].value() for name in self.fields)


def filtered_lines(account: Account, role: Role, given: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """What a filter (what the form made of it) asks for of what a role may see; what it cannot read is passed over."""
    found = lines_of(account, role)
    if who := given.get("who"):
        found = found.filter(actor=int(who))
    if kind := given.get("kind"):
        found = found.filter(kind=kind)
    if until := given.get("until"):
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, account.zone))
    return found


def _colleagues(account: Account, asked: str) -> list[tuple[str, str]]:
    """The team by address, as on its own page; and who of those who left it is asked for, as they were called."""
    rows = account.staff.order_by("user__email").values_list("user", "user__email")[:MOST_TOLD_APART]
    found = [(str(user), email) for user, email in rows]
    if asked not in dict(found) and (key := as_id(asked)):
        left = AuditEntry.objects.filter(account=account, actor=key).order_by("-at", "-pk")
        found += [(asked, name) for name in left.values_list("actor_name", flat=True)[:1]]
    return found
