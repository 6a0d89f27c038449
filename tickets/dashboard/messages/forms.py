"""What is typed of a message: whom of its audience it is for, what it is about, and what it says; when it is to go."""

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.mailings.audiences import Asked, Found
from accounts.mailings.services import Draft
from accounts.mailings.texts import FIRST_NAME
from accounts.models import Account, Mailing
from accounts.models.mailings import SUBJECT_LENGTH, TEXT_LENGTH
from accounts.placeholders import has_odd_brackets, unknown_placeholders
from bookwhen.forms import Form, IdempotentForm
from tickets.wall_times import comes_twice, is_left_out, to_instant

YEAR: Final = 366
"""How many days ahead a message can be scheduled."""


class MessageForm(IdempotentForm):
    """The text of a message. Which of its fields there are, its audience decides."""

    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What it’s about"), widget=forms.RadioSelect)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH)
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10, "class": "long"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    """When the draft that is changed was last changed, as far as the page knew."""
    conditional = frozenset({"who", "seen"})

    def __init__(self, *args: Any, found: Found, asked: Asked, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.known = [FIRST_NAME, *found.words]
        self._asked = asked
        self.fields["text"].help_text = _(
            "Leave an empty line between paragraphs. Web addresses become links. We fill these in for each customer: "
            "%(placeholders)s"
        ) % {"placeholders": ", ".join(f"{{{each}}}" for each in self.known)}
        if found.choices:
            self.field_as("who", forms.ChoiceField).choices = list(found.choices)
            self.initial.setdefault("who", asked.get("who", ""))
        else:
            del self.fields["who"]
        if len(found.kinds) > 1:
            self.field_as("kind", forms.ChoiceField).choices = [(each.value, each.label) for each in found.kinds]
        else:
            del self.fields["kind"]
        self.only_kind = found.kinds[0]
        if "seen" not in self.initial:
            del self.fields["seen"]

    def clean_subject(self) -> str:
        """Refuse placeholders that nothing is known for, and those that aren't whole."""
        return self._with_known("subject")

    def clean_text(self) -> str:
        """As above."""
        return self._with_known("text")

    @property
    def seen_at(self) -> datetime | None:
        """The same, once valid; None where the page was of the release before."""
        seen: str = self.cleaned_data["seen"]
        return read_instant(seen) if seen else None

    def show_change(self, mailing: Mailing, said: str) -> None:
        """Say that a draft was changed meanwhile, and ask for what was typed to be sent again, which then counts."""
        self.data = {**{name: self.data[name] for name in self.data}, "seen": mailing.changed_at.isoformat()}
        self.add_error(None, said)

    def draft(self, audience: str) -> Draft:
        """What was typed, once valid, for an audience; what that is called is yet to be said."""
        asked = {**self._asked, "who": self.cleaned_data["who"]} if self.cleaned_data.get("who") else self._asked
        return Draft(
            kind=self.cleaned_data.get("kind", self.only_kind),
            subject=self.cleaned_data["subject"],
            text=self.cleaned_data["text"],
            audience=audience,
            asked=asked,
            audience_name="",
        )

    def _with_known(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        known = ", ".join(f"{{{each}}}" for each in self.known)
        if unknown := unknown_placeholders(text, self.known):
            words = ngettext(
                "We can’t fill in %(unknown)s. Use %(known)s, or remove the curly brackets.",
                "We can’t fill in any of %(unknown)s. Use %(known)s, or remove the curly brackets.",
                len(unknown),
            )
            raise ValidationError(words % {"unknown": ", ".join(unknown[:3]), "known": known})
        if has_odd_brackets(text):
            words = _("Put both curly brackets around each of these, and use them for nothing else: %(allowed)s")
            raise ValidationError(words % {"allowed": known})
        return text


class LaterForm(Form):
    """When a message is to be sent, in the account's time zone."""

    day = forms.DateField(label=gettext_lazy("Day"))
    time = forms.TimeField(label=gettext_lazy("Time"))

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(*args, **kwargs)
        self._zone, self._now = account.zone, now
        self.fields["time"].help_text = _("In your time zone, %(zone)s.") % {"zone": account.time_zone}

    def clean(self) -> dict[str, Any]:
        """Refuse the past, and what is more than a year ahead."""
        cleaned = super().clean() or self.cleaned_data
        if "day" in cleaned and "time" in cleaned:
            at = to_instant(datetime.combine(cleaned["day"], cleaned["time"]), self._zone)
            if at <= self._now:
                local = date_format(self._now.astimezone(self._zone), "j F, H:i")
                self.add_error("time", _("Choose a time that’s still to come: it’s %(now)s now") % {"now": local})
            elif (at - self._now).days >= YEAR:
                self.add_error("day", _("Choose a day within the next year"))
            cleaned["at"] = at
        return cleaned

    @property
    def clocks(self) -> str:
        """What the clocks do to the time that was typed, once valid; empty where they do nothing."""
        said = datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])
        words = {"said": f"{said:%H:%M}", "at": f"{self.cleaned_data['at'].astimezone(self._zone):%H:%M}"}
        if is_left_out(said, self._zone):
            return _("The clocks go forward on that day and skip %(said)s, so it’s sent at %(at)s.") % words
        if comes_twice(said, self._zone):
            return _("The clocks go back on that day and show %(said)s twice. It’s sent the first time.") % words
        return ""


def read_instant(text: str) -> datetime:
    """When a message was last changed, as far as a page knew; long ago where that cannot be read."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return found if found is not None and found.tzinfo else datetime.min.replace(tzinfo=UTC)


def written_in(mailing: Mailing) -> dict[str, Any]:
    """What the form shows of a message that was written before."""
    seen = mailing.changed_at.isoformat()
    return {"kind": mailing.kind, "subject": mailing.subject, "text": mailing.text, "key": mailing.key, "seen": seen}
