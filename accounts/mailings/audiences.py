"""Whom a message can be for: each app registers, in its `ready()`, those it knows how to find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import QueryDict

from accounts.history.recording import About
from accounts.models import Account, Customer, Mailing, MailingKind
from accounts.operations.kinds import Place
from accounts.parts import Parts

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Asked = dict[str, Any]
"""Whom of an audience, as JSON: numbers of rows, words that were searched for, choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who an audience is now: customers of one account, and what can be said of them as a whole."""

    title: str
    """What it is called in a sentence: “everyone booked on Yoga, 3 May, 18:00”."""
    why: str
    """Why its people get the email, as a sentence at its end."""
    customers: QuerySet[Customer]
    words: Mapping[str, str] = field(default_factory=dict)
    """What placeholders stand for, besides the customer's own."""
    choices: tuple[tuple[str, "StrOrPromise"], ...] = ()
    """Which of its people can be meant: what `asked["who"]` says, and in words; none: all of them."""
    kinds: tuple[MailingKind, ...] = (MailingKind.SERVICE, MailingKind.NEWS)
    """What a message to them can be about."""
    place: Place | None = None
    """The page that it was asked for on."""
    concerns: tuple[About, ...] = ()
    """On whose pages of the history a message to them is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A kind of audience.

    `ask` reads an address or a form: whom of it, as it is kept. `find` says who that is now; None where what it names
    is gone, or is another account's.
    """

    name: str
    label: "StrOrPromise"
    ask: Callable[[QueryDict], Asked]
    find: Callable[[Account, Asked, datetime], Found | None]


AUDIENCES: Final = Parts[Audience]()
"""In the order in which a new message offers them."""

Sign = Combinable | Q
SIGNS: Final = Parts[Callable[[str], Sign]]()
"""By what an app knows that a customer dealt with the account themselves: the condition, of the path of their key."""


def find_audience(name: str) -> Audience | None:
    """The audience of that name; None where nobody registered it (any more)."""
    return next((each for each in AUDIENCES if each.name == name), None)


def audience_of(mailing: Mailing, *, now: datetime) -> Found | None:
    """Who a message (with its account) is for now; None where nobody can say any more."""
    audience = find_audience(mailing.audience)
    return audience.find(mailing.account, mailing.asked, now) if audience else None
