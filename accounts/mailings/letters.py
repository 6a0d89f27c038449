"""The emails of a message: what each is written from, how one will look, and a test of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.email_queue import post_as_test
from accounts.email_text import LetterText
from accounts.email_writing import Facts, Words, render_letter
from accounts.mailings.audiences import Found
from accounts.mailings.reasons import judged
from accounts.mailings.texts import FIRST_NAME, paragraphs, pieces
from accounts.models import Account, Customer, LetterKind, Mailing, MailingKind, User
from accounts.models.customers import listed_name

TEMPLATE: Final = "accounts/letters/mailing"
SHORT: Final = 200
"""How many characters of an email its short form has."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How the email will look to one of its recipients; to nobody in particular where there is none."""

    letter: LetterText
    customer: Customer | None


def kind_of_letter(kind: str, *, is_known: bool) -> LetterKind:
    """The kind of email that a message becomes for a recipient."""
    if kind == MailingKind.NEWS:
        return LetterKind.MESSAGE_NEWS
    return LetterKind.MESSAGE if is_known else LetterKind.MESSAGE_UNASKED


def shared_facts(mailing: Mailing, why: str) -> Facts:
    """What all emails of a message (with its account) are written from; `why` they get it where it is no news."""
    with override(mailing.account.language):
        news = _("You get this because you agreed to news from %(studio)s.") % {"studio": mailing.account.name}
    return {
        "language": mailing.account.language,
        "subject": mailing.subject,
        "body": mailing.text,
        "why": news if mailing.kind == MailingKind.NEWS else why,
    }


def own_facts(name: str, full_name: str, words: Mapping[str, str], *, has_contact: bool) -> Facts:
    """What one recipient's email is written from besides: their first name, and for whom it is."""
    return {"words": {**words, FIRST_NAME: name}, "care_of": full_name if has_contact else ""}


def first_name(full_name: str, language: str) -> str:
    """What somebody is called at the beginning of an email; a word for anybody where they have no name."""
    if words := full_name.split():
        return words[0]
    with override(language):
        return _("there")


def short_form(text: str) -> str:
    """What lists show of an email, and what is in it until it is written."""
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def write_mailing(facts: Facts) -> Words:
    """The email of such facts; asks nobody."""
    words = facts["words"]
    context = {
        "subject": pieces(facts["subject"], words),
        "paragraphs": paragraphs(facts["body"], words),
        "care_of": facts["care_of"],
        "why": facts["why"],
    }
    return Words(TEMPLATE, context)


def preview(mailing: Mailing, found: Found) -> Preview:
    """A message (with its account) as the first of those will read it who get it, by name: an index knows that one."""
    kind = MailingKind(mailing.kind)
    gets = judged(found.customers, kind, among=found.customers).filter(reason="").select_related("user")
    customer: Customer | None = gets.order_by(listed_name(), "pk").first()
    return Preview(_write(mailing, found, customer), customer)


def send_test(mailing: Mailing, found: Found, user: User, *, now: datetime) -> bool:
    """Send a message (with its account) to somebody of the team, as it will look; at most once a minute.

    It counts towards nothing. Call it only for an address that its owner has proved. Whether it was sent.
    """
    return post_as_test(
        preview(mailing, found).letter,
        kind=LetterKind.MESSAGE,
        recipient=user.email,
        account=mailing.account,
        now=now,
        dedupe=f"mailing test {mailing.pk} {user.pk} {now:%Y%m%d%H%M}",
    )


def _write(mailing: Mailing, found: Found, customer: Customer | None) -> LetterText:
    written = write_mailing(_facts(mailing, found, customer))
    return render_letter(written.template, written.context, language=mailing.account.language)


def _facts(mailing: Mailing, found: Found, customer: Customer | None) -> Facts:
    account: Account = mailing.account
    name = customer.greeting_name if customer else ""
    own = own_facts(
        first_name(name, account.language), name, found.words, has_contact=bool(customer and customer.contact_id)
    )
    return shared_facts(mailing, found.why) | own
