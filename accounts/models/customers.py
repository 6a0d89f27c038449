"""People known to an account by their e-mail address."""

from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from bookwhen.db import NOTE_LENGTH, AddressOrNoneField, TextCheck
from bookwhen.email_address import PLAIN_ADDRESS, fold_email
from bookwhen.payments.models import Connection
from bookwhen.search import PENDING, FoundText

PHONE: Final = r"^(\+[1-9][0-9]{5,14})?$"
"""A phone number as it is kept (E.164), or none."""


ERASED_DOMAIN: Final = "@erased.invalid"
"""How the address ends of what stays of an erased customer: a name that no mail ever goes to (RFC 6761)."""


class NewsSource(models.TextChoices):
    """How an account knows that a customer wants its news."""

    PERSON = "person", _("their own choice")
    STUDIO = "studio", _("noted by the team")
    IMPORT = "import", _("from an imported list")


def listed_name(customer: str = "") -> Lower:
    """By what customers are listed: their name, else their address, in small letters; `customer` leads to them."""
    name = NullIf(f"{customer}name", models.Value(""))
    return Lower(Coalesce(name, f"{customer}email", output_field=models.TextField()))


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Readings of customers."""

    def known(self) -> Self:
        """Those who are somebody: nobody who was erased. By the address, which every index of the lists has."""
        return self.exclude(email__endswith=ERASED_DOMAIN)


class Customer(models.Model):
    """A person known to one account; linked to a user once that user has proved the address.

    Somebody without an address has a `contact` instead, who gets their emails and books for them
    (docs/decisions/0072). The contact is of the same account and has an address: the database sees to that.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="customers", db_index=False)
    email = AddressOrNoneField(_("email address"))
    """Empty where they have a contact, and only there."""
    contact = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="books_for", db_index=False
    )
    contact_email = models.CharField(max_length=254, blank=True, default="", db_default="", editable=False)
    """Their contact's main address; kept by the database (migration 0043), so that letters need no second row."""
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_confirmed = models.BooleanField(default=True, db_default=True)
    """Whether the person or the studio gave the name; else somebody typed it into a booking."""
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="", db_default="")
    """As E.164 writes it: with the country, and without spaces."""
    note = models.TextField(_("note"), max_length=NOTE_LENGTH, blank=True, default="", db_default="")
    """What the team should know of them; they read it themselves only in a file of their own data."""
    news_since = models.DateTimeField(null=True, blank=True)
    """Since when they want the account's news; none: they don't, as far as it knows."""
    news_source = models.CharField(max_length=10, choices=NewsSource, blank=True, default="", db_default="")
    news_ended_at = models.DateTimeField(null=True, blank=True)
    """When they last said that they want none any more: no list that is imported later brings that back."""
    other_addresses = models.TextField(blank=True, default="", db_default="", editable=False)
    """Their addresses besides `email`, one space between; kept by the database (migration 0032), to be searched."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="customers")
    seen_at = models.DateTimeField(null=True, blank=True)
    """When their login first opened a page of this account: until then the account knows nothing of a login."""
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the studio last wrote to them how to get in (`tickets.inviting`); none: it did not, as far as we know."""
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When they were erased: then this is nobody, and only holds what the books need (`accounts.erasing`)."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    recognised_by: str = ""
    """The address by which they were recognised just now, where it isn't their main one (`recognise_customer`)."""

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="customer_text", one_line=["name"]),
            models.UniqueConstraint(fields=["account", "email"], name="customer_email_once"),
            models.UniqueConstraint(
                fields=["account", "user"], condition=models.Q(user__isnull=False), name="customer_user_once"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customer_email_lower"),
            models.CheckConstraint(condition=models.Q(email__regex=PLAIN_ADDRESS), name="customer_email_plain"),
            models.CheckConstraint(condition=models.Q(phone__regex=PHONE), name="customer_phone_plain"),
            TextCheck(name="customer_note_bounded", longest={"note": NOTE_LENGTH}),
            models.CheckConstraint(
                condition=models.Q(news_since__isnull=True, news_source="")
                | models.Q(news_since__isnull=False, news_source__in=NewsSource.values, news_ended_at__isnull=True),
                name="customer_news_told",
            ),
            models.CheckConstraint(
                condition=models.Q(contact__isnull=True, email__isnull=False, contact_email="")
                | (
                    models.Q(contact__isnull=False, email__isnull=True, user__isnull=True)
                    & ~models.Q(contact=models.F("id"))
                    & ~models.Q(contact_email="")
                    & ~models.Q(name="")
                ),
                name="customer_contact_or_address",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(email__endswith=ERASED_DOMAIN, phone="", note="", user__isnull=True, seen_at__isnull=True)
                & models.Q(news_since__isnull=True, news_ended_at__isnull=True),
                name="customer_erased_is_nobody",
            ),
        ]
        indexes: ClassVar = [
            # With all that a search compares, so that going through the list reads the index alone.
            models.Index(
                "account",
                listed_name(),
                "id",
                include=["name", "email", "phone", "other_addresses"],
                name="customer_in_order",
            ),
            # From who came first, for those who are gone for years (`accounts.keeping.customers`).
            models.Index(
                fields=["account", "created_at", "id"],
                condition=models.Q(erased_at__isnull=True),
                name="customer_oldest",
            ),
            models.Index(
                fields=["contact", "id"], condition=models.Q(contact__isnull=False), name="customer_of_contact"
            ),
            GinIndex(
                "account",
                OpClass(FoundText("name"), name="gin_trgm_ops"),
                OpClass("email", name="gin_trgm_ops"),
                name="customer_found",
                gin_pending_list_limit=PENDING,
            ),
            GinIndex(
                "account",
                OpClass("phone", name="gin_trgm_ops"),
                OpClass("other_addresses", name="gin_trgm_ops"),
                name="customer_search_more",
                gin_pending_list_limit=PENDING,
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)

    @property
    def reached_at(self) -> str:
        """Where emails to them go: to their main address, or their contact's."""
        return self.email or self.contact_email

    @property
    def confirmed_name(self) -> str:
        """Their name as they or the studio gave it; empty where nobody did."""
        return self.name if self.name_confirmed else ""

    @property
    def greeting_name(self) -> str:
        """What emails call them, which only they read: no name that a stranger may have typed.

        One statement more where only a booking has named somebody with a login: they are called what that is called.
        """
        return self.name if self.name_confirmed else (self.user.name if self.user else "")


class CustomerAddress(models.Model):
    """One email address of a customer, by which the account recognises them; `Customer.email` is one of them too.

    The database keeps that one here (migration 0032), so that no address is two customers'.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    email = models.EmailField(_("email address"))
    proved_at = models.DateTimeField(null=True, blank=True)
    """When they proved it from *My details*, by a link that was sent to it; none: somebody said so."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "email"], name="customer_address_once"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customer_address_lower"),
            models.CheckConstraint(condition=models.Q(email__regex=PLAIN_ADDRESS), name="customer_address_plain"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)


class StripeCustomer(models.Model):
    """What Stripe calls one of our customers, in one Stripe account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="at_stripe", db_index=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    stripe_id = models.CharField(max_length=255)
    email_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when Stripe has an older address of theirs; set by the database where it changes (migration 0043)."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "connection"], name="stripe_customer_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=models.Q(email_due_at__isnull=False), name="stripe_customer_email_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.stripe_id})"
