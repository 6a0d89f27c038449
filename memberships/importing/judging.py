"""What would become of each subscription at Stripe: by what it is, whose it is, and what is here already."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.imports.rows import ListedRow, ListRow
from accounts.models import Account, ListImport, Verdict
from bookwhen.email_address import find_fault, fold_email
from groups.models import BY_HAND, Standing
from memberships.importing.targets import NEW, Target, Targets
from memberships.importing.verdicts import VERDICTS, ImportReason
from memberships.models import LIVE, Subscription


@dataclass(slots=True)
class _Here:
    """What is here already, as far as a batch of rows is concerned; people by their folded address."""

    ours: set[str] = field(default_factory=set)
    """Subscriptions that are ours, by Stripe's id."""
    by_hand: set[tuple[str, int]] = field(default_factory=set)
    """Who was added to which group (id) by hand."""
    having: set[tuple[str, str]] = field(default_factory=set)
    """Who has, or would have by an earlier row, which membership (as a target's key)."""
    customers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By which customers at Stripe somebody would come in by earlier rows."""


def judge(list_import: ListImport, rows: Sequence[ListedRow], now: datetime) -> None:
    """Give rows (ascending) their verdicts, each in the light of those before it."""
    targets, account = Targets(list_import), list_import.account
    found = {row.pk: targets.of_items(row.raw["items"]) for row in rows}
    for row in rows:
        row.person = _address(row)
        target = found[row.pk]
        row.target = target.key if target else ""
        row.what = target.price if target else row.what
    here = _look(account, rows, list(filter(None, found.values())), now=now)
    _look_before(list_import, rows, here)
    for row in rows:
        reason = _reason(account, row, found[row.pk], here)
        row.why, row.verdict = reason, VERDICTS[reason]
        if row.verdict in {Verdict.NEW, Verdict.DOUBTFUL} and row.person and row.chosen is not False:
            here.having.add((row.person, row.target))
            here.customers[row.person].add(row.raw["customer"])


def _address(row: ListedRow) -> str:
    """Whose a row is: by the address that the operator typed for it, or Stripe's; nothing where that is none."""
    address = fold_email(row.decided.get("email") or row.raw["email"])
    return "" if find_fault(address) else address


def _reason(account: Account, row: ListedRow, target: Target | None, here: _Here) -> ImportReason:
    """The first thing that matters: what cannot be, then who it is, then what it costs."""
    if row.key in here.ours:
        return ImportReason.OURS
    if (impossible := _impossible(row, target)) is not None:
        return impossible
    if not row.person:
        return ImportReason.NO_ADDRESS
    if (row.person, row.target) in here.having:
        return ImportReason.TWICE
    others = here.customers[row.person] - {row.raw["customer"]}
    if others and "email" not in row.decided:
        return ImportReason.SAME_ADDRESS
    return _billed_oddly(account, row) or _plain(row, target, here)


def _impossible(row: ListedRow, target: Target | None) -> ImportReason | None:
    if not row.raw["items"]:
        return ImportReason.UNREADABLE
    if row.raw["marked"]:
        return ImportReason.MARKED
    if row.raw["status"] not in LIVE:
        return ImportReason.NOT_LIVE
    return ImportReason.NOT_MAPPED if target is None else None


def _billed_oddly(account: Account, row: ListedRow) -> ImportReason | None:
    items = row.raw["items"]
    if any(not item["plain"] for item in items):
        return ImportReason.NO_PLAIN_AMOUNT
    if row.currency != account.currency:
        return ImportReason.CURRENCY
    if len(items) > 1 or items[0]["quantity"] != 1:
        return ImportReason.SEVERAL
    return None


def _plain(row: ListedRow, target: Target | None, here: _Here) -> ImportReason:
    if target is not None and target.group is not None and (row.person, target.group) in here.by_hand:
        return ImportReason.BY_HAND
    return ImportReason.PAUSED if row.raw["paused"] else ImportReason.READY


def _look(account: Account, rows: Sequence[ListedRow], targets: Sequence[Target], *, now: datetime) -> _Here:
    people = {row.person for row in rows if row.person}
    here = _Here()
    ours = Subscription.objects.filter(account=account, stripe_id__in=[row.key for row in rows])
    here.ours = set(ours.values_list("stripe_id", flat=True))
    groups = {target.group for target in targets if target.group is not None}
    standing = Standing.objects.at(now).filter(
        account=account, ground=BY_HAND, member__group__in=groups, member__customer__addresses__email__in=people
    )
    here.by_hand = set(standing.values_list("member__customer__addresses__email", "member__group"))
    memberships = {target.membership: target.key for target in targets if target.membership is not None}
    having = Subscription.objects.live().filter(
        account=account, membership__in=memberships, customer__addresses__email__in=people
    )
    for email, membership in having.values_list("customer__addresses__email", "membership"):
        here.having.add((email, memberships[membership]))
    return here


def _look_before(list_import: ListImport, rows: Sequence[ListedRow], here: _Here) -> None:
    """What earlier rows of the import would bring in for the same people."""
    people = {row.person for row in rows if row.person}
    earlier = list_import.rows.filter(
        number__lt=rows[0].number, person__in=people, verdict__in=[Verdict.NEW, Verdict.DOUBTFUL]
    ).exclude(chosen=False)
    for person, target, customer in earlier.values_list("person", "target", "raw__customer"):
        here.having.add((person, target))
        here.customers[person].add(customer)


def is_new(row: ListRow) -> bool:
    """Whether a row would go to a membership that is not made yet."""
    return row.target.startswith(f"{NEW}:")
