"""A business, its public pages and the people who run it."""

from typing import ClassVar, Final, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.leader_words import TEXTS, LeaderTexts, LeaderWord
from accounts.zones import zone_or_utc
from bookwhen.db import DESCRIPTION_LENGTH, TextCheck
from bookwhen.payments.models import Connection


class Plan(models.TextChoices):
    """What an account pays for. Groups, offers, exclusive tickets and memberships need Standard (help article)."""

    FREE = "free", _("Free")
    STANDARD = "standard", _("Standard")
    PLUS = "plus", _("Plus")


class Role(models.TextChoices):
    """What a user may do in an account (Bookwhen's team roles)."""

    OWNER = "owner", _("Account owner")
    SCHEDULE_MANAGER = "schedule_manager", _("Schedule manager")
    BOOKINGS_ADMIN = "bookings_admin", _("Bookings admin")
    LEADER = "leader", _("Leader")


class PastDuePolicy(models.TextChoices):
    """What members may do whose payment has failed, while Stripe tries again."""

    KEEP = "keep", _("Keep access while Stripe tries again")
    STOP = "stop", _("Stop new bookings until they have paid")


class PauseAccess(models.TextChoices):
    """From when a paused membership gives no access."""

    PERIOD_END = "period_end", _("Keep access until the end of the paid period")
    START = "start", _("Stop new bookings when the pause starts")


class WaitingList(models.TextChoices):
    """What becomes of a space that comes free while somebody waits for it."""

    IN_ORDER = "in_order", _("Offer it to one person at a time, in order")
    ALL_AT_ONCE = "all_at_once", _("Tell everyone who’s waiting: the first to book has it")
    OFF = "off", _("No waiting lists")


OFFERED_FOR: Final = (15, 7 * 24 * 60)
"""The shortest and the longest time, in minutes, for which a space is held for somebody to whom it is offered."""
LONGEST_PAUSE: Final = 366
"""The longest pause, in days, that a studio may let its members take."""


class Spreadsheet(models.TextChoices):
    """How a studio's spreadsheet reads a file: what divides its columns, and its decimal sign."""

    USUAL = "usual", _("As usual for your language")
    COMMA = "comma", _("Commas between columns, amounts like 12.50 (UK, US)")
    SEMICOLON = "semicolon", _("Semicolons between columns, amounts like 12,50 (Germany, France, Spain)")
    SEMICOLON_POINT = "semicolon_point", _("Semicolons between columns, amounts like 12.50 (Switzerland)")


class Accent(models.TextChoices):
    """The colour that an operator gives a page."""

    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    VIOLET = "violet", _("Violet")
    PINK = "pink", _("Pink")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    GREEN = "green", _("Green")
    SLATE = "slate", _("Slate")


slug_rule = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Use small letters, digits and single hyphens, such as “river-studio”.")
)


class AccountQuerySet(models.QuerySet["Account"]):
    """Readings of accounts."""

    def with_connection(self) -> Self:
        """Each with the connection to its Stripe account."""
        return self.select_related("connection")


