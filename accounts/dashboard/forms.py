"""Forms for an account's settings, plan, pages and team."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import choices
from accounts.addresses import RESERVED
from accounts.models import Account, Plan, Role, SchedulePage, Staff
from accounts.models.accounts import slug_rule
from accounts.models.users import EMAIL_LENGTH
from bookwhen.forms import Form, ModelForm, affix

HOUR: Final = 60
MOST_HOURS: Final = 24 * 60


class SettingsForm(ModelForm[Account]):
    """The account's details and booking preferences."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=choices.time_zones, help_text=_("Your days begin at midnight here.")
    )
    locale = forms.ChoiceField(
        label=_("Language"), choices=choices.locales, help_text=_("How dates and amounts are written.")
    )
    cutoff_hours = forms.IntegerField(
        label=_("Cancellation cut-off"),
        min_value=0,
        max_value=MOST_HOURS,
        help_text=_("Up to this long before the start, customers can cancel and members have the use back."),
    )

    class Meta:
        model = Account
        fields = ["name", "time_zone", "locale", "customers_cancel", "returns_late_uses", "announces_resets"]
        labels = {
            "name": _("Name"),
            "customers_cancel": _("Customers can cancel their own bookings"),
            "returns_late_uses": _("Give uses back after the cut-off too"),
            "announces_resets": _("E-mail members when their uses are back"),
        }

    field_order = (
        "name",
        "time_zone",
        "locale",
        "customers_cancel",
        "cutoff_hours",
        "returns_late_uses",
        "announces_resets",
    )

    def __init__(self, *args: Any, zone_is_fixed: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.fields["cutoff_hours"].initial = self.instance.cancellation_cutoff_minutes // HOUR
        affix(self.fields["cutoff_hours"], after=_("hours before the start"))
        if zone_is_fixed:
            zone = self.fields["time_zone"]
            zone.disabled = True
            zone.help_text = _("It is fixed since your first entry: entries and usage periods are counted in its days.")

    def save(self, commit: bool = True) -> Account:  # noqa: FBT001, FBT002 - Django's
        """Save the cut-off in minutes."""
        self.instance.cancellation_cutoff_minutes = self.cleaned_data["cutoff_hours"] * HOUR
        return super().save(commit)


class PlanForm(Form):
    """The plan an account changes to."""

    plan = forms.ChoiceField(choices=Plan)


class PageForm(ModelForm[SchedulePage]):
    """A schedule page."""

    class Meta:
        model = SchedulePage
        fields = ["title", "slug", "description", "accent"]
        labels = {"title": _("Title"), "slug": _("Address"), "description": _("Description"), "accent": _("Colour")}
        help_texts = {
            "slug": _("Where the page is found. After a change, links to the old address no longer work."),
            "description": _("Stands under the title."),
            "accent": _("Of buttons and links, and at the top of the page."),
        }
        error_messages = {
            "slug": {"invalid": slug_rule.message, "unique": _("Choose another address: this one is taken")}
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean_slug(self) -> str:
        """Refuse what is an address of ours."""
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise forms.ValidationError(_("Choose another address: this one is used by the site itself"))
        return slug


class StaffForm(Form):
    """Somebody new on the team."""

    email = forms.EmailField(label=_("E-mail address"), max_length=EMAIL_LENGTH)
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.LEADER, widget=forms.RadioSelect)


class RoleForm(ModelForm[Staff]):
    """The role of a team member."""

    class Meta:
        model = Staff
        fields = ["role"]
        labels = {"role": _("Role")}
        widgets = {"role": forms.RadioSelect}
