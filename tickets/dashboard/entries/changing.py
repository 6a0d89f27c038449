"""Changing one thing of an entry, or of its series: who leads it, and its picture."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from bookwhen.suggestions import MOST, NamesField, suggest
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.forms import ScopeForm
from tickets.dashboard.entries.meanwhile import SharedForm
from tickets.dashboard.entries.over import over_meanwhile, over_page
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import Entry, Leader, Picture
from tickets.models.people_and_places import ALT_LENGTH, LABEL_LENGTH, MOST_AT_ENTRY
from tickets.pictures.keeping import PictureNotKeptError, keep_picture
from tickets.pictures.phrases import not_a_picture, too_small
from tickets.pictures.reading import NotAPictureError, ReadPicture, TooLargeError, TooSmallError, read_picture
from tickets.schedule.entries import EntryPastError
from tickets.schedule.labels import labels_of
from tickets.schedule.leading import LeaderChange, change_leaders
from tickets.schedule.names import find_account_names
from tickets.schedule.picturing import set_picture

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class LeadersForm(ScopeForm, SharedForm):
    """Who leads an entry."""

    together = (("leaders",),)

    leaders = NamesField(label=gettext_lazy("Leaders"), most=MOST_AT_ENTRY, longest=LABEL_LENGTH, required=False)
    tell = forms.BooleanField(label=gettext_lazy("Email everyone who has booked"), required=False)

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, initial={"leaders": labels_of(entry).leaders}, **kwargs)
        texts = entry.account.leader_texts
        self.fields["leaders"].label, self.fields["leaders"].help_text = texts.many, texts.typed
        (leaders,) = find_account_names(entry.account, [Leader], MOST)
        suggest(self.fields["leaders"], leaders)
        self.keep_theirs()


class PictureForm(ScopeForm):
    """A picture of an entry, and what it shows."""

    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy(
            "A JPEG, PNG or WebP file of up to 15 MB. We make it smaller, and keep nothing else of it."
        ),
        error_messages={"required": gettext_lazy("Choose a picture")},
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    alt = forms.CharField(
        label=gettext_lazy("What it shows"),
        max_length=ALT_LENGTH,
        help_text=gettext_lazy("For customers who can’t see it, such as “Three people on mats by the river”."),
    )

    read: ReadPicture

    def clean_picture(self) -> "UploadedFile[bytes] | None":
        """Read it, whatever it is called."""
        file: UploadedFile[bytes] | None = self.cleaned_data["picture"]
        if file is None:
            return None
        try:
            self.read = read_picture(file, size=file.size or 0)
        except TooLargeError:
            raise forms.ValidationError(_("Choose a smaller picture, of up to 15 MB and 16 megapixels")) from None
        except TooSmallError:
            raise forms.ValidationError(too_small()) from None
        except NotAPictureError:
            raise forms.ValidationError(not_a_picture(file)) from None
        return file


@operator_view(MANAGE_SCHEDULE)
def entry_leaders(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Change leader*: for one date or for a series; those booked are told if the studio wants that."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        return over_page(request, context)
    form = LeadersForm(request.POST or None, entry=entry, repeats=bool(others_of(entry, now=now)))
    if request.method == "POST" and form.is_valid():
        given, who = form.cleaned_data, request.user.email
        try:
            changed = change_leaders(
                entry, given["leaders"], scope=form.chosen_scope, tell=given["tell"], who=who, now=now
            )
        except (EntryCancelledError, EntryPastError):  # since we looked
            return over_meanwhile(request, pk, "entry_leaders")
        messages.success(request, _changed(changed))
        return redirect("dashboard:entry", account=request.account.slug, pk=pk)
    context |= {"form": form, "texts": request.account.leader_texts}
    return render(request, "tickets/dashboard/entry_leaders.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_picture(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Picture*: a new one, or none any more."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        return over_page(request, context)
    removes, repeats = "remove" in request.POST, bool(others_of(entry, now=now))
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = PictureForm(*sent, repeats=repeats)
    if removes:
        for name in ("picture", "alt"):
            form.fields[name].required = False
    if request.method == "POST" and form.is_valid():
        try:
            return _set_picture(request, entry, form, removes=removes, now=now)
        except PictureNotKeptError:
            words = _("We couldn’t store the picture, so nothing has changed. Try again in a few minutes.")
            form.add_error("picture", words)
    context |= {"form": form, "picture": entry.picture}
    return render(request, "tickets/dashboard/entry_picture.html", context, status=422 if form.errors else 200)


def _set_picture(
    request: OperatorRequest, entry: Entry, form: PictureForm, *, removes: bool, now: datetime
) -> HttpResponse:
    picture: Picture | None = None
    if not removes:
        picture = keep_picture(request.account, form.read, alt=form.cleaned_data["alt"])
    try:
        set_picture(entry, picture, scope=form.chosen_scope, now=now)
    except (EntryCancelledError, EntryPastError):  # since we looked
        return over_meanwhile(request, entry.pk, "entry_picture")
    messages.success(request, _("Picture removed") if removes else _("Picture saved"))
    return redirect("dashboard:entry", account=request.account.slug, pk=entry.pk)


def _changed(changed: LeaderChange) -> str:
    count, people = len(changed.entries), changed.told.people
    if not count:
        return _("Nothing changed")
    saved = ngettext("Entry saved", "%(count)d entries saved", count) % {"count": count}
    if not people:
        return saved
    told = ngettext("We’re emailing %(count)d customer.", "We’re emailing %(count)d customers.", people)
    return f"{saved}. {told % {'count': people}}"
