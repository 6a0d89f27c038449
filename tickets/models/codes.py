"""Discount codes: what a customer types to pay less, how often that may be, and who has used it for what."""

import re
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Final, Self
from unicodedata import combining, normalize

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, SchedulePage
from bookwhen.db import TextCheck
from tickets.models.schedule import Ticket

CODE_LENGTH: Final = 30
CODE_NOTE_LENGTH: Final = 200
SHORTEST_CODE: Final = 3
"""How many letters and digits a code has at least: shorter ones are guessed in no time."""
_ALIKE: Final = str.maketrans({"0": "o", "1": "i", "l": "i"})
"""What people take for one another when they copy a code by hand."""


def fold_code(typed: str) -> str:
    """A code as it is looked up: without case, accents, spaces and marks; 0 is O, and 1 and L are I."""
    plain = "".join(each for each in normalize("NFKD", normalize("NFKC", typed).casefold()) if not combining(each))
    return re.sub(r"[\W_]", "", plain).translate(_ALIKE)[:CODE_LENGTH]


class DiscountCode(models.Model):
    """What makes tickets cheaper for everybody who types it, by `percent` or by `amount_off` each ticket."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    """As it is shown: in capitals, on one line."""
    folded = models.CharField(max_length=CODE_LENGTH, editable=False)
    """As it is looked up (`fold_code`): no account has two that people would take for one another."""
    note = models.CharField(_("note"), max_length=CODE_NOTE_LENGTH, blank=True, default="")
    """What the studio says of it to itself."""
    percent = models.PositiveSmallIntegerField(_("percent off"), null=True, blank=True)
    amount_off = models.PositiveIntegerField(_("amount off"), null=True, blank=True)
    """In minor units of the account's currency, for each ticket."""
    starts_on = models.DateField(null=True, blank=True)
    """The first local date (in the account's time zone) on which it can be used; none: at once."""
    ends_on = models.DateField(null=True, blank=True)
    """The last local date on which it can be used; none: for good."""
    customer_limit = models.PositiveIntegerField(null=True, blank=True)
    """How many bookings one customer may make with it; none: any number."""
    for_all = models.BooleanField(default=True)
    """Whether it is for every ticket that is not exclusive; else for what its `coverage` names, and nothing else."""
    enabled = models.BooleanField(_("can be used"), default=True)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this code."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["account", "-id"], name="discount_code_newest")]
        constraints: ClassVar = [
            TextCheck(name="discount_code_text", one_line=["code", "note"]),
            models.CheckConstraint(condition=~Q(folded=""), name="discount_code_named"),
            models.UniqueConstraint(fields=["account", "folded"], name="discount_code_once"),
            models.UniqueConstraint(fields=["account", "key"], name="discount_code_key_once"),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 100), amount_off__isnull=True)
                | Q(percent__isnull=True, amount_off__gte=1),
                name="discount_code_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="discount_code_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(customer_limit__isnull=True) | Q(customer_limit__gte=1),
                name="discount_code_customer_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CodeCoverage(models.Model):
    """What a code is for: every ticket on a page that is not exclusive, or one ticket, exclusive or not."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    code = models.ForeignKey(DiscountCode, models.CASCADE, related_name="coverage", db_index=False)
    page = models.ForeignKey(SchedulePage, models.CASCADE, null=True, blank=True, related_name="+")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="code_coverage")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(page__isnull=False, ticket__isnull=True) | Q(page__isnull=True, ticket__isnull=False),
                name="code_coverage_page_or_ticket",
            ),
            models.UniqueConstraint(fields=["code", "page"], name="code_coverage_page_once"),
            models.UniqueConstraint(fields=["code", "ticket"], name="code_coverage_ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} covers {self.page or self.ticket}"


class CodeUses(models.Model):
    """How often a code is used, by bookings and open baskets: a counter of its own, so that no form saves over it.

    Written only with conditional statements; the CHECK makes using it once too often impossible.
    """

    code = models.OneToOneField(DiscountCode, models.CASCADE, primary_key=True, related_name="uses")
    account_id = models.BigIntegerField()
    used = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(null=True)
    """How many bookings may be made with it in all; none: any number."""

    class Meta:
        verbose_name_plural = "code uses"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(limit__isnull=True) | Q(limit__gte=F("used"))),
                name="code_uses_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.limit}"

    @property
    def are_gone(self) -> bool:
        """Whether nobody can use it any more."""
        return self.limit is not None and self.used >= self.limit


class CodeCustomer(models.Model):
    """How often one customer has used a code; `allowed` is what the code said when they did so last."""

    account_id = models.BigIntegerField()
    code = models.ForeignKey(DiscountCode, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    used = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "customer"], name="code_customer_once"),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(allowed__isnull=True) | Q(allowed__gte=F("used"))),
                name="code_customer_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.allowed}"


class CodeRedemptionQuerySet(models.QuerySet["CodeRedemption"]):
    """Readings of what codes were used for."""

    def live(self) -> Self:
        """The uses that weren't given back."""
        return self.filter(ended_at__isnull=True)


_END: Final = """
    WITH held AS MATERIALIZED (
        SELECT id FROM tickets_coderedemption
        WHERE booking_id = ANY(%(bookings)s) AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE
    ), gone AS (
        UPDATE tickets_coderedemption SET ended_at = %(now)s WHERE id IN (SELECT id FROM held)
        RETURNING code_id, customer_id
    ), locked AS MATERIALIZED (
        SELECT code_id FROM tickets_codeuses
        WHERE code_id IN (SELECT code_id FROM gone) ORDER BY code_id FOR NO KEY UPDATE
    ), counted AS (
        UPDATE tickets_codeuses AS uses SET used = uses.used - back.number
        FROM (SELECT code_id, count(*) AS number FROM gone GROUP BY code_id) AS back
        WHERE uses.code_id = back.code_id AND uses.code_id IN (SELECT code_id FROM locked)
        RETURNING uses.code_id
    )
    UPDATE tickets_codecustomer AS row SET used = row.used - back.number
    FROM (
        SELECT code_id, customer_id, count(*) AS number FROM gone
        WHERE code_id IN (SELECT code_id FROM counted) GROUP BY code_id, customer_id
    ) AS back
    WHERE row.code_id = back.code_id AND row.customer_id = back.customer_id
"""


class CodeRedemption(models.Model):
    """One use of a code: by a booking, or by a basket that holds it until it is booked or let go of."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    code = models.ForeignKey(DiscountCode, models.PROTECT, related_name="redemptions", db_index=False)
    booking = models.ForeignKey("tickets.Booking", models.PROTECT, related_name="redemptions")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When it was given back: the basket was let go of, or the code was taken out of it."""

    objects = CodeRedemptionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(ended_at__isnull=True), name="code_redemption_once_a_booking"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["code", "-created_at", "-id"], name="code_redemption_newest"),
            models.Index(fields=["account", "id"], name="code_redemption_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.created_at:%d %B %Y}"


def end_redemptions(bookings: Collection[int], *, now: datetime) -> None:
    """Give back the uses that these bookings (ids) make of codes, each once; their seats are held.

    The code's counter comes before its customers', as where one is used.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END, {"bookings": list(bookings), "now": now})
