"""Customer groups and the grounds on which customers stand in them."""

import uuid
from datetime import UTC, datetime
from typing import ClassVar, Final, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, Operation
from bookwhen.db import HALF_OPEN, NOTE_LENGTH, InstantRange, TextCheck
from bookwhen.search import PENDING, FoundText
from groups.links.models import InvitationLink, JoinRequest, JoinState

__all__ = [
    "BY_HAND",
    "NO_END",
    "Group",
    "InvitationLink",
    "JoinRequest",
    "JoinState",
    "Member",
    "MemberChange",
    "MemberChangeKind",
    "MemberChangeRow",
    "PastedList",
    "PastedPart",
    "Standing",
    "StandingQuerySet",
    "StandingSource",
]

BY_HAND: Final = uuid.UUID(int=0)
"""The ground of everyone whom the operator added: one for all, so that there is at most one open at a time."""

NO_END: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a member stands whose standing has no end: it sorts after every end."""


class StandingSource(models.TextChoices):
    """Where somebody's membership of a group comes from."""

    MANUAL = "manual", _("Added manually")
    MEMBERSHIP = "membership", _("Membership")


class GroupQuerySet(models.QuerySet["Group"]):
    """Readings of groups."""

    def in_use(self) -> Self:
        """The groups that aren't archived."""
        return self.filter(archived_at__isnull=True)


