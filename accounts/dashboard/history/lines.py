"""The lines of the history as pages and files tell them: a sentence each, and what was before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.dashboard.history.filtering import BY_LINE
from accounts.history.reading import deleted_of
from accounts.models import Account, AuditEntry, Thing

PAGES: Final = {
    Thing.BOOKING: "booking",
    Thing.CUSTOMER: "customer",
    Thing.ENTRY: "entry",
    Thing.GROUP: "group",
    Thing.MEMBERSHIP: "membership",
    Thing.MESSAGE: "message",
    Thing.OPERATION: "operation",
    Thing.PAGE: "page_edit",
    Thing.PAYMENT: "payment",
    Thing.STAFF: "staff_edit",
    Thing.SUBSCRIPTION: "subscription",
}
"""Where something of a kind is, by the number it has."""
ONLY_ONE: Final = {Thing.ACCOUNT: "settings", Thing.EMAIL_ADDRESS: "emails", Thing.STRIPE: "payments_health"}
"""Where something is of which an account has one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its sentence with links, and each change as which, before and after."""

    line: AuditEntry
    sentence: SafeString
    changes: Sequence[Sequence[str]]


def rows_of(account: Account, lines: Sequence[AuditEntry]) -> list[Row]:
    """Lines as pages show them. One statement: what was deleted has no link."""
    gone = deleted_of(account, lines)
    return [_row(account, line, is_gone=(line.kind, line.object_id) in gone) for line in lines]


def sentence_of(line: AuditEntry) -> str:
    """A line as plain text."""
    return _words(line).format(who=_who(line), what=line.label, beside=line.beside)


def changes_text(line: AuditEntry) -> str:
    """What changed, as plain text."""
    told = [f"{what}: {before} → {after}" if before else f"{what}: {after}" for what, before, after in line.changes]
    return "; ".join(told)


def url_of(account: Account, line: AuditEntry) -> str:
    """Where that is which a line is about; its own history where it has no page of its own."""
    thing = line.thing
    if thing in ONLY_ONE:
        return reverse(f"dashboard:{ONLY_ONE[thing]}", kwargs={"account": account.slug})
    if thing in PAGES:
        return reverse(f"dashboard:{PAGES[thing]}", kwargs={"account": account.slug, "pk": line.object_id})
    if thing is None:
        return ""
    names = {"account": account.slug, "kind": thing.value, "object": line.object_id}
    return reverse("dashboard:history_of", kwargs=names)


def _row(account: Account, line: AuditEntry, *, is_gone: bool) -> Row:
    address = "" if is_gone else url_of(account, line)
    what = format_html("<bdi>{}</bdi>", line.label)
    if address:
        what = format_html('<a href="{}">{}</a>', address, what)
    who = format_html("<bdi>{}</bdi>", _who(line))
    if line.actor_id:
        whose = reverse("dashboard:history", kwargs={"account": account.slug})
        who = format_html('<a href="{}?who={}{}">{}</a>', whose, BY_LINE, line.pk, who)
    beside = format_html("<bdi>{}</bdi>", line.beside)
    return Row(line, format_html(_words(line), who=who, what=what, beside=beside), line.changes)


def _words(line: AuditEntry) -> str:
    """The sentence; of a deed that only a newer release knows, as much as this one can say."""
    return str(line.deed.label) if line.deed else _("{who} changed “{what}”")


def _who(line: AuditEntry) -> str:
    return line.actor_name or _("A former team member")
