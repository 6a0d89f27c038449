"""*Email texts*: what each email says of its own accord, and what the studio says in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, is_proved, operator_view
from accounts.dashboard.wording.catalogue import FAMILIES, LETTERS, Family, WordedLetter
from accounts.dashboard.wording.examples import example_letter
from accounts.dashboard.wording.forms import WordingForm
from accounts.email_queue import post_as_test
from accounts.email_wording import PLACEHOLDERS
from accounts.models import LetterWording
from accounts.wording import LABELS, Parts, parts_of, save_wording


@dataclass(frozen=True, slots=True)
class Line:
    """An email in the list, and which parts of it the studio words."""

    letter: WordedLetter
    wording: LetterWording | None

    @property
    def changed(self) -> str:
        """The parts that were changed, in words."""
        parts = parts_of(self.wording)
        return ", ".join(str(label) for name, label in LABELS.items() if getattr(parts, name))


@operator_view(MANAGE_ACCOUNT)
def letter_texts(request: OperatorRequest) -> HttpResponse:
    """Every email that customers get, and which were changed."""
    context = {"section": "settings", "tab": "texts", "families": list(_families(request))}
    return render(request, "accounts/dashboard/letter_texts.html", context)


@operator_view(MANAGE_ACCOUNT)
def letter_text(request: OperatorRequest, kind: str) -> HttpResponse:
    """One of them: what is said in it, how that looks, and a test to oneself. Only *Save* changes anything."""
    letter, now = _letter(kind), timezone.now()
    saved = parts_of(request.account.wordings.get(kind))
    standard = example_letter(request.account, letter, Parts(), now=now)
    initial = {name: getattr(saved, name) for name in LABELS}
    form = WordingForm(request.POST or None, letter=letter, standard=standard.subject, initial=initial)
    shown = saved
    if request.method == "POST" and form.is_valid():
        shown = form.parts
        if "preview" not in request.POST and "test" not in request.POST:
            return _save(request, letter, shown, now=now)
        if "test" in request.POST:
            _send_test(request, letter, shown, now=now)
    preview = example_letter(request.account, letter, shown, now=now)
    context = _context(letter, form, saved) | {"preview": preview, "can_test": is_proved(request.user)}
    return render(request, "accounts/dashboard/letter_text.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def letter_text_reset(request: OperatorRequest, kind: str) -> HttpResponse:
    """*Back to the standard text*; the history keeps what was said until then."""
    letter, now = _letter(kind), timezone.now()
    save_wording(request.account, letter.kind, Parts(), called=letter.title, by=request.user, now=now)
    messages.success(request, _("This email is back to the standard text. The history keeps what you had written."))
    return redirect("dashboard:letter_text", account=request.account.slug, kind=kind)


def _families(request: OperatorRequest) -> Iterator[tuple[Family, list[Line]]]:
    wordings = request.account.wordings
    for family in FAMILIES:
        yield family, [Line(each, wordings.get(each.kind)) for each in family.letters]


def _letter(kind: str) -> WordedLetter:
    if kind not in LETTERS:
        raise Http404
    return LETTERS[kind]


def _context(letter: WordedLetter, form: WordingForm, saved: Parts) -> dict[str, object]:
    return {
        "section": "settings",
        "tab": "texts",
        "letter": letter,
        "form": form,
        "is_changed": saved != Parts(),
        "placeholders": [(f"{{{name}}}", PLACEHOLDERS[name]) for name in letter.placeholders],
    }


def _save(request: OperatorRequest, letter: WordedLetter, parts: Parts, *, now: datetime) -> HttpResponse:
    save_wording(request.account, letter.kind, parts, called=letter.title, by=request.user, now=now)
    messages.success(request, _("Email text saved"))
    return redirect("dashboard:letter_text", account=request.account.slug, kind=letter.kind)


def _send_test(request: OperatorRequest, letter: WordedLetter, parts: Parts, *, now: datetime) -> None:
    if not is_proved(request.user):
        messages.error(request, _("Confirm your own email address first. Then we can send you a test."))
        return
    words = example_letter(request.account, letter, parts, now=now)
    post_as_test(words, kind=letter.kind, recipient=request.user.email, account=request.account, now=now)
    said = (
        _("We’ve sent a test to %(email)s. Nothing is saved yet.")
        if parts != parts_of(request.account.wordings.get(letter.kind))
        else _("We’ve sent a test to %(email)s.")
    )
    messages.success(request, said % {"email": request.user.email})
