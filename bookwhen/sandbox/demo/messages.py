"""What the studio wrote to many: a newsletter some days ago, and a draft to a group that nobody has finished."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.email_writing import write_out
from accounts.history.acting import acting
from accounts.mailings.audiences import audience_of
from accounts.mailings.services import Draft, send, write_draft
from accounts.models import Account, DeliveryFault, Letter, Mailing, MailingKind, User
from accounts.operations.running import run_operation
from bookwhen.sandbox.demo.logins import DESK
from bookwhen.sandbox.demo.programme import Club
from groups.models import Group

NEWSLETTER: Final = UUID(int=5, version=4)
DRAFT: Final = UUID(int=6, version=4)
BOUNCED, UNWANTED = 3, 5
NEWS: Final = """Hello {first_name},

The evenings are drawing in, and the loft is warm. New this month: Handstands for Beginners on Thursdays, \
and a Sunday afternoon of slow yoga by candlelight.

See all dates and book: https://riverside.example/classes

See you on the mat,
Riverside"""
CLOSED: Final = """Hello {first_name},

We’re closed between Christmas and New Year. Your ten classes don’t reset in that week, so nothing is lost."""


def write(account: Account, *, now: datetime) -> None:
    """Send a newsletter three days ago, and leave a draft."""
    then = now - timedelta(days=3)
    with acting(User.objects.get(email=DESK), at=then):
        news = _draft(account, _newsletter(), key=NEWSLETTER, now=then)
        sent = send(news, seen=news.changed_at, who=DESK, now=then)
        while sent.operation and run_operation(sent.operation.pk, now=then):
            pass
        group = Group.objects.get(account=account, name=Club.TEN)
        _draft(account, _closing(group), key=DRAFT, now=now - timedelta(hours=2))


def send_out(account: Account) -> None:
    """Let the newsletter have gone out, but to two: one bounced, and one unsubscribed first."""
    letters = list(Letter.objects.filter(account=account, mailing__isnull=False).order_by("pk"))
    for number, letter in enumerate(letters):
        write_out(letter)
        letter.attempts, letter.sent_at = 1, letter.created_at + timedelta(seconds=number)
        if number == BOUNCED:
            letter.bounced_at, letter.error = letter.sent_at, "550 No such mailbox"
        if number == UNWANTED:
            letter.sent_at, letter.failed_at, letter.fault = None, letter.created_at, DeliveryFault.UNWANTED
        letter.save()


def _newsletter() -> Draft:
    return Draft(
        kind=MailingKind.NEWS,
        subject="Candles, handstands and a warm loft",
        text=NEWS,
        audience="customers",
        asked={"q": ""},
        audience_name="",
    )


def _closing(group: Group) -> Draft:
    return Draft(
        kind=MailingKind.SERVICE,
        subject="Closed between Christmas and New Year",
        text=CLOSED,
        audience="group",
        asked={"group": group.pk, "who": "all"},
        audience_name="",
    )


def _draft(account: Account, draft: Draft, *, key: UUID, now: datetime) -> Mailing:
    found = audience_of(Mailing(account=account, audience=draft.audience, asked=draft.asked), now=now)
    made = write_draft(account, replace(draft, audience_name=found.title if found else ""), who=DESK, key=key, now=now)
    made.account = account
    return made
