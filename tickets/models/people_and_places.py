"""Who leads an entry, where it is, how visitors find it, and how it looks."""

import uuid
from typing import ClassVar, Final, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, SchedulePage, Staff
from bookwhen.db import TextCheck
from bookwhen.folded import FOLDING, FoldedField

LABEL_LENGTH: Final = 100
"""The longest name of a leader or a tag, in characters."""
PLACE_LENGTH: Final = 200
"""The longest name of a location: an entry says it in its own `location`."""
ADDRESS_LENGTH: Final = 300
LINK_LENGTH: Final = 1000
ALT_LENGTH: Final = 300
MOST_AT_ENTRY: Final = 10
"""Leaders, and tags, that an entry has at most."""
WEB_ADDRESS: Final = r"^https?://[^[:space:]]+$"
"""For PostgreSQL: what a link is that people are sent to."""

_NamedT_co = TypeVar("_NamedT_co", bound="Named", covariant=True)


class NamedQuerySet(models.QuerySet[_NamedT_co]):
    """Readings of what an account has names for."""

    def in_use(self) -> Self:
        """Those that aren't archived."""
        return self.filter(archived_at__isnull=True)


class Named(models.Model):
    """What an account calls by a name of its own, which only one of them has."""

    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    """When it was put away: nobody chooses it any more, and what has it keeps it."""

    class Meta:
        abstract = True


class Leader(Named):
    """Somebody who leads entries: one of the team, or just a name."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="leaders", db_index=False)
    name = models.CharField(_("name"), max_length=LABEL_LENGTH)
    """What customers read. No comma is in it: several are told apart by commas."""
    folded = FoldedField(max_length=FOLDING * LABEL_LENGTH, editable=False)
    staff = models.OneToOneField(Staff, models.SET_NULL, null=True, blank=True, related_name="leader")
    """Who of the team it is: their dashboard begins with the entries that they lead."""

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["folded", "id"]
        constraints: ClassVar = [
            TextCheck(name="leader_text", one_line=["name"]),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name__contains=","), name="leader_name_plain"),
            models.UniqueConstraint(fields=["account", "folded"], name="leader_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Location(Named):
    """Where entries are: a place with an address, or online, by a link that only those see who have booked."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="locations", db_index=False)
    name = models.CharField(_("name"), max_length=PLACE_LENGTH)
    folded = FoldedField(max_length=FOLDING * PLACE_LENGTH, editable=False)
    address = models.CharField(_("address"), max_length=ADDRESS_LENGTH, blank=True)
    map_link = models.URLField(_("link to a map"), max_length=LINK_LENGTH, blank=True)
    online = models.BooleanField(_("online"), default=False)
    link = models.URLField(_("link to join"), max_length=LINK_LENGTH, blank=True)
    """Where those who have booked meet; nobody else is told."""

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["folded", "id"]
        constraints: ClassVar = [
            TextCheck(name="location_text", one_line=["name", "address"]),
            models.CheckConstraint(condition=~Q(name=""), name="location_named"),
            models.CheckConstraint(
                condition=Q(online=True, address="", map_link="") | Q(online=False, link=""),
                name="location_somewhere_or_online",
            ),
            models.CheckConstraint(
                condition=(Q(map_link="") | Q(map_link__regex=WEB_ADDRESS)) & (Q(link="") | Q(link__regex=WEB_ADDRESS)),
                name="location_links_lead_to_the_web",
            ),
            models.UniqueConstraint(fields=["account", "folded"], name="location_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(Named):
    """A word by which visitors find entries of a kind."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(_("name"), max_length=LABEL_LENGTH)
    folded = FoldedField(max_length=FOLDING * LABEL_LENGTH, editable=False)

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["folded", "id"]
        constraints: ClassVar = [
            TextCheck(name="tag_text", one_line=["name"]),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name__contains=","), name="tag_name_plain"),
            models.UniqueConstraint(fields=["account", "folded"], name="tag_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Picture(models.Model):
    """A picture of entries, kept in two sizes as we made them (`tickets.pictures`); nothing of it ever changes."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="pictures")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    alt = models.CharField(_("what it shows"), max_length=ALT_LENGTH)
    """For who doesn't see it."""
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    """Of the larger one, in pixels."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="picture_text", one_line=["alt"]),
            models.CheckConstraint(condition=~Q(alt="") & Q(width__gte=1, height__gte=1), name="picture_whole"),
        ]

    def __str__(self) -> str:
        return self.alt


class EntryLeader(models.Model):
    """That somebody leads an entry, or was to lead it until somebody else took over on that date.

    `page` and `starts_at` are the entry's own, which the database itself keeps so: by them an index has what a leader
    leads in the order of the schedule.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    entry = models.ForeignKey("tickets.Entry", models.CASCADE, related_name="leading", db_index=False)
    leader = models.ForeignKey(Leader, models.PROTECT, related_name="leading", db_index=False)
    page = models.ForeignKey(SchedulePage, models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    position = models.PositiveSmallIntegerField(default=0)
    is_planned = models.BooleanField(default=True)
    """Whether the series means them to lead it."""
    leads = models.BooleanField(default=True)
    """Whether they do."""

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "leader"], name="entry_leader_once"),
            models.CheckConstraint(condition=Q(is_planned=True) | Q(leads=True), name="entry_leader_for_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["leader", "starts_at", "entry"], include=["leads"], name="entry_leader_coming"),
            models.Index(
                fields=["page", "leader", "starts_at", "entry"], include=["leads"], name="entry_leader_on_page"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader} at {self.entry}"


class EntryTag(models.Model):
    """That an entry has a tag; `page` and `starts_at` are as an `EntryLeader`'s."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    entry = models.ForeignKey("tickets.Entry", models.CASCADE, related_name="tagging", db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="tagging", db_index=False)
    page = models.ForeignKey(SchedulePage, models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "tag"], name="entry_tag_once")]
        indexes: ClassVar = [
            models.Index(fields=["tag", "starts_at", "entry"], name="entry_tag_coming"),
            models.Index(fields=["page", "tag", "starts_at", "entry"], name="entry_tag_on_page"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} at {self.entry}"
