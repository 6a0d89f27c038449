"""Forms of the pages for memberships, under Bookwhen's labels."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.dashboard.page_source import page_source
from accounts.models import Account
from bookwhen.db import DESCRIPTION_LENGTH
from bookwhen.forms import Form, IdempotentForm, affix
from bookwhen.money_field import MoneyField
from bookwhen.picker import OneField, PickerField, Source
from bookwhen.search import text_has
from groups.queries import BY_NAME, groups_of
from memberships.catalogue import MembershipDetails, PriceTerms
from memberships.models import LONGEST, BillingInterval, Membership

LONGEST_TRIAL: Final = 730
"""The longest trial that Stripe allows, in days."""


class MembershipForm(Form):
    """What is said of a membership, and where it is shown (help article 8330041)."""

    title = forms.CharField(label=_("Membership title"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        required=False,
        help_text=_("What members get. Customers see this before they buy."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    pages = PickerField(
        label=_("Show on specific schedule pages?"),
        required=False,
        help_text=_("Leave all unticked to show it on every page."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        account: Account,
        membership: Membership | None = None,
        **kwargs: Any,  # noqa: ANN401 - the form's own
    ) -> None:
        super().__init__(data, **kwargs)
        self.field_as("pages", PickerField).set_source(
            page_source(account, membership.pages.all() if membership else None)
        )

    def details(self) -> MembershipDetails:
        """What was entered."""
        cleaned = self.cleaned_data
        pages = self.field_as("pages", PickerField).all_of(cleaned["pages"])
        return MembershipDetails(title=cleaned["title"], description=cleaned["description"], pages=pages)


class NewMembershipForm(IdempotentForm, MembershipForm):
    """A membership to be, and the group that it lets its customers into."""

    group = OneField(
        label=_("Add this membership to an existing group?"),
        none=_("No, create a new group with the same name"),
        help_text=_(
            "Anyone who buys the membership is in this group and can use its offers for as long as they have it."
        ),
    )
    field_order = ("title", "description", "group", "pages")
    conditional: ClassVar[frozenset[str]] = frozenset({"group"})

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(data, account=account, **kwargs)
        groups = groups_of(account).annotate(lower_name=Lower("name"))
        self.field_as("group", OneField).set_source(
            Source(groups, groups.none(), search=lambda words: text_has("name", words), label=str, order=BY_NAME)
        )


class EditMembershipForm(MembershipForm):
    """*Edit details*."""

    published = forms.BooleanField(
        label=_("Published"),
        required=False,
        help_text=_(
            "Customers can buy it. If you untick this, nobody new can buy it. Anyone who has it keeps it and "
            "continues to pay."
        ),
    )
    field_order = ("published", "title", "description", "pages")


class PriceForm(Form):
    """What may change of a price."""

    title = forms.CharField(
        label=_("Title"),
        max_length=100,
        help_text=_("Customers see this when they choose a price, such as “Monthly” or “Students”."),
    )
    trial_days = forms.IntegerField(
        label=_("Trial days"),
        min_value=0,
        max_value=LONGEST_TRIAL,
        initial=0,
        help_text=_(
            "Free days before the first payment, for customers who’ve never had this membership. Enter 0 for no trial."
        ),
    )
    published = forms.BooleanField(
        label=_("Published"),
        required=False,
        initial=True,
        help_text=_("Customers can buy the membership at this price."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        affix(self.fields["trial_days"], after=_("days"))


class NewPriceForm(IdempotentForm, PriceForm):
    """A new price: also its cost and billing period, which stay as they are once it is made."""

    cost = MoneyField(
        is_price=True,
        label=_("Cost"),
        zero=_("Enter more than 0. To give someone free access, add them to the customer group yourself."),
    )
    interval_count = forms.IntegerField(
        label="",
        min_value=1,
        max_value=max(LONGEST.values()),
        initial=1,
        widget=forms.NumberInput(attrs={"aria-label": _("Length of a billing period")}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Enter the length of the billing period as a whole number, 1 or more"),
        ),
    )
    interval = forms.ChoiceField(
        label="",
        choices=BillingInterval,
        initial=BillingInterval.MONTH,
        widget=forms.Select(attrs={"aria-label": _("Days, weeks, months or years")}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(data, **kwargs)
        self.field_as("cost", MoneyField).set_currency(account.currency, account.locale)

    def clean(self) -> dict[str, Any]:
        """Keep to the longest billing period that Stripe allows."""
        count, interval = self.cleaned_data.get("interval_count"), self.cleaned_data.get("interval")
        if count and interval and count > LONGEST[BillingInterval(interval)]:
            words = _("Use at most %(count)d %(unit)s")
            self.add_error(
                "interval_count",
                words % {"count": LONGEST[BillingInterval(interval)], "unit": BillingInterval(interval).label},
            )
        return self.cleaned_data

    def terms(self) -> PriceTerms:
        """What was entered."""
        cleaned = self.cleaned_data
        return PriceTerms(
            title=cleaned["title"],
            amount=cleaned["cost"],
            interval=cleaned["interval"],
            interval_count=cleaned["interval_count"],
            trial_days=cleaned["trial_days"],
            published=cleaned["published"],
        )


def initial_of(membership: Membership) -> dict[str, object]:
    """A membership as *Edit details* shows it at first."""
    return {
        "title": membership.title,
        "description": membership.description,
        "published": membership.published,
    }
