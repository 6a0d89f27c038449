"""Making and stopping a group's invitation link, joining by it, and deciding about those who ask to.

Who joins stands by hand: the studio let them in, by its link. Being in again goes on with the old start date and count,
as with everybody whom it adds (docs/design.md, *Standing*). Rows are held in the order of everything else: the members
first, the link, which all who join wait for, last.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.email_queue import queue_letter
from accounts.history.acting import told_already
from accounts.history.recording import NOTHING, Change, record, record_changes, yes_or_no
from accounts.models import Customer, Deed, LetterKind
from bookwhen.dates import last_day
from bookwhen.db import violated_constraint
from groups import locks
from groups.catalogue import about_group
from groups.links.models import InvitationLink, JoinRequest, JoinState
from groups.links.queries import working_link
from groups.models import Group, Member, Standing
from groups.services import add_known, ensure_member


class LinkClosedError(Exception):
    """Nobody can join by the link any more: it was stopped, its time is over, or its group is put to rest."""


class LinkFullError(LinkClosedError):
    """As many have joined as may."""


class LinkTakenError(Exception):
    """The group has another link that works."""


class TooFewError(Exception):
    """More have joined already than would be allowed: `joined`."""

    def __init__(self, joined: int) -> None:
        super().__init__(joined)
        self.joined = joined


class AlreadyInError(Exception):
    """The customer is in the group already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTerms:
    """How a link lets people in: up to when (none: no end), how many (none: any number), and whether each is asked."""

    ends_at: datetime | None
    most: int | None
    needs_approval: bool


def make_link(group: Group, terms: LinkTerms, *, key: UUID, now: datetime) -> InvitationLink:
    """Make a group's link; the same key again returns what it made. Raises LinkTakenError, GroupArchivedError."""
    try:
        with transaction.atomic():
            locks.lock_group_for_use(group.pk)
            link, is_new = InvitationLink.objects.get_or_create(
                account=group.account, key=key, defaults=_fresh(group, terms, now=now)
            )
            if is_new:
                changes = _changes(group, None, terms)
                record(Deed.LINK_MADE, about_group(group), account=group.account_id, changes=changes)
            return link
    except IntegrityError as error:
        if violated_constraint(error) != "invitation_link_one_works":
            raise
        raise LinkTakenError from error


def change_link(link: InvitationLink, terms: LinkTerms) -> None:
    """Give a link (with its group, account) other terms. Raises TooFewError, LinkClosedError where it was stopped."""
    with transaction.atomic():
        held = InvitationLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        if held.stopped_at:
            raise LinkClosedError
        if terms.most is not None and terms.most < held.joined:
            raise TooFewError(held.joined)
        before = LinkTerms(ends_at=held.ends_at, most=held.most, needs_approval=held.needs_approval)
        InvitationLink.objects.filter(pk=link.pk).update(
            ends_at=terms.ends_at, most=terms.most, needs_approval=terms.needs_approval
        )
        changes = _changes(link.group, before, terms)
        record_changes(Deed.LINK_CHANGED, about_group(link.group), changes, account=link.account_id)


def stop_link(link: InvitationLink, *, now: datetime) -> None:
    """Let nobody join by a link (with its group) from now on; stopped again, nothing happens."""
    with transaction.atomic():
        if InvitationLink.objects.filter(pk=link.pk, stopped_at__isnull=True).update(stopped_at=now):
            record(Deed.LINK_STOPPED, about_group(link.group), account=link.account_id)


def renew_link(group: Group, *, key: UUID, now: datetime) -> InvitationLink:
    """Stop a group's link and make another with the same terms, for as many more; the same key does it once.

    Where its time is over, the new one has no end. Raises LinkClosedError where there is none, GroupArchivedError.
    """
    with transaction.atomic():
        if made := InvitationLink.objects.filter(account=group.account_id, key=key).first():
            return made
        if (link := working_link(group)) is None:
            raise LinkClosedError
        stop_link(link, now=now)
        ends_at = None if link.is_over(now) else link.ends_at
        terms = LinkTerms(ends_at=ends_at, most=link.most, needs_approval=link.needs_approval)
        return make_link(group, terms, key=key, now=now)


def join(link: InvitationLink, customer: Customer, *, now: datetime) -> JoinRequest:
    """Let a customer (proved to be who opened the link) into its group, or ask for it; the same again changes nothing.

    Raises AlreadyInError, LinkFullError, LinkClosedError; the link carries its group and account.
    """
    with transaction.atomic():
        _hold(link.group, customer, now=now)
        before = JoinRequest.objects.filter(link=link, customer=customer).first()
        if before is not None:
            return before
        if is_in(link.group, customer, now=now):
            raise AlreadyInError
        _check_open(link, now=now)
        if link.needs_approval:
            return _note(link, customer, JoinState.WAITING, now=now)
        request = _note(link, customer, JoinState.JOINED, now=now)
        add_known(link.group, [customer], now=now)
        # Whether it still works is asked again, by the statement that takes a place.
        _take_place(link, Q(stopped_at__isnull=True) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now)))
        return request


