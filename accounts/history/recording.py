"""Recording what was done: called by services in the transaction that does it, so that history and deed are one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from accounts.history.acting import current_actor
from accounts.models import Account, AuditEntry, AuditObject, Deed, Thing
from accounts.models.history import LABEL_LENGTH, NAME_LENGTH

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST: Final = 500
"""Characters of a text that are kept of how it was before, and after."""
NOTHING: Final = "–"
TOLD_AS_A_WHOLE: Final = (
    Deed.LIST_ADDED,
    Deed.IMPORT_CONFIRMED,
    Deed.MEMBERS_REMOVED,
    Deed.MEMBERS_START_CHANGED,
    Deed.MEMBERS_COPIED,
    Deed.MEMBERS_END_CHANGED,
    Deed.MEMBERS_UNDONE,
    Deed.MEMBERS_INVITED,
)
"""Deeds that workers go on with for many customers: one line tells all of it."""
_CONCERN: Final = """
    INSERT INTO accounts_auditobject (account_id, entry_id, kind, object_id)
    SELECT %s::bigint, %s::bigint, kind, key FROM unnest(%s::text[], %s::bigint[]) AS concerned(kind, key)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class About:
    """Something in an account: its kind, its number, and what it is called now."""

    thing: Thing
    pk: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What of something changed, and how it was before and is now, for people."""

    what: "StrOrPromise"
    before: str = ""
    after: str = ""

    @property
    def says_something(self) -> bool:
        """Whether it is another than before; of something new, whether it is anything at all."""
        return self.before != self.after and (self.before, self.after) != ("", NOTHING)


def is_recorded() -> bool:
    """Whether what is done now is recorded: for who would have to read something just to tell it."""
    return current_actor() is not None


def record(
    deed: Deed,
    about: About,
    *,
    account: Account | int,
    also: Iterable[About] = (),
    changes: Iterable[Change] = (),
    beside: str = "",
) -> AuditEntry | None:
    """Write a line of the history, where somebody of the team acts; None where nobody does.

    It is shown on the pages of what it is about, and of all that it `also` concerns.
    """
    actor = current_actor()
    if actor is None:
        return None
    key = account.pk if isinstance(account, Account) else account
    with transaction.atomic(savepoint=False):
        made = AuditEntry.objects.create(
            account_id=key,
            at=actor.at,
            actor=actor.user,
            actor_name=actor.name[:NAME_LENGTH],
            action=deed,
            seen_by=about.thing.seen_by,
            kind=about.thing,
            object_id=about.pk,
            label=_short(about.label, LABEL_LENGTH),
            beside=_short(beside, LABEL_LENGTH),
            changes=[
                [str(each.what), _short(each.before, LONGEST), _short(each.after, LONGEST)]
                for each in changes
                if each.says_something
            ],
        )
        concern(made, [about, *also])
    return made


def record_changes(
    deed: Deed,
    about: About,
    changes: Iterable[Change],
    *,
    account: Account | int,
    also: Iterable[About] = (),
    beside: str = "",
) -> None:
    """The same where there may be nothing to tell: a form that was saved as it was changes nothing."""
    differing = [each for each in changes if each.says_something]
    if differing:
        record(deed, about, account=account, also=also, changes=differing, beside=beside)


def concern(entry: AuditEntry | None, things: Iterable[About]) -> None:
    """Show a line of the history on the pages of these things too; nothing without one. Safe to repeat."""
    if entry is None:
        return
    concerned = list(dict.fromkeys((str(each.thing), each.pk) for each in things))
    kinds, keys = [kind for kind, _key in concerned], [key for _kind, key in concerned]
    if not concerned:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CONCERN, [entry.account_id, entry.pk, kinds, keys])


def line_of(account: int, operation: int) -> AuditEntry | None:
    """The line that tells of a long job (ids) as a whole: workers add to it whom the job has come to concern."""
    about = AuditObject.objects.filter(
        account=account, kind=Thing.OPERATION, object_id=operation, entry__action__in=TOLD_AS_A_WHOLE
    )
    found = about.select_related("entry").order_by("-entry").first()
    return found.entry if found else None


def said(row: models.Model, name: str) -> str:
    """A field of a row as people read it."""
    value: Any = getattr(row, name)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return yes_or_no(value)
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value)


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - it is all there is to say
    """A switch as people read it."""
    return _("yes") if value else _("no")


def model_changes(before: models.Model, after: models.Model, labels: "Mapping[str, StrOrPromise]") -> list[Change]:
    """How the fields of a row differ from how they were, each by what people call it."""
    return [Change(label, said(before, name), said(after, name)) for name, label in labels.items()]


def count(what: "StrOrPromise", number: int) -> Change:
    """How many of something a deed was about."""
    return Change(what, "", str(number))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
