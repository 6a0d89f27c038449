"""*Branding*: the logo and the colour that customers see, with how they will look before they are saved."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.branding import (
    LogoNotKeptError,
    TooManyLogosError,
    earlier_logos,
    find_logo,
    keep_logo,
    save_branding,
)
from accounts.colours import WHITE, is_own, read_colour, shades_of
from accounts.models import Accent, Account
from bookwhen.forms import Form
from tickets.pictures.phrases import not_a_picture, too_small
from tickets.pictures.reading import NotAPictureError, TooLargeError, TooSmallError, read_logo

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

OWN: Final = "own"
PICK: Final = gettext_lazy("Pick your colour")


class BrandingForm(Form):
    """A logo, and a colour that we name or one of the studio's own."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy(
            "A PNG, JPEG or WebP file, best a wide one with a clear background. We show it up to 40 pixels high."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    kept = forms.UUIDField(required=False, widget=forms.HiddenInput)
    """The logo that a preview showed."""
    accent = forms.ChoiceField(
        label=gettext_lazy("Colour"),
        choices=[*Accent.choices, (OWN, gettext_lazy("Own colour"))],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("For buttons and links, on your pages and in your emails."),
    )
    own = forms.CharField(
        label=gettext_lazy("Own colour"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("As your designer wrote it, such as #3366cc or rgb(51, 102, 204)."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-colour": PICK}),
    )
    on_pages = forms.BooleanField(
        label=gettext_lazy("Use this colour on all your schedule pages"),
        required=False,
        help_text=gettext_lazy("Otherwise each page keeps its own."),
    )
    conditional = frozenset({"own", "logo"})

    content: bytes | None = None
    """The logo that was sent, as we keep it."""

    def clean_logo(self) -> "UploadedFile[bytes] | None":
        """Read it, whatever it is called."""
        file: UploadedFile[bytes] | None = self.cleaned_data["logo"]
        if file is None:
            return None
        try:
            self.content = read_logo(file, size=file.size or 0)
        except TooLargeError:
            raise forms.ValidationError(_("Choose a smaller picture, of up to 15 MB and 16 megapixels")) from None
        except TooSmallError:
            raise forms.ValidationError(too_small()) from None
        except NotAPictureError:
            raise forms.ValidationError(not_a_picture(file)) from None
        return file

    def clean(self) -> None:
        """Read the own colour, where that is chosen: by its button, or by typing it and pressing no button at all."""
        super().clean()
        is_typed = "own" in self.changed_data and "accent" not in self.changed_data and self.cleaned_data.get("own")
        if "own" in self.errors or not (is_typed or self.cleaned_data.get("accent") == OWN):
            return
        colour = read_colour(self.cleaned_data["own"])
        if colour is None:
            self.add_error("own", _("Enter a colour like #3366cc: six digits or letters from a to f"))
        else:
            self.cleaned_data["accent"] = colour


@operator_view(MANAGE_ACCOUNT)
def branding(request: OperatorRequest) -> HttpResponse:
    """What is shown now; *Preview* shows what was chosen, *Save* saves it, and an earlier logo can be taken back."""
    account = request.account
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = BrandingForm(*sent, initial=_initial(account))
    accent, logo = account.accent, account.logo
    if request.method == "POST":
        # A logo that was sent, or previewed, is still there when the colour has to be mended.
        logo = _keep_chosen_logo(request, form)
        if form.is_valid():
            accent = form.cleaned_data["accent"]
            if "preview" not in request.POST:
                on_pages = form.cleaned_data["on_pages"]
                save_branding(account, accent=accent, logo=logo, on_pages=on_pages, now=timezone.now())
                messages.success(request, _("Branding saved"))
                return redirect("dashboard:branding", account=account.slug)
    context = _context(account, form, accent, logo)
    return render(request, "accounts/dashboard/branding.html", context, status=422 if form.errors else 200)


def adjustments(accent: str) -> list[str]:
    """What we do with a studio's own colour so that everybody can read it, in sentences; nothing for one of ours."""
    if not is_own(accent):
        return []
    shades = shades_of(accent)
    words = (
        _("Words on buttons are white: that’s the easiest to read on this colour.")
        if shades.on.light == WHITE
        else _("Words on buttons are black: that’s the easiest to read on this colour.")
    )
    said = [words]
    if shades.accent.light != accent:
        said.append(_("On light pages it could hardly be seen, so buttons are a little darker: %(shade)s."))
    if shades.accent.dark != accent:
        said.append(_("On dark pages it could hardly be seen, so buttons are a little lighter: %(dark)s."))
    if shades.ink.light != accent or shades.ink.dark != accent:
        said.append(_("Links are %(ink)s on light pages and %(ink_dark)s on dark ones, so that they’re easy to read."))
    values = {
        "shade": shades.accent.light,
        "dark": shades.accent.dark,
        "ink": shades.ink.light,
        "ink_dark": shades.ink.dark,
    }
    return [each % values for each in said]


def _initial(account: Account) -> dict[str, Any]:
    own = is_own(account.accent)
    return {
        "accent": OWN if own else account.accent,
        "own": account.accent if own else "",
        "on_pages": not account.pages.exclude(accent=account.accent).exists(),
    }


def _keep_chosen_logo(request: OperatorRequest, form: BrandingForm) -> UUID | None:
    """The same once the form is read; where it can't be kept, the form says so, and it's the one that is shown now."""
    form.full_clean()
    try:
        return _chosen_logo(request, form)
    except LogoNotKeptError:
        form.add_error("logo", _("We couldn’t store the logo, so nothing has changed. Try again in a few minutes."))
    except TooManyLogosError:
        form.add_error("logo", _("You’ve sent 50 logos in a year. Use one of the earlier ones again."))
    return request.account.logo


def _chosen_logo(request: OperatorRequest, form: BrandingForm) -> UUID | None:
    """Which logo is to be shown: the one sent, the one asked for, the one previewed, none, or the one that is."""
    account = request.account
    if form.content is not None:
        return keep_logo(account, form.content, now=timezone.now())
    if "remove" in request.POST:
        return None
    try:
        again = UUID(request.POST.get("again", ""))
    except ValueError:
        again = None
    return find_logo(account, again) or find_logo(account, form.cleaned_data.get("kept")) or account.logo


def _context(account: Account, form: BrandingForm, accent: str, logo: UUID | None) -> dict[str, object]:
    return {
        "section": "settings",
        "tab": "branding",
        "form": form,
        "shown_accent": accent,
        "shown_logo": logo,
        "is_previewed": (accent, logo) != (account.accent, account.logo),
        "adjustments": adjustments(accent),
        "earlier": [each for each in earlier_logos(account) if each != logo],
    }
