"""Who will get a message and who won't, before it is sent; what became of it for each, afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Max, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.email_quota import left_today, quota_for_many
from accounts.mailings.audiences import Found
from accounts.mailings.reasons import judged
from accounts.models import (
    DeliveryFault,
    LeftOut,
    Letter,
    Mailing,
    MailingKind,
    MailingRecipient,
    RecipientState,
)
from bookwhen.counts import CappedCount

if TYPE_CHECKING:
    from accounts.models import Account

LOOKED_AT: Final = 20_000
"""Of how many of an audience, and of how many emails, a page counts what becomes of them."""


class Outcome(TextChoices):
    """What became of a message for a recipient."""

    SENT = "sent", _("Sent")
    WAITING = "waiting", _("Waiting to go out")
    UNDELIVERED = "undelivered", _("Bounced")
    UNWANTED = "unwanted", _("Unsubscribed before it was sent")
    PENDING = "pending", _("Not written yet")


_BOUNCED: Final = Q(bounced_at__isnull=False) | Q(failed_at__isnull=False) & ~Q(fault=DeliveryFault.UNWANTED)
OUTCOMES: Final[Mapping[Outcome, Q]] = {
    Outcome.SENT: Q(sent_at__isnull=False, bounced_at__isnull=True),
    Outcome.WAITING: Q(sent_at__isnull=True, failed_at__isnull=True),
    Outcome.UNDELIVERED: _BOUNCED,
    Outcome.UNWANTED: Q(failed_at__isnull=False, fault=DeliveryFault.UNWANTED),
}
"""Which emails of a message have which outcome; those that are not written yet have none."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Who would get a message now: of more than `LOOKED_AT` of its audience, of that many."""

    gets: CappedCount
    left_out: Mapping[LeftOut, CappedCount]
    metered: CappedCount
    """How many of those who get it count towards the quota."""
    today: int
    """How many of these may still go out today."""
    a_day: int
    """How many may on any other."""

    @property
    def waits(self) -> bool:
        """Whether some have to wait for another day."""
        return self.metered.counted > self.today

    @property
    def days(self) -> int:
        """In how many days from today the last will have gone out, as far as nothing else counts meanwhile."""
        return days_for(self.metered.counted, today=self.today, a_day=self.a_day)

    @property
    def omitted(self) -> int:
        """How many don't get it."""
        return sum(each.counted for each in self.left_out.values())


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a message so far."""

    counts: Mapping[Outcome, CappedCount]
    left_out: Mapping[LeftOut, CappedCount]
    held_until: datetime | None
    """Until when emails wait because of the quota; none: none does."""
    last_day: date | None
    """The account's day on which the last of these will have gone out, as far as nothing else counts meanwhile."""

    @property
    def is_going_out(self) -> bool:
        """Whether emails of it are waiting."""
        return bool(self.counts[Outcome.WAITING])


def forecast(mailing: Mailing, found: Found, *, now: datetime) -> Forecast:
    """Who of its audience would get a message (with account and connection) now. Two statements."""
    kind = MailingKind(mailing.kind)
    # In no order: any index may find them, so it is one that begins with the account.
    rows = judged(found.customers, kind, among=found.customers).order_by()
    counted = rows.values("pk", "reason", "is_known")[: LOOKED_AT + 1].aggregate(
        all=Count("pk"),
        gets=Count("pk", filter=Q(reason="")),
        metered=Count("pk", filter=Q(reason="", is_known=False)),
        **{each.value: Count("pk", filter=Q(reason=each.value)) for each in LeftOut},
    )
    number = _counter(counted["all"])
    return Forecast(
        gets=number(counted["gets"]),
        left_out={each: number(counted[each.value]) for each in LeftOut if counted[each.value]},
        metered=number(counted["metered"]),
        today=left_today(mailing.account, now=now, are_many=True),
        a_day=quota_for_many(mailing.account, now=now),
    )


def results(mailing: Mailing, *, now: datetime) -> Results:
    """What became of a message (with account and connection) that is being sent, or was. Up to four statements."""
    letters = Letter.objects.filter(account=mailing.account_id, mailing=mailing).order_by("pk")
    held = OUTCOMES[Outcome.WAITING] & Q(is_metered=True, metered_on__isnull=True)
    counted = letters[: LOOKED_AT + 1].aggregate(
        all=Count("pk"),
        held=Count("pk", filter=held),
        until=Max("held_until", filter=held & Q(held_until__gt=now)),
        **{each.value: Count("pk", filter=condition) for each, condition in OUTCOMES.items()},
    )
    rest = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing).exclude(
        state=RecipientState.WRITTEN
    )
    reasons = dict(rest.order_by().values_list("reason").annotate(number=Count("pk")))
    number = _counter(counted["all"])
    counts = {each: number(counted[each.value]) for each in OUTCOMES}
    counts[Outcome.PENDING] = CappedCount(reasons.get("", 0), LOOKED_AT)
    left_out = {each: CappedCount(reasons[each], LOOKED_AT) for each in LeftOut if reasons.get(each)}
    last = _last_day(mailing.account, counted["held"], now=now) if counted["until"] else None
    return Results(counts, left_out, counted["until"], last)


def letters_of(mailing: Mailing, outcome: Outcome) -> QuerySet[Letter]:
    """The emails of a message that had this outcome, in the order in which they were written."""
    found = Letter.objects.filter(OUTCOMES[outcome], account=mailing.account_id, mailing=mailing)
    return found.defer("text", "html", "calendar", "facts")


def left_out_of(mailing: Mailing, reason: LeftOut) -> QuerySet[MailingRecipient]:
    """Those of a message's audience who were left out for this reason."""
    found = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing, reason=reason)
    return found.filter(state=RecipientState.LEFT_OUT).select_related("customer")


def pending_of(mailing: Mailing) -> QuerySet[MailingRecipient]:
    """Those to whom nothing is written yet."""
    found = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing, state=RecipientState.PENDING)
    return found.select_related("customer")


def names_at(mailing: Mailing, emails: "list[str]") -> dict[str, Any]:
    """Which customer got a message at each of these addresses."""
    found = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing, email__in=emails)
    written = found.filter(state=RecipientState.WRITTEN).select_related("customer")
    return {each.email: each.customer for each in written}


def days_for(number: int, *, today: int, a_day: int) -> int:
    """How many more days it takes until so many have gone out."""
    return max(-(-(number - today) // max(a_day, 1)), 0)


def _last_day(account: "Account", number: int, *, now: datetime) -> date:
    today, a_day = left_today(account, now=now, are_many=True), quota_for_many(account, now=now)
    return now.astimezone(account.zone).date() + timedelta(days=days_for(number, today=today, a_day=a_day))


def _counter(looked_at: int) -> Callable[[int], CappedCount]:
    """Makes counts of what was counted among so many: where there are more, each is only known to be at least that."""
    most = LOOKED_AT if looked_at <= LOOKED_AT else None
    return lambda number: CappedCount(number, LOOKED_AT) if most else CappedCount(number + bool(number), number)


def outcome_of(letter: Letter) -> Outcome:
    """What became of one email of a message."""
    if letter.failed_at is not None and letter.fault == DeliveryFault.UNWANTED:
        return Outcome.UNWANTED
    if letter.failed_at is not None or letter.bounced_at is not None:
        return Outcome.UNDELIVERED
    return Outcome.WAITING if letter.sent_at is None else Outcome.SENT
