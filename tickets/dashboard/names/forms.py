"""The forms of a leader, a location and a tag."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import URLValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from bookwhen.forms import ModelForm
from bookwhen.picker import OneField, Source
from bookwhen.search import few_have
from tickets.models import Leader, Location, Tag
from tickets.models.people_and_places import LINK_LENGTH


def refuse_comma(name: str) -> None:
    """Raise ValidationError where a name could not be told from two."""
    if "," in name:
        raise forms.ValidationError(_("Enter one name, without a comma"), code="comma")


class WebField(forms.URLField):
    """An address on the web, which people are sent to."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        super().__init__(assume_scheme="https", max_length=LINK_LENGTH, required=False, **kwargs)
        others = [each for each in self.validators if not isinstance(each, URLValidator)]
        self.validators = [*others, URLValidator(schemes=["http", "https"])]


class LeaderForm(ModelForm[Leader]):
    """Somebody who leads entries."""

    staff = OneField(label=_("Team member"), none=_("Not on the team"))

    class Meta:
        model = Leader
        fields: ClassVar = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        account, field = self.instance.account, self.field_as("staff", OneField)
        team = Staff.objects.filter(account=account).select_related("user")
        words = lambda words: Q(user__email__icontains=words) | few_have("user__name", words)  # noqa: E731 - of one line
        field.set_source(Source(team, team.none(), search=words, label=_called, order=("pk",)))
        field.initial, field.help_text = self.instance.staff_id, account.leader_texts.staff

    def clean_name(self) -> str:
        """Refuse what would read as two."""
        name: str = self.cleaned_data["name"]
        refuse_comma(name)
        return name

    def clean(self) -> None:
        """Say who of the team it is."""
        super().clean()
        self.instance.staff = self.cleaned_data.get("staff")


class LocationForm(ModelForm[Location]):
    """A place with an address, or online."""

    conditional = frozenset({"address", "map_link", "link"})

    map_link = WebField(label=_("Link to a map"))
    link = WebField(label=_("Link to join"), help_text=_("Only customers who have booked see it."))
    tell = forms.BooleanField(
        label=_("Email everyone who has booked there"),
        required=False,
        initial=True,
        help_text=_("They get the new address or link once, and an update for their calendar."),
    )

    class Meta:
        model = Location
        fields: ClassVar = ["name", "address", "map_link", "online", "link"]
        labels: ClassVar = {"online": _("It’s online")}
        help_texts: ClassVar = {"online": _("Then it has a link to join instead of an address.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["tell"]

    def clean(self) -> None:
        """Keep what belongs to a place, or to what is online, alone."""
        super().clean()
        for name in ("address", "map_link") if self.cleaned_data.get("online") else ("link",):
            if name not in self.errors:
                self.cleaned_data[name] = ""


class TagForm(ModelForm[Tag]):
    """A word by which customers find entries."""

    class Meta:
        model = Tag
        fields: ClassVar = ["name"]

    def clean_name(self) -> str:
        """Refuse what would read as two."""
        name: str = self.cleaned_data["name"]
        refuse_comma(name)
        return name


def _called(staff: Staff) -> str:
    return f"{staff.user.name} ({staff.email})" if staff.user.name else staff.email
