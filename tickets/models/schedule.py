"""What is on sale: series of entries, their tickets, and which tickets an offer covers."""

import uuid
from datetime import datetime
from typing import ClassVar, Final, Self, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, SchedulePage
from bookwhen.db import DESCRIPTION_LENGTH, HALF_OPEN, NOTE_LENGTH, InstantRange, TextCheck, WallTimeField
from bookwhen.search import PENDING, FoundText
from groups.models import Group
from offers.models import Offer
from tickets.models.people_and_places import Location, Picture
from tickets.models.vat import VatRate
from tickets.wall_times import WallTimes, offset_of, to_instants, to_wall_times, told_apart


class Series(models.Model):
    """What one or more entries have in common, their tickets above all; a single entry is a series of one.

    Tickets hang here and are sold per entry, so that an offer's selected tickets cover future occurrences too.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    page = models.ForeignKey(SchedulePage, models.CASCADE, related_name="series")
    rule = models.CharField(max_length=200, blank=True)
    """How it repeats: an RFC 5545 rule on local wall time; empty: it does not."""
    first = WallTimeField(null=True, editable=False)
    """The rule's first start (DTSTART), from which weeks and months are counted; null: that of the last entry."""
    split_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    """The series that its entries were in until they had tickets of their own."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "series"
        indexes: ClassVar = [
            models.Index(fields=["split_from"], condition=Q(split_from__isnull=False), name="series_split_from"),
        ]

    def __str__(self) -> str:
        return f"Series {self.pk}"


_EntryT_co = TypeVar("_EntryT_co", bound="Entry", covariant=True)


class EntryQuerySet(models.QuerySet[_EntryT_co]):
    """Readings of entries."""

    def live(self) -> Self:
        """The entries that weren't cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def upcoming(self, now: datetime) -> Self:
        """The entries that start after an aware instant and weren't cancelled."""
        return self.live().filter(starts_at__gt=now)

    def for_booking(self) -> Self:
        """Each with all that a booking is judged by: account and connection, page, places and series."""
        return self.select_related("account__connection", "page", "places", "series")


