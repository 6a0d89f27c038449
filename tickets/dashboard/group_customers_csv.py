"""*Export* of a group’s customers: a file for a spreadsheet, sent at once; one of many rows is written by a worker."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeAlias
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.exports import KEPT, WRITE, begin_file, write_part
from accounts.models import ExportFile, Operation
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import OperationOpenError
from bookwhen.forms import IdempotentForm
from bookwhen.keyset import rows_after
from groups.dashboard.chosen import ChosenMembers, chosen_members
from groups.dashboard.fetch import fetch_group
from groups.dashboard.members import MemberRow, member_rows, with_logins
from groups.models import Group, Member
from groups.queries import NEWEST_MEMBERS
from offers.messages import offer_title
from offers.models import Offer
from offers.queries import offers_of
from tickets.dashboard.csv_export import Cell, CsvFormat, csv_format, csv_lines, csv_response

AT_ONCE: Final = 2000
"""How many customers are sent at once: in two or three seconds."""
PART: Final = 500
"""How many are read at a time, and are in a part of a file that a worker writes."""
Place: TypeAlias = list[Any]
"""Until when a member stands (ISO), and their number."""


@operator_view(MANAGE_CUSTOMERS)
def group_customers_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """Who is in the group, why, since and until when, and what they have used of each offer.

    Where they are many, the operator is asked first, and a worker writes it.
    """
    group, now = fetch_group(request, pk), timezone.now()
    chosen = chosen_members(group, request.GET)
    if not chosen.ids:
        chosen = ChosenMembers(group, is_all=True, words=chosen.words, ids=(), unseen=chosen.unseen)
    if request.method == "POST":
        return _begin(request, chosen, now=now)
    found = chosen.found(now=now)
    if found.order_by(*NEWEST_MEMBERS).values_list("pk", flat=True)[: AT_ONCE + 1].count() > AT_ONCE:
        context = {"section": "groups", "group": group, "form": IdempotentForm(auto_id=False), "days": KEPT.days}
        return render(request, "groups/dashboard/customers_csv.html", context)
    offers = _offers(group)
    return csv_response(request.account, _name(group), _head(offers), _all(group, found, offers, now=now))


def _begin(request: OperatorRequest, chosen: ChosenMembers, *, now: datetime) -> HttpResponse:
    """Let a worker write the file, and show how far it is; sent twice, it is written once."""
    account, sent = request.account, IdempotentForm(request.POST)
    key = sent.cleaned_data["key"] if sent.is_valid() else uuid4()
    written = csv_format(account)
    asked = {
        "group": chosen.group.pk,
        "q": chosen.words,
        "unseen": chosen.unseen,
        "language": get_language(),
        "separator": written.separator,
        "decimal": written.decimal,
        "zone": account.time_zone,
        "at": now.isoformat(),
    }
    name = _name(chosen.group)
    try:
        begun = begin_file(account, MEMBERS.name, name=name, asked=asked, who=request.user.email, key=key, now=now)
    except OperationOpenError:
        messages.info(request, _("This file is being made already. Download or cancel it, then ask for another one."))
        begun = Operation.objects.filter(account=account, lane=MEMBERS.name).latest("pk")
    return redirect("dashboard:operation", account=account.slug, pk=begun.pk)


def _write(operation: Operation, _now: datetime) -> Step:
    """Write the next part of the file, the same as it would be sent at once."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    asked, account, cursor = file.asked, operation.account, operation.cursor
    group = Group.objects.filter(account=account, pk=asked["group"]).first()
    if file.forgotten_at or group is None:
        return Step(None, 0)
    # Whatever is changed in the settings meanwhile: a file is of one form from its first line to its last.
    account.time_zone, group.account = asked["zone"], account
    now = datetime.fromisoformat(asked["at"])
    unseen = asked.get("unseen", False)
    found = ChosenMembers(group, is_all=True, words=asked["q"], ids=(), unseen=unseen).found(now=now)
    with override(asked["language"]):
        total = operation.total if cursor else found.order_by().count()
        members, offers = _after(found, cursor.get("after")), _offers(group)
        rows = _rows(group, members, offers, now=now)
        number = cursor.get("part", 0)
        lines = csv_lines(CsvFormat(asked["separator"], asked["decimal"]), _head(offers), rows)
        data = "".join(islice(lines, 1 if number else 0, None)).encode()
    if data:
        write_part(file, operation, number=number, data=data)
    done = cursor.get("done", 0) + len(members)
    if len(members) < PART:
        return Step(None, done, done)
    return Step({"part": number + 1, "done": done, "after": _place(members[-1])}, done, total)


MEMBERS: Final = Kind(
    "members_csv",
    gettext_lazy("Make a file of a group’s customers"),
    "operation",
    {WRITE: Phase(gettext_lazy("Writing customers"), _write)},
)


def _all(group: Group, found: QuerySet[Member], offers: Sequence[Offer], *, now: datetime) -> Iterator[Sequence[Cell]]:
    """Everyone, some at a time."""
    some = _after(found, None)
    yield from _rows(group, some, offers, now=now)
    while len(some) == PART:
        some = _after(found, _place(some[-1]))
        yield from _rows(group, some, offers, now=now)


def _after(found: QuerySet[Member], place: Place | None) -> list[Any]:
    """The next members after a place in the order of the list."""
    position = place and [datetime.fromisoformat(place[0]), place[1]]
    return list(rows_after(with_logins(found), NEWEST_MEMBERS, position).prefetch_related("standings")[:PART])


def _place(member: Member) -> Place:
    assert member.stands_until is not None  # noqa: S101 - they stand
    return [member.stands_until.isoformat(), member.pk]


def _offers(group: Group) -> list[Offer]:
    return list(offers_of(group))


def _name(group: Group) -> str:
    return f"customers-{group.account.slug}-{group.pk}.csv"


def _head(offers: Sequence[Offer]) -> list[str]:
    of_offers = [
        words % {"offer": offer_title(offer, number)}
        for number, offer in enumerate(offers, start=1)
        if offer.enabled
        for words in (_("%(offer)s: used"), _("%(offer)s: left"), _("%(offer)s: resets on"))
    ]
    return [
        _("Name"),
        _("Email address"),
        _("In the group since"),
        _("In the group until"),
        _("Added manually"),
        _("Memberships"),
        _("Start date"),
        _("Has logged in"),
        *of_offers,
    ]


def _rows(group: Group, members: Iterable[Any], offers: Sequence[Offer], *, now: datetime) -> Iterator[Sequence[Cell]]:
    zone = group.account.zone
    for row in member_rows(group, members, offers, now=now):
        customer = row.member.customer
        yield [
            customer.name,
            customer.email,
            f"{row.since.astimezone(zone):%Y-%m-%d}",
            f"{row.until.astimezone(zone):%Y-%m-%d %H:%M}" if row.until else "",
            _yes_or_no(row.by_hand),
            "; ".join(f"{each.subscription.membership.title} ({each.state.label})" for each in row.held),
            f"{row.ruling.anchor:%Y-%m-%d}",
            _yes_or_no(row.member.has_login),
            *_uses(row),
        ]


def _uses(row: MemberRow) -> Iterator[Cell]:
    for use in row.uses:
        yield str(use.used)
        yield _("unlimited") if use.left is None else str(use.left)
        yield "" if use.left is None or use.period.is_last or not use.period.ends_on else f"{use.period.ends_on}"


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - it is all there is to say
    return _("yes") if value else _("no")
