"""A group's invitation links, and who came by them."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer

TOKEN_LENGTH = 43
"""256 random bits, as `secrets.token_urlsafe` writes them."""


class InvitationLink(models.Model):
    """An address by which people join a group; a group has one that works at most.

    The address is kept as it is: the studio prints it, draws it and passes it on, time and again (docs/decisions/0075).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey("groups.Group", models.CASCADE, related_name="links")
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, editable=False)
    key = models.UUIDField(editable=False)
    """The idempotency key of the form that made it."""
    needs_approval = models.BooleanField(_("approve each person first"), default=False)
    ends_at = models.DateTimeField(null=True, blank=True)
    """Up to when it works; none: until it is stopped."""
    most = models.PositiveIntegerField(null=True, blank=True)
    """How many may join by it; none: any number."""
    joined = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """How many have; moved by one conditional statement alone."""
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="invitation_link_key_once"),
            models.UniqueConstraint(
                fields=["account", "group"],
                condition=models.Q(stopped_at__isnull=True),
                name="invitation_link_one_works",
            ),
            models.CheckConstraint(
                condition=models.Q(most__isnull=True) | models.Q(most__gte=1, joined__lte=models.F("most")),
                name="invitation_link_limit_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"A link to {self.group}"

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.ends_at is not None and self.ends_at <= now

    @property
    def is_full(self) -> bool:
        """Whether as many have joined as may."""
        return self.most is not None and self.joined >= self.most


class JoinState(models.TextChoices):
    """What became of somebody who came by a link."""

    WAITING = "waiting", _("Waiting for approval")
    JOINED = "joined", _("Joined")
    DECLINED = "declined", _("Declined")


class JoinRequest(models.Model):
    """Somebody who came by a link: they joined by it, or have asked to."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey("groups.Group", models.CASCADE, related_name="+")
    link = models.ForeignKey(InvitationLink, models.CASCADE, related_name="requests", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=JoinState)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "customer"], name="join_request_once"),
            models.CheckConstraint(
                condition=models.Q(state=JoinState.WAITING, decided_at__isnull=True)
                | models.Q(state__in=[JoinState.JOINED, JoinState.DECLINED], decided_at__isnull=False),
                name="join_request_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "group", "state", "-id"], name="join_request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_state_display()}"