def accept(request: JoinRequest, *, now: datetime) -> bool:
    """Let somebody in who asked (with link, group, account, customer), and write to them; False where it was decided.

    Raises LinkFullError where as many have joined as may; who is in already stays as they are.
    """
    with transaction.atomic():
        _hold(request.link.group, request.customer, now=now)
        if not _decide(request, JoinState.JOINED, now=now):
            return False
        if not is_in(request.link.group, request.customer, now=now):
            with told_already():
                add_known(request.link.group, [request.customer], now=now)
            # Whether or not the link was stopped since.
            _take_place(request.link, Q())
        _record(Deed.JOIN_ACCEPTED, request)
        _write(LetterKind.JOIN_ACCEPTED, request, now=now)
    return True


def decline(request: JoinRequest, *, now: datetime) -> bool:
    """Don't let somebody in who asked, and write to them; False where it was decided."""
    with transaction.atomic():
        if not _decide(request, JoinState.DECLINED, now=now):
            return False
        _record(Deed.JOIN_DECLINED, request)
        _write(LetterKind.JOIN_DECLINED, request, now=now)
    return True


def is_in(group: Group, customer: Customer, *, now: datetime) -> bool:
    """Whether a customer stands in a group now, on any ground."""
    return Standing.objects.at(now).filter(member__group=group, member__customer=customer).exists()


def _fresh(group: Group, terms: LinkTerms, *, now: datetime) -> dict[str, object]:
    return {
        "group": group,
        "token": secrets.token_urlsafe(32),
        "ends_at": terms.ends_at,
        "most": terms.most,
        "needs_approval": terms.needs_approval,
        "created_at": now,
    }


def _changes(group: Group, before: LinkTerms | None, after: LinkTerms) -> list[Change]:
    def told(terms: LinkTerms | None) -> list[str]:
        if terms is None:
            return ["", "", ""]
        day = date_format(last_day(terms.ends_at, group.account.zone), "j F Y") if terms.ends_at else NOTHING
        return [day, str(terms.most or NOTHING), yes_or_no(terms.needs_approval)]

    names = [_("Last day"), _("Limit of people"), _("Each person is approved")]
    return [Change(*each) for each in zip(names, told(before), told(after), strict=True)]


def _hold(group: Group, customer: Customer, *, now: datetime) -> Member:
    """Hold the customer's member of a group, so that they join one after another; the group stays in use."""
    try:
        locks.lock_group_for_use(group.pk)
    except locks.GroupArchivedError as error:
        raise LinkClosedError from error
    member = ensure_member(group, customer, now=now)
    locks.lock_members([member.pk])
    return member


def _check_open(link: InvitationLink, *, now: datetime) -> None:
    """Refuse where a link does not work (any more), or is full."""
    found = InvitationLink.objects.get(pk=link.pk)
    link.needs_approval = found.needs_approval
    if found.stopped_at or found.is_over(now):
        raise LinkClosedError
    if found.is_full:
        raise LinkFullError


def _take_place(link: InvitationLink, condition: Q) -> None:
    """Count one more who joined, by a link that is as it should be: one conditional statement, and a constraint."""
    works = InvitationLink.objects.filter(condition, pk=link.pk)
    room = Q(most__isnull=True) | Q(joined__lt=F("most"))
    if not works.filter(room).update(joined=F("joined") + 1):
        raise LinkFullError if works.exists() else LinkClosedError


def _note(link: InvitationLink, customer: Customer, state: JoinState, *, now: datetime) -> JoinRequest:
    return JoinRequest.objects.create(
        account_id=link.account_id,
        group=link.group,
        link=link,
        customer=customer,
        state=state,
        asked_at=now,
        decided_at=None if state == JoinState.WAITING else now,
    )


def _decide(request: JoinRequest, state: JoinState, *, now: datetime) -> bool:
    waiting = JoinRequest.objects.filter(account=request.account_id, pk=request.pk, state=JoinState.WAITING)
    return bool(waiting.update(state=state, decided_at=now))


def _record(deed: Deed, request: JoinRequest) -> None:
    group = request.link.group
    record(
        deed, about_customer(request.customer), account=request.account_id, also=[about_group(group)], beside=group.name
    )


def _write(kind: LetterKind, request: JoinRequest, *, now: datetime) -> None:
    group = request.link.group
    account = group.account
    queue_letter(
        kind=kind,
        recipient=request.customer.reached_at,
        template=f"groups/letters/{kind}",
        context={"customer": request.customer, "group": group, "page": account.pages.first()},
        account=account,
        now=now,
    )
