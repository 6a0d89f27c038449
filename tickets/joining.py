"""People join a group by hand: they are added, and told how to get in; a list of many is a long job.

A list of up to `AT_ONCE` addresses is added in the request that brings it. A longer one is kept in parts, which workers
add one after another: each in one transaction with what became of it, so that a part is added once, however often a
worker is killed. What was added is not kept; what named nobody is, for a while, so that it can be corrected.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.customers import about_customer
from accounts.email_queue import Envelope, queue_letters
from accounts.history.acting import told_already
from accounts.history.recording import concern, count, line_of, record
from accounts.inviting import note_invited
from accounts.models import Account, Customer, Deed, LetterKind, Operation
from accounts.models.operations import WORKED_OFF
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import about_operation, start_operation
from bookwhen.jobs.run import divide
from groups.catalogue import about_group
from groups.models import Group, PastedList, PastedPart
from groups.pasted.parts import parts_of
from groups.pasted.reading import read_addresses
from groups.pasted.words import WHY
from groups.services import AddResult, add_customers, add_known
from tickets.queries import customers_who_booked

AT_ONCE: Final = 1000
"""How many addresses are added at once: in a second or two."""
LONG: Final = 500_000
"""A text of more characters is a long job too, no matter what it says."""
PART: Final = 50_000
"""How many characters a part has at most: about a thousand addresses with names."""
ADD: Final = "add"
HOW_TO_GET_IN: Final = "groups/letters/added"
"""The template of the letter."""
KEPT: Final = timedelta(days=30)
"""How long what could not be read is kept."""


def add_and_tell(
    group: Group, names: Mapping[str, str], *, tell: bool, now: datetime, until: datetime | None = None
) -> AddResult:
    """Let customers into a group by hand (names by folded address), perhaps `until` then; `tell` writes to who is new.

    In one transaction. The letter is the same for everybody: it must not show who has a login already (docs/design.md,
    *Who sees what*).
    """
    with transaction.atomic():
        added = add_customers(group, names, now=now, until=until)
        if tell:
            _tell(group, added.new, now=now)
    return added


def add_known_and_tell(
    group: Group, customers: Sequence[Customer], *, tell: bool, now: datetime, until: datetime | None = None
) -> AddResult:
    """The same for customers of its account, who need no address of their own."""
    with transaction.atomic():
        added = add_known(group, customers, now=now, until=until)
        if tell:
            _tell(group, added.new, now=now)
    return added


def is_long(text: str) -> bool:
    """Whether a pasted text is a long job."""
    return len(text) > LONG or text.count("@") > AT_ONCE


def begin_pasted(
    group: Group, text: str, *, tell: bool, who: str, key: UUID, now: datetime, until: datetime | None = None
) -> Operation:
    """Keep a long text and let workers add it to a group; the same key again returns the job that it began."""
    with transaction.atomic():
        operation, is_new = start_operation(group.account, PASTED.name, phase=ADD, who=who, key=key, now=now)
        if is_new:
            kept = PastedList.objects.create(
                account=group.account, group=group, operation=operation, tell=tell, until=until, created_at=now
            )
            PastedPart.objects.bulk_create(_parts(kept, text), batch_size=20)
            lines = count(_("Lines"), text.count("\n") + 1)
            also = [about_operation(operation)]
            record(Deed.LIST_ADDED, about_group(group), account=group.account, also=also, changes=[lines])
    return operation


def old_lists(*, now: datetime) -> QuerySet[PastedList]:
    """The lists of which what could not be read may go."""
    old = PastedList.objects.filter(forgotten_at=None, operation__changed_at__lt=now - KEPT)
    return old.exclude(operation__state__in=WORKED_OFF)


def forget_list(pk: int, *, now: datetime) -> None:
    """Forget all texts of a list. Safe to repeat."""
    with transaction.atomic():
        PastedPart.objects.filter(pasted_list=pk).update(text="", left_over=[])
        PastedList.objects.filter(pk=pk).update(forgotten_at=now)


def _parts(kept: PastedList, text: str) -> Iterator[PastedPart]:
    for number, part in enumerate(parts_of(text, PART)):
        yield PastedPart(account=kept.account, pasted_list=kept, number=number, text=part, rows=part.count("\n") + 1)


def _add_part(operation: Operation, now: datetime) -> Step:
    """Add the next part of a list; where its group was archived meanwhile, no more."""
    kept = PastedList.objects.select_related("group__account").get(account=operation.account_id, operation=operation)
    parts = PastedPart.objects.filter(account=operation.account_id, pasted_list=kept)
    total = parts.aggregate(rows=Sum("rows", default=0))["rows"]
    done = parts.filter(done_at__isnull=False).aggregate(rows=Sum("rows", default=0))["rows"]
    part = parts.filter(done_at__isnull=True).order_by("number").first()
    if part is None or kept.group.archived_at:
        return Step(None, done, total)
    _add(kept, part, now=now)
    return Step({"part": part.number}, done + part.rows, total)


def _add(kept: PastedList, part: PastedPart, *, now: datetime) -> None:
    pasted = read_addresses(part.text, most=len(part.text))
    part.left_over = [[piece, str(WHY[fault])] for piece, fault in pasted.unreadable]
    part.repeated = pasted.repeated
    line = line_of(kept.account_id, kept.operation_id)

    def add(names: Sequence[tuple[str, str]]) -> None:
        with told_already():
            added = add_and_tell(kept.group, dict(names), tell=kept.tell, now=now, until=kept.until)
        concern(line, [about_customer(customer) for customer in added.new])
        part.new, part.already = part.new + len(added.new), part.already + added.already

    def leave_out(name: tuple[str, str], _error: Exception) -> None:
        part.left_over.append([name[0], str(_("couldn’t be added"))])

    names = list(pasted.names.items())
    try:
        with transaction.atomic():
            add(names)
            _note_done(part, now=now)
    except Exception:  # noqa: BLE001 - one of them is odd: the others are added all the same
        part.new = part.already = 0
        divide(names, add, leave_out, is_over=lambda: False)
        _note_done(part, now=now)


def _note_done(part: PastedPart, *, now: datetime) -> None:
    """Keep what became of a part, and not what it said."""
    part.text, part.done_at = "", now
    part.save(update_fields=["text", "new", "already", "repeated", "left_over", "done_at"])


PASTED: Final = Kind(
    "pasted",
    gettext_lazy("Add a list of customers"),
    "pasted_list",
    {ADD: Phase(gettext_lazy("Adding customers"), _add_part)},
)


def context_of(account: Account) -> dict[str, object]:
    """What the letter says: the same to everybody."""
    return {"page": account.pages.first()}


def send_how_to_get_in(
    account: Account, customers: Sequence[Customer], *, now: datetime, dedupe: str | None = None
) -> None:
    """Write to customers how to get in; with `dedupe` (formatted with their `customer`) once for each that it makes."""
    # One context for all who have an address: it is the same letter, and is rendered once.
    context = context_of(account)
    booked = customers_who_booked(account, customers)
    envelopes = (
        Envelope(
            customer.reached_at,
            context | {"for_whom": customer.name} if customer.contact_id else context,
            dedupe=dedupe and dedupe.format(customer=customer.pk),
            has_booked=customer.pk in booked,
        )
        for customer in customers
    )
    queue_letters(envelopes, kind=LetterKind.ADDED, template=HOW_TO_GET_IN, account=account, now=now)


def _tell(group: Group, customers: Sequence[Customer], *, now: datetime) -> None:
    today = now.astimezone(group.account.zone).date()
    # Somebody added, removed and added again on one day is told once.
    send_how_to_get_in(group.account, customers, now=now, dedupe=f"added:{group.pk}:{{customer}}:{today}")
    new = Customer.objects.filter(account=group.account, pk__in=[customer.pk for customer in customers])
    note_invited(new, now=now)
