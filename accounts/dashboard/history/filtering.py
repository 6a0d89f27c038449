"""Which of the history a colleague asks for: whose deeds, to what, and up to which day."""

from collections.abc import Mapping
from dataclasses import dataclass
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
BY_LINE: Final = "line-"
"""How the value begins that asks for the one who did what a line (its number) tells."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whose deeds can be asked for: by which value, whose login (id) that is, and what they are called."""

    value: str
    user: int
    name: str


class HistoryFilterForm(Form):
    """Whose deeds, to what kind of thing, and up to which day of the account’s time zone (included)."""

    conditional = frozenset({"who", "kind", "until"})

    who = forms.ChoiceField(label=gettext_lazy("Team member"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    until = forms.DateField(label=gettext_lazy("Up to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, account: Account, role: Role) -> None:
        super().__init__(data)
        self.people = _colleagues(account, data.get("who", ""))
        named = [(person.value, person.name) for person in self.people]
        self.field_as("who", forms.ChoiceField).choices = [("", _("Everyone")), *named]
        kinds = [(thing.value, thing.label) for thing in things_seen(role)]
        self.field_as("kind", forms.ChoiceField).choices = [("", _("Everything")), *kinds]

    def clean_who(self) -> int | None:
        """Whose login was chosen (id), if any was."""
        return next((person.user for person in self.people if person.value == self.cleaned_data["who"]), None)

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked for."""
        return any(self[name].value() for name in self.fields)


def filtered_lines(account: Account, role: Role, given: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """What a filter (what the form made of it) asks for of what a role may see; what it cannot read is passed over."""
    found = lines_of(account, role)
    if who := given.get("who"):
        found = found.filter(actor=who)
    if kind := given.get("kind"):
        found = found.filter(kind=kind)
    if until := given.get("until"):
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, account.zone))
    return found


def _colleagues(account: Account, asked: str) -> list[Colleague]:
    """The team by address, as on its own page; and who of those who left it is asked for, as they were called.

    They are told apart by their place on the team, or by a line that is theirs: a login’s own number would say how old
    it is, and so whether an address that somebody adds has one already.
    """
    rows = account.staff.order_by("user__email").values_list("pk", "user", "user__email")[:MOST_TOLD_APART]
    found = [Colleague(str(pk), user, email) for pk, user, email in rows]
    key = as_id(asked.removeprefix(BY_LINE)) if asked.startswith(BY_LINE) else 0
    theirs = AuditEntry.objects.filter(account=account, pk=key, actor__isnull=False)
    for user, name in theirs.values_list("actor", "actor_name") if key else ():
        known = next((each.name for each in found if each.user == user), name)
        found = [*(each for each in found if each.user != user), Colleague(asked, user, known)]
    return found
