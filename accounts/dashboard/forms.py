"""Forms for an account's settings, plan, pages and team."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import choices
from accounts.colours import is_own
from accounts.models import (
    OFFERED_FOR,
    REMINDED,
    Accent,
    Account,
    LeaderWord,
    Plan,
    Role,
    SchedulePage,
    Spreadsheet,
    Staff,
    WaitingList,
)
from accounts.models.accounts import slug_rule
from accounts.slugs import RESERVED
from accounts.zones import current_name, find_zone
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, ModelForm, affix

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HOUR: Final = 60
MOST_HOURS: Final = 24 * 60
HOLD: Final = (5, 120)
"""The shortest and the longest checkout reservation period, in minutes."""
WHOLE: Final = 100


class SettingsForm(ModelForm[Account]):
    """The account's details and booking preferences."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=choices.time_zones, help_text=_("Your days start at midnight in this time zone.")
    )
    locale = forms.ChoiceField(
        label=_("Language"), choices=choices.locales, help_text=_("Used on your pages and in emails to customers.")
    )
    contact_email = EmailField(
        label=_("Contact email address"),
        required=False,
        help_text=_(
            "Customers can see this address, and their replies to our emails go to it. Leave it blank to use the "
            "account owner’s."
        ),
    )
    cutoff_hours = forms.IntegerField(
        label=_("Cancellation cut-off"),
        min_value=0,
        max_value=MOST_HOURS,
        help_text=_("Cancel before this and the use is returned."),
    )
    leader_word = forms.ChoiceField(
        label=_("People who lead your entries are called"),
        choices=[(LeaderWord.LEADER, _("Leaders")), (LeaderWord.TEACHER, _("Teachers"))],
        required=False,
        help_text=_("The word your team reads in this dashboard."),
    )
    hold_minutes = forms.IntegerField(
        label=_("Checkout reservation period"),
        min_value=HOLD[0],
        max_value=HOLD[1],
        help_text=_("How long a basket holds spaces and uses. Anyone who hasn’t paid by then loses them."),
    )
    refund_percent = forms.IntegerField(
        label=_("Refund before the cut-off"),
        min_value=0,
        max_value=WHOLE,
        help_text=_("How much of their payment customers get back if they cancel before the cut-off."),
    )
    late_refund_percent = forms.IntegerField(
        label=_("Refund after the cut-off"),
        min_value=0,
        max_value=WHOLE,
        help_text=_("How much they get back if they cancel later, up to the start."),
    )

    waiting_list = forms.ChoiceField(
        label=_("When a space comes free"),
        choices=WaitingList,
        required=False,
        help_text=_("Where an event is full, customers can join a waiting list."),
    )
    offer_minutes = forms.IntegerField(
        label=_("Time to take an offered space"),
        min_value=OFFERED_FOR[0],
        max_value=OFFERED_FOR[1],
        required=False,
        help_text=_("How long a space is held for the person it’s offered to. Never longer than booking is open."),
    )

    spreadsheet = forms.ChoiceField(
        label=_("Spreadsheet files"),
        choices=Spreadsheet,
        required=False,
        help_text=_(
            "For the CSV files you download. Change this if your spreadsheet puts everything into one column, or shows "
            "amounts as dates."
        ),
    )
    conditional = frozenset({"leader_word", "spreadsheet", "waiting_list", "offer_minutes"})

    class Meta:
        model = Account
        fields = [
            "name",
            "contact_email",
            "time_zone",
            "locale",
            "leader_word",
            "spreadsheet",
            "hold_minutes",
            "waiting_list",
            "offer_minutes",
            "confirms_free_bookings",
            "customers_cancel",
            "refund_percent",
            "late_refund_percent",
            "returns_late_uses",
            "returns_absent_uses",
            "announces_resets",
        ]
        labels = {
            "name": _("Name"),
            "confirms_free_bookings": _("Free tickets need a confirmed email address"),
            "customers_cancel": _("Customers can cancel their own bookings"),
            "returns_late_uses": _("Return uses after the cut-off too"),
            "returns_absent_uses": _("Return the use of members marked absent"),
            "announces_resets": _("Email members when their uses reset"),
        }
        help_texts = {
            "returns_absent_uses": _(
                "Otherwise anyone who books and doesn’t come loses the use. Undoing the mark charges it again."
            ),
            "confirms_free_bookings": _(
                "Anyone who isn’t logged in gets a link by email and has to use it before their basket expires."
            ),
        }

    field_order = (
        "name",
        "contact_email",
        "time_zone",
        "locale",
        "leader_word",
        "spreadsheet",
        "hold_minutes",
        "waiting_list",
        "offer_minutes",
        "confirms_free_bookings",
        "customers_cancel",
        "cutoff_hours",
        "refund_percent",
        "late_refund_percent",
        "returns_late_uses",
        "returns_absent_uses",
        "announces_resets",
    )

    def __init__(self, *args: Any, zone_is_fixed: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.fields["cutoff_hours"].initial = self.instance.cancellation_cutoff_minutes // HOUR
        affix(self.fields["cutoff_hours"], after=_("hours before the start"))
        affix(self.fields["hold_minutes"], after=_("minutes"))
        affix(self.fields["offer_minutes"], after=_("minutes"))
        for name in ("refund_percent", "late_refund_percent"):
            affix(self.fields[name], after="%")
        self._settle_zone(is_fixed=zone_is_fixed)

    def _settle_zone(self, *, is_fixed: bool) -> None:
        """Let the time zone be chosen until there is an entry, and again where nobody knows it any more."""
        zone, name = self.field_as("time_zone", forms.ChoiceField), self.instance.time_zone
        if find_zone(name) is None:
            zone.choices = [("", _("Choose a time zone")), *choices.time_zones()]
            words = _(
                "We don’t know “%(zone)s” any more, so times are shown in UTC. Choose the one your entries are in."
            )
            zone.help_text = words % {"zone": name}
        elif is_fixed:
            zone.choices = [(name, name)]
            zone.disabled = True
            zone.help_text = _(
                "You can’t change this now that you’ve created an entry, because entries and usage periods depend on "
                "it."
            )
        else:
            self.initial["time_zone"] = current_name(name)

    def clean_leader_word(self) -> str:
        """Keep it likewise."""
        return self.cleaned_data["leader_word"] or self.instance.leader_word

    def clean_spreadsheet(self) -> str:
        """Keep it where a page that was opened before there was a choice says nothing."""
        return self.cleaned_data["spreadsheet"] or self.instance.spreadsheet

    def clean_waiting_list(self) -> str:
        """As above."""
        return self.cleaned_data["waiting_list"] or self.instance.waiting_list

    def clean_offer_minutes(self) -> int:
        """As above."""
        return self.cleaned_data["offer_minutes"] or self.instance.offer_minutes

    @property
    def names(self) -> "dict[str, StrOrPromise]":
        """What the account's fields that it changes are called, by field."""
        names = {name: self.fields[name].label or name for name in self._meta.fields or ()}
        return {**names, "cancellation_cutoff_minutes": _("Cancellation cut-off, in minutes")}

    def save(self, commit: bool = True) -> Account:  # noqa: FBT001, FBT002 - Django's
        """Save the cut-off in minutes."""
        self.instance.cancellation_cutoff_minutes = self.cleaned_data["cutoff_hours"] * HOUR
        return super().save(commit)


class PlanForm(Form):
    """The plan an account changes to."""

    plan = forms.ChoiceField(choices=Plan)


class PageForm(ModelForm[SchedulePage]):
    """A schedule page."""

    accent = forms.ChoiceField(
        label=_("Colour"),
        help_text=_("Used for buttons and links, and at the top of the page. Set a colour of your own under Branding."),
    )
    reminder_hours = forms.IntegerField(
        label=_("Remind people by email"),
        required=False,
        min_value=REMINDED[0],
        max_value=REMINDED[1],
        help_text=_(
            "Everyone who has booked gets one email this long before the event starts, such as 24 hours. Leave it "
            "blank to send none. Anyone can stop their own reminders."
        ),
    )

    class Meta:
        model = SchedulePage
        fields = ["title", "slug", "description", "accent", "pays_at_studio", "reminder_hours"]
        labels = {
            "title": _("Title"),
            "slug": _("Address"),
            "description": _("Description"),
            "pays_at_studio": _("Pay at the studio"),
        }
        help_texts = {
            "slug": _("The end of your page’s web address. If you change it, links to the old address stop working."),
            "description": _("Shown under the title."),
            "pays_at_studio": _(
                "Customers who pay at the studio are booked at once, and what they owe is noted until you take it."
                " If they cancel, they owe what they wouldn’t be refunded. Memberships are always paid online."
            ),
        }
        error_messages = {
            "slug": {"invalid": slug_rule.message, "unique": _("Choose another address. This one is taken.")}
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3}), "pays_at_studio": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        own = dict.fromkeys(each for each in (self.instance.accent, self.instance.account.accent) if is_own(each))
        self.field_as("accent", forms.ChoiceField).choices = [
            *Accent.choices,
            *((each, _("Own colour (%(colour)s)") % {"colour": each}) for each in own),
        ]
        # A page that was opened before it was asked about sends nothing of it: then it stays as it is.
        self.fields["pays_at_studio"].required = False
        affix(self.fields["reminder_hours"], after=_("hours before the start"))

    def clean_slug(self) -> str:
        """Refuse what is an address of ours."""
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise forms.ValidationError(_("Choose another address. This one is reserved."))
        return slug


class StaffForm(Form):
    """Somebody new on the team."""

    email = EmailField(label=_("Email address"))
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.LEADER, widget=forms.RadioSelect)


class RoleForm(ModelForm[Staff]):
    """The role of a team member."""

    class Meta:
        model = Staff
        fields = ["role"]
        labels = {"role": _("Role")}
        widgets = {"role": forms.RadioSelect}


class TwoStepForm(ModelForm[Account]):
    """Whether the team must use two-step login."""

    class Meta:
        model = Account
        fields = ["requires_two_step"]
        labels = {"requires_two_step": _("Team members must use two-step login")}
        help_texts = {
            "requires_two_step": _("Anyone who hasn’t set it up is asked to when they next open the dashboard.")
        }