class Group(models.Model):
    """A customer group: customers who may have its offers."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="groups", db_index=False)
    name = models.CharField(_("group name"), max_length=200)
    description = models.TextField(_("group description"), max_length=NOTE_LENGTH, blank=True)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this group."""
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    """When it was put to rest; its offers rest with it, its history and bookings stand."""

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="group_key_once"),
            TextCheck(name="group_text", one_line=["name"], longest={"description": NOTE_LENGTH}),
        ]
        indexes: ClassVar = [
            models.Index("account", Lower("name"), "id", name="group_by_name"),
            GinIndex(
                "account",
                OpClass(FoundText("name"), name="gin_trgm_ops"),
                name="group_found",
                gin_pending_list_limit=PENDING,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A customer who is, or once was, in a group; whether they stand in it is told by their standings."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="members", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="group_members")
    created_at = models.DateTimeField()
    stands_until = models.DateTimeField(null=True, editable=False)
    """The latest end of their standings, `NO_END` where one has none; None where they never stood.

    Kept by the database (triggers on standings, migration 0006), so that who is in a group is found and counted without
    a look at those who were; `check_books` proves it.
    """
    seen_at = models.DateTimeField(null=True, editable=False)
    """When their customer's login first opened a page of the account (`Customer.seen_at`); none: not yet.

    Kept by the database too (triggers, migration 0016), so that those of a group who haven't logged in yet are found
    without a look at the others.
    """

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "customer"], name="member_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "group", "-stands_until", "-id"], name="member_present"),
            models.Index(
                fields=["account", "group", "-stands_until", "-id"],
                condition=models.Q(seen_at__isnull=True),
                name="member_unseen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} in {self.group}"


class StandingQuerySet(models.QuerySet["Standing"]):
    """Readings of standings."""

    def at(self, instant: datetime | models.OuterRef) -> Self:
        """The standings that hold at an aware instant, or at an outer query's: `[since, until)`."""
        return self.filter(since__lte=instant).not_ended(instant)

    def on_ground(self, ground: uuid.UUID) -> Self:
        """The standings on the ground of a subscription (its uuid), ended or not.

        As text, of which there is an index: to an index of uuids PostgreSQL prefers that of `standing_one_open`, which
        begins with the member, and walks it from end to end.
        """
        written = self.alias(written_ground=Cast("ground", models.TextField()))
        return written.filter(written_ground=str(ground), source=StandingSource.MEMBERSHIP)

    def not_ended(self, instant: datetime | models.OuterRef) -> Self:
        """The standings that hold or begin after an aware instant, or an outer query's."""
        return self.filter(models.Q(until__isnull=True) | models.Q(until__gt=instant))


class Standing(models.Model):
    """One ground on which a member stands in the group, from `since` up to but not including `until`."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="standings")
    source = models.CharField(max_length=20, choices=StandingSource)
    ground = models.UUIDField()
    """`BY_HAND`, or the uuid of the subscription that pays for it."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    anchor = models.DateField()
    """The local date from which usage periods are counted; by membership that of `anchor_at`."""
    anchor_at = models.DateTimeField(null=True, blank=True)
    """By membership: the instant of its billing anchor, from which months are counted as Stripe counts them.

    None where the previous release wrote the standing: periods are then counted from the date, until the next look at
    Stripe (docs/decisions/0025).
    """
    uses_reset_on = models.DateField(null=True, blank=True)
    """The local date from which the count of uses starts again, within a usage period too; none: never (by hand)."""
    end_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When its member was told of the end that it has now, by hand: no second time."""

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="standing_one_open",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("ground", RangeOperators.EQUAL),
                    (InstantRange("since", "until", HALF_OPEN), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="standing_ends_after_since",
            ),
            models.CheckConstraint(
                condition=models.Q(source=StandingSource.MANUAL, ground=BY_HAND)
                | (models.Q(source=StandingSource.MEMBERSHIP) & ~models.Q(ground=BY_HAND)),
                name="standing_ground_fits_source",
            ),
            models.CheckConstraint(
                condition=models.Q(anchor_at__isnull=True) | models.Q(source=StandingSource.MEMBERSHIP),
                name="standing_billed_by_membership",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["until", "id"],
                condition=models.Q(source=StandingSource.MANUAL, until__isnull=False, end_told_at__isnull=True),
                name="standing_end_untold",
            ),
            models.Index(
                Cast("ground", models.TextField()),
                condition=models.Q(source=StandingSource.MEMBERSHIP),
                name="standing_on_ground",
            ),
            models.Index(fields=["account", "-since", "-id"], name="standing_begun"),
            models.Index(
                fields=["account", "-until", "-id"], condition=models.Q(until__isnull=False), name="standing_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.get_source_display()})"


class PastedList(models.Model):
    """A pasted list that is too long to be added at once: a long job adds it part by part (`groups.pasted.adding`)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    operation = models.OneToOneField(Operation, models.CASCADE, related_name="pasted_list")
    tell = models.BooleanField()
    """Whether those who are new are written to."""
    until = models.DateTimeField(null=True, blank=True)
    """Until when those whom it adds are in the group; none: without an end."""
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)
    """When what could not be read was forgotten; what was read is not kept at all."""

    def __str__(self) -> str:
        return f"A list for {self.group}"


class PastedPart(models.Model):
    """Some rows of a pasted list: their text until they were added, and then what became of them."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    pasted_list = models.ForeignKey(PastedList, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    rows = models.PositiveIntegerField()
    """How many lines it has, for the progress."""
    new = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    left_over = models.JSONField(default=list)
    """Each piece that named nobody, and why, in words for people."""
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pasted_list", "number"], name="pasted_part_once"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.pasted_list}"


class MemberChangeKind(models.TextChoices):
    """What is done to many members of a group at once."""

    REMOVE = "remove", _("Remove from group")
    START_DATE = "start", _("Change start date")
    ADD_TO_GROUP = "add", _("Add to another group")
    LAST_DAY = "end", _("Change last day")
    INVITE = "invite", _("Email how to get in")


_NO_DATE, _NO_GROUP, _NO_END = (models.Q((f"{name}__isnull", True)) for name in ("anchor", "target", "until"))
_CANCELS_NOTHING: Final = models.Q(cancels=False)


class MemberChange(models.Model):
    """One thing done to many members of a group, kept with what was before, so that it can be undone."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=MemberChangeKind)
    key = models.UUIDField(editable=False)
    """The idempotency key of the form that asked for it: the same form sent twice finds this one."""
    anchor = models.DateField(null=True)
    """The start date that all of them get."""
    target = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    """The group that they are added to as well."""
    until = models.DateTimeField(null=True)
    """Until when they are in the group from now on; none: without an end."""
    cancels = models.BooleanField(default=False)
    """Whether the bookings of those who are removed are cancelled."""
    operation = models.OneToOneField(Operation, models.SET_NULL, null=True, related_name="+")
    """The long job that does it, or undoes it; none where there were few."""
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    """When it was asked to be undone."""
    listed = models.PositiveIntegerField(default=0)
    """Of how many members it is; the counts that follow are kept with their rows."""
    done = models.PositiveIntegerField(default=0)
    """Whose turn it was."""
    changed = models.PositiveIntegerField(default=0)
    """For whom there was something to do."""
    put_back = models.PositiveIntegerField(default=0)
    """Who are as before again."""
    left_alone = models.PositiveIntegerField(default=0)
    """Who are not, since somebody changed what this had written."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="member_change_once"),
            models.CheckConstraint(
                condition=models.Q(kind=MemberChangeKind.REMOVE) & _NO_DATE & _NO_GROUP & _NO_END
                | models.Q(kind=MemberChangeKind.START_DATE) & _CANCELS_NOTHING & ~_NO_DATE & _NO_GROUP & _NO_END
                | models.Q(kind=MemberChangeKind.ADD_TO_GROUP) & _CANCELS_NOTHING & _NO_DATE & ~_NO_GROUP & _NO_END
                | models.Q(kind=MemberChangeKind.LAST_DAY) & _CANCELS_NOTHING & _NO_DATE & _NO_GROUP
                | models.Q(kind=MemberChangeKind.INVITE) & _CANCELS_NOTHING & _NO_DATE & _NO_GROUP & _NO_END,
                name="member_change_fits_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "group", "-id"], name="member_change_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.group}"

    @property
    def skipped(self) -> int:
        """For how many there was nothing to do."""
        return self.done - self.changed

    @property
    def left(self) -> int:
        """How many it has not come to."""
        return self.listed - self.done


class MemberChangeRow(models.Model):
    """One of those whom a change is about: what became of them, and what was before."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    change = models.ForeignKey(MemberChange, models.CASCADE, related_name="rows", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    done_at = models.DateTimeField(null=True)
    """When it was their turn."""
    standing = models.ForeignKey(Standing, models.CASCADE, null=True, related_name="+")
    """Their standing by hand that was ended, given or counted from another date; none: there was nothing to do."""
    until_before = models.DateTimeField(null=True)
    anchor_before = models.DateField(null=True)
    undone_at = models.DateTimeField(null=True)
    """When it was their turn to be as before."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "member"], name="member_change_row_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "change"], name="member_change_row_of_account")]

    def __str__(self) -> str:
        return f"{self.member}: {self.change}"