class Entry(models.Model):
    """A class or event at a time and place, on exactly one page.

    When it is, was said in wall times (`local_start`, `local_end`); `starts_at` and `ends_at` are reckoned from them.
    """

    TIMES: Final = ("starts_at", "ends_at", "local_start", "local_end", "start_offset", "end_offset")
    """The columns that say when it takes place."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    page = models.ForeignKey(SchedulePage, models.PROTECT, related_name="entries", db_index=False)
    series = models.ForeignKey(Series, models.PROTECT, related_name="entries", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    """Where it is, as everybody reads it: the name of its `venue`, where it has one."""
    venue = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    """The account's location of that name; none: it has only the text."""
    picture = models.ForeignKey(Picture, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    local_start = WallTimeField(null=True, editable=False)
    """What the clocks of the account's zone show at the start, as it was said; null: read it from `starts_at`."""
    local_end = WallTimeField(null=True, editable=False)
    start_offset = models.IntegerField(null=True, editable=False)
    """How far ahead of UTC `local_start` was when `starts_at` was reckoned from it, in seconds.

    It tells which of two equal hours is meant, and whether `starts_at` was changed by what knows no wall times.
    """
    end_offset = models.IntegerField(null=True, editable=False)
    per_booking = models.PositiveSmallIntegerField(_("maximum tickets per booking"), default=6)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            TextCheck(name="entry_text", one_line=["title", "location"], longest={"description": DESCRIPTION_LENGTH}),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="entry_ends_after_start"),
            models.CheckConstraint(
                condition=Q(
                    local_start__isnull=True, local_end__isnull=True, start_offset__isnull=True, end_offset__isnull=True
                )
                | Q(
                    local_start__isnull=False,
                    local_end__isnull=False,
                    local_end__gt=F("local_start"),
                    start_offset__isnull=False,
                    end_offset__isnull=False,
                ),
                name="entry_wall_times_whole",
            ),
            models.CheckConstraint(condition=Q(per_booking__gte=1), name="entry_per_booking_positive"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["page", "starts_at", "id"], include=["cancelled_at", "ends_at"], name="entry_page_coming"
            ),
            models.Index(
                fields=["account", "starts_at", "id"], include=["cancelled_at", "series"], name="entry_account_coming"
            ),
            models.Index(fields=["series", "starts_at"], name="entry_series"),
            GistIndex("account", InstantRange("starts_at", "ends_at", HALF_OPEN), name="entry_on_now"),
            GinIndex(
                "account",
                OpClass(FoundText("title"), name="gin_trgm_ops"),
                name="entry_found",
                gin_pending_list_limit=PENDING,
            ),
            models.Index("page", F("ends_at") - F("starts_at"), name="entry_page_longest"),
            models.Index(
                fields=["page", "venue", "starts_at", "id"], condition=Q(venue__isnull=False), name="entry_page_venue"
            ),
            models.Index(
                fields=["page", "title", "starts_at", "id"], include=["cancelled_at"], name="entry_page_title"
            ),
            models.Index(fields=["venue", "starts_at", "id"], condition=Q(venue__isnull=False), name="entry_venue"),
            models.Index(fields=["picture"], condition=Q(picture__isnull=False), name="entry_picture"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def keeps_wall_times(self) -> bool:
        """Whether wall times are kept from which its instants were reckoned.

        Not where they were written by something that knows of none: the release before them, while both run.
        """
        if not (self.local_start and self.local_end):
            return False
        offsets = offset_of(self.local_start, self.starts_at), offset_of(self.local_end, self.ends_at)
        return offsets == (self.start_offset, self.end_offset)

    def wall_times(self, zone: ZoneInfo) -> WallTimes:
        """When it takes place on the clocks of its account's zone, as it was said; else as its instants read there."""
        if not (self.keeps_wall_times and self.local_start and self.local_end):
            return to_wall_times(self.starts_at, self.ends_at, zone)
        return WallTimes(
            told_apart(self.local_start, self.start_offset or 0, zone),
            told_apart(self.local_end, self.end_offset or 0, zone),
        )

    def set_times(self, times: WallTimes, zone: ZoneInfo) -> None:
        """Say when it takes place, on the clocks of its account's zone; nothing is saved."""
        self.starts_at, self.ends_at = to_instants(times, zone)
        self.keep_wall_times(times)

    def keep_wall_times(self, times: WallTimes) -> None:
        """Keep these wall times as those that its instants were reckoned from; nothing is saved."""
        self.local_start, self.local_end = times.starts.replace(fold=0), times.ends.replace(fold=0)
        self.start_offset = offset_of(self.local_start, self.starts_at)
        self.end_offset = offset_of(self.local_end, self.ends_at)


class TicketCost(models.TextChoices):
    """What a ticket says of money (Bookwhen's *Tickets & Costs*)."""

    COST = "cost", _("Has cost")
    FREE = "free", _("Free ticket")
    NONE = "none", _("No cost")
    """Nothing is said: neither a price nor that it is free."""


_TicketT_co = TypeVar("_TicketT_co", bound="Ticket", covariant=True)


class TicketQuerySet(models.QuerySet[_TicketT_co]):
    """Readings of tickets."""

    def on_sale(self) -> Self:
        """The tickets that weren't retired."""
        return self.filter(retired_at__isnull=True)


class Ticket(models.Model):
    """A way to attend the entries of a series. Exclusive: only for members of its groups, as their offers allow."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    series = models.ForeignKey(Series, models.PROTECT, related_name="tickets")
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=NOTE_LENGTH, blank=True)
    exclusive = models.BooleanField(_("exclusive ticket"), default=False)
    groups = models.ManyToManyField(Group, blank=True, related_name="tickets", verbose_name=_("customer groups"))
    shown = models.BooleanField(_("show ticket"), default=True)
    """A hidden exclusive ticket is never shown to anyone it is not for; a hidden ordinary one to no customer."""
    capacity = models.PositiveIntegerField(_("number of tickets"), null=True, blank=True)
    """How many of it each entry has; none: as many as the entry has places."""
    cost = models.CharField(_("cost"), max_length=10, choices=TicketCost, default=TicketCost.FREE)
    price = models.PositiveIntegerField(_("price"), default=0)
    """In minor units of the account's currency; VAT is in it."""
    vat_rate = models.ForeignKey(VatRate, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    """The rate of VAT that is in its price; none: the account's default."""
    opens_minutes_before = models.PositiveIntegerField(null=True, blank=True)
    """How long before the start sale begins; none: at once."""
    closes_minutes_before = models.PositiveIntegerField(default=0)
    """How long before the start sale ends."""
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    """When it was taken off sale for good; seats that hold it stand."""
    split_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    """The ticket that it was one with until its entries became a series of their own: always the first of all."""

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            TextCheck(name="ticket_text", one_line=["name"], longest={"description": NOTE_LENGTH}),
            models.CheckConstraint(
                condition=Q(opens_minutes_before__isnull=True) | Q(opens_minutes_before__gt=F("closes_minutes_before")),
                name="ticket_opens_before_closing",
            ),
            models.CheckConstraint(
                condition=Q(cost=TicketCost.COST, price__gte=1)
                | Q(cost__in=[TicketCost.FREE, TicketCost.NONE], price=0),
                name="ticket_price_fits_cost",
            ),
        ]
        indexes: ClassVar = [
            GinIndex(
                "account",
                OpClass(FoundText("name"), name="gin_trgm_ops"),
                name="ticket_found",
                gin_pending_list_limit=PENDING,
            ),
            models.Index(fields=["split_from"], condition=Q(split_from__isnull=False), name="ticket_split_from"),
            models.Index(fields=["vat_rate"], condition=Q(vat_rate__isnull=False), name="ticket_vat_rate"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> int:
        """The ticket (id) that this one, and all others that were split from it, were once."""
        return self.split_from_id or self.pk


class CoverageQuerySet(models.QuerySet["Coverage"]):
    """Readings of what offers cover."""

    def in_force(self) -> Self:
        """What enabled offers cover."""
        return self.filter(offer__enabled=True, offer__deleted_at__isnull=True)


class Coverage(models.Model):
    """What an offer covers: every exclusive ticket on a page that names its group, or one ticket."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="coverage", db_index=False)
    page = models.ForeignKey(SchedulePage, models.CASCADE, null=True, blank=True, related_name="+")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="coverage")

    objects = CoverageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(page__isnull=False, ticket__isnull=True) | Q(page__isnull=True, ticket__isnull=False),
                name="coverage_page_or_ticket",
            ),
            models.UniqueConstraint(fields=["offer", "page"], name="coverage_page_once"),
            models.UniqueConstraint(fields=["offer", "ticket"], name="coverage_ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offer} covers {self.page or self.ticket}"