class Account(models.Model):
    """An operator's business: a tenant."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=60, unique=True, validators=[slug_rule])
    plan = models.CharField(_("plan"), max_length=20, choices=Plan, default=Plan.FREE)
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    locale = models.CharField(_("language"), max_length=10, default="en-gb")
    contact_email = models.EmailField(_("contact email address"), blank=True, default="", db_default="")
    """Where customers write to; the owner's address where it is empty."""
    cancellation_cutoff_minutes = models.PositiveIntegerField(_("cancellation cut-off"), default=24 * 60)
    """How long before the start a customer may still cancel and have the use back, in minutes."""
    customers_cancel = models.BooleanField(_("customers can cancel their own bookings"), default=True)
    returns_late_uses = models.BooleanField(_("return uses after the cut-off"), default=False)
    returns_absent_uses = models.BooleanField(
        _("return the use of anyone who doesn’t come"), default=False, db_default=False
    )
    """Whether a member who is marked absent has the use back that was charged for them."""
    hold_minutes = models.PositiveSmallIntegerField(_("checkout reservation period"), default=15)
    """How long a basket holds its places, in minutes."""
    waiting_list = models.CharField(
        _("waiting lists"), max_length=20, choices=WaitingList, default=WaitingList.IN_ORDER, db_default="in_order"
    )
    offer_minutes = models.PositiveSmallIntegerField(_("time to take an offered space"), default=120, db_default=120)
    """How long a space is held for somebody who waited and is offered it, in minutes."""
    refund_percent = models.PositiveSmallIntegerField(_("refund before the cut-off"), default=100)
    """How much of the price a customer gets back who cancels in time, in percent."""
    late_refund_percent = models.PositiveSmallIntegerField(_("refund after the cut-off"), default=0)
    announces_resets = models.BooleanField(_("email members when their uses reset"), default=False)
    past_due_policy = models.CharField(
        _("members whose payment failed"), max_length=20, choices=PastDuePolicy, default=PastDuePolicy.KEEP
    )
    pause_access = models.CharField(
        _("members whose membership is paused"),
        max_length=20,
        choices=PauseAccess,
        default=PauseAccess.PERIOD_END,
        db_default="period_end",
    )
    members_pause = models.BooleanField(_("members can pause their own memberships"), default=False, db_default=False)
    longest_pause_days = models.PositiveSmallIntegerField(_("longest pause, in days"), default=90, db_default=90)
    """How long members may pause for; who runs the account may pause for as long as they like."""
    spreadsheet = models.CharField(
        _("spreadsheet files"), max_length=20, choices=Spreadsheet, default=Spreadsheet.USUAL, db_default="usual"
    )
    requires_two_step = models.BooleanField(_("team members must use two-step login"), default=False, db_default=False)
    accepts_bank_debits = models.BooleanField(_("accept bank debits"), default=False, db_default=False)
    """Whether customers may pay in a way of which Stripe knows only days later whether it succeeded."""
    connection = models.OneToOneField(Connection, models.SET_NULL, null=True, related_name="+")
    """The Stripe account that its money goes to; it stays when disconnected, until another takes its place."""
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    """Whose login made it: so many may be made by one, no matter who runs them afterwards."""
    confirms_free_bookings = models.BooleanField(
        _("free tickets need a confirmed email address"), default=False, db_default=False
    )
    """Whether a guest books what costs nothing only by a link that is sent to their address."""
    leader_word = models.CharField(
        _("those who lead your entries are called"),
        max_length=20,
        choices=LeaderWord,
        default=LeaderWord.LEADER,
        db_default="leader",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="account_text", one_line=["name"]),
            models.CheckConstraint(condition=models.Q(plan__in=Plan.values), name="account_plan_known"),
            models.CheckConstraint(
                condition=models.Q(past_due_policy__in=PastDuePolicy.values), name="account_past_due_policy_known"
            ),
            models.CheckConstraint(
                condition=models.Q(spreadsheet__in=Spreadsheet.values), name="account_spreadsheet_known"
            ),
            models.CheckConstraint(
                condition=models.Q(pause_access__in=PauseAccess.values), name="account_pause_access_known"
            ),
            models.CheckConstraint(
                condition=models.Q(leader_word__in=LeaderWord.values), name="account_leader_word_known"
            ),
            models.CheckConstraint(
                condition=models.Q(longest_pause_days__range=(1, LONGEST_PAUSE)), name="account_pause_bearable"
            ),
            models.CheckConstraint(
                condition=models.Q(waiting_list__in=WaitingList.values), name="account_waiting_list_known"
            ),
            models.CheckConstraint(condition=models.Q(offer_minutes__range=OFFERED_FOR), name="account_offer_bearable"),
            models.CheckConstraint(condition=models.Q(hold_minutes__range=(5, 120)), name="account_hold_bearable"),
            models.CheckConstraint(
                condition=models.Q(refund_percent__lte=100, late_refund_percent__lte=100), name="account_refunds_fit"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this account's days begin; UTC where nobody knows its name, as its settings say."""
        return zone_or_utc(self.time_zone)

    @property
    def leader_texts(self) -> LeaderTexts:
        """How its dashboard speaks of those who lead its entries."""
        return TEXTS[LeaderWord(self.leader_word)]

    @property
    def language(self) -> str:
        """The language of its pages and letters: its own where the site speaks it, else the site's."""
        return self.locale if self.locale in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    @cached_property
    def contact(self) -> str:
        """The address that its customers write to: its contact address, else that of its first owner, else none."""
        if self.contact_email:
            return self.contact_email
        owners = self.staff.filter(role=Role.OWNER).order_by("pk")
        return owners.values_list("user__email", flat=True).first() or ""

    @property
    def takes_payments(self) -> bool:
        """Whether it is connected to Stripe."""
        return self.connection is not None and self.connection.is_live

    @property
    def has_groups(self) -> bool:
        """Whether the plan allows making and selling groups, offers, exclusive tickets and memberships."""
        return self.plan in {Plan.STANDARD, Plan.PLUS}


class PaysAtStudio(models.TextChoices):
    """Whether what is booked on a page may be paid at the studio."""

    OFF = "off", _("No, online only")
    ALSO = "also", _("Yes, or online: customers choose")
    ONLY = "only", _("Only at the studio")


class SchedulePageQuerySet(models.QuerySet["SchedulePage"]):
    """Readings of public pages."""

    def with_connection(self) -> Self:
        """Each with its account and the account's connection: what decides whether it sells anything."""
        return self.select_related("account__connection")


class SchedulePage(models.Model):
    """A public page on which an account's entries are shown."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="pages")
    slug = models.SlugField(_("address"), max_length=60, unique=True, validators=[slug_rule])
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    accent = models.CharField(_("colour"), max_length=20, choices=Accent, default=Accent.TEAL)
    pays_at_studio = models.CharField(
        _("pay at the studio"),
        max_length=10,
        choices=PaysAtStudio,
        default=PaysAtStudio.OFF,
        db_default=PaysAtStudio.OFF,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SchedulePageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            TextCheck(name="page_text", one_line=["title"], longest={"description": DESCRIPTION_LENGTH}),
            models.CheckConstraint(
                condition=models.Q(pays_at_studio__in=PaysAtStudio.values), name="page_pays_at_studio_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Staff(models.Model):
    """A user's role in an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="staff", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    invited_email = models.EmailField(blank=True, default="", db_default="", editable=False)
    """The address that they were invited by, where it was not their main one: colleagues are told of no other."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "user"], name="staff_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_role_display()}"

    @property
    def email(self) -> str:
        """The address that colleagues know them by."""
        return self.invited_email or self.user.email
