"""How to get in, written at any time, again, to customers who have not logged in yet.

Not to who has, whose emails bounce or are unwanted, nor to who was written to within the last day: nobody gets it
twice, even where two ask at one instant (`accounts.inviting`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.email_blocks import blocked_addresses
from accounts.email_quota import FEW, left_today
from accounts.email_text import LetterText
from accounts.email_writing import render_letter
from accounts.history.recording import record
from accounts.inviting import AGAIN_AFTER, claim_invitations
from accounts.models import Account, BlockReason, Customer, Deed, EmailBlock
from bookwhen.counts import MOST, CappedCount
from groups.models import Member
from tickets.joining import HOW_TO_GET_IN, context_of, send_how_to_get_in

NAMED: Final = 10
"""How many of those who get none are named one by one."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who gets no letter, and why, in words for the operator."""

    customer: Customer
    why: str


@dataclass(frozen=True, slots=True)
class InvitePreview:
    """Who of some customers gets the letter, who does not and why; of more than `MOST` the first are looked at."""

    gets: CappedCount
    skipped: Sequence[Skipped]
    letter: LetterText
    today: int
    """How many letters of this kind the account may still send today."""
    looked_at: CappedCount = field(default=CappedCount(0))

    @property
    def named(self) -> Sequence[Skipped]:
        """The first of those who get none."""
        return self.skipped[:NAMED]

    @property
    def more(self) -> int:
        """How many more get none."""
        return max(len(self.skipped) - NAMED, 0)

    @property
    def is_over_quota(self) -> bool:
        """Whether some may have to wait for another day."""
        return self.gets.counted > self.today


def invite(account: Account, customers: Iterable[Customer], *, now: datetime) -> set[int]:
    """Write to those of some customers who may be written to: who they are (ids). Safe to repeat."""
    customers = list(customers)
    with transaction.atomic():
        blocked = blocked_addresses(account, (each.reached_at for each in customers))
        wanted = [each.pk for each in customers if each.reached_at not in blocked]
        claimed = claim_invitations(account, wanted, now=now)
        send_how_to_get_in(account, [each for each in customers if each.pk in claimed], now=now)
    return claimed


def invite_customer(customer: Customer, *, now: datetime) -> bool:
    """Write to one customer (with account), for the history too: whether they may be written to."""
    with transaction.atomic():
        written = bool(invite(customer.account, [customer], now=now))
        if written:
            record(Deed.CUSTOMER_INVITED, about_customer(customer), account=customer.account_id)
    return written


def preview_members(account: Account, members: QuerySet[Member], *, now: datetime) -> InvitePreview:
    """What `invite` would do with members. In a fixed number of statements, however many they are."""
    return preview_customers(account, [each.customer for each in members[: MOST + 1]], now=now)


def preview_customers(account: Account, customers: Sequence[Customer], *, now: datetime) -> InvitePreview:
    """What `invite` would do with these customers."""
    reasons = _blocks(account, customers)
    found = [Skipped(each, _why_not(each, reasons, now=now)) for each in customers]
    skipped = [each for each in found if each.why]
    return InvitePreview(
        gets=CappedCount(len(customers) - len(skipped)),
        skipped=skipped,
        letter=render_letter(HOW_TO_GET_IN, {"account": account, **context_of(account)}, language=account.language),
        today=left_today(account, now=now, are_many=len(customers) - len(skipped) > FEW),
        looked_at=CappedCount(len(customers)),
    )


def _blocks(account: Account, customers: Iterable[Customer]) -> dict[str, str]:
    """The worst reason for which nothing is written to an address."""
    found = EmailBlock.objects.filter(account=account, email__in=[each.reached_at for each in customers])
    return {each.email: str(BlockReason(each.reason).label) for each in found.order_by("-created_at", "-pk")}


def _why_not(customer: Customer, reasons: dict[str, str], *, now: datetime) -> str:
    if customer.seen_at:
        return _("Has logged in")
    if reason := reasons.get(customer.reached_at):
        return reason
    if customer.invited_at and customer.invited_at > now - AGAIN_AFTER:
        return _("Emailed within the last day")
    return ""
