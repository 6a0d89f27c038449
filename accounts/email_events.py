"""What a mail provider tells of letters that it took: bounces, complaints and the like."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction

from accounts.email_blocks import record_arrival, record_bounce, resubscribe, unsubscribe
from accounts.email_links import Subscriber
from accounts.models import BlockReason, Letter
from bookwhen.email_address import fold_email
from bookwhen.text import storable

UNDELIVERED: Final = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
OWN_WISH: Final = {
    EventType.COMPLAINED: BlockReason.COMPLAINED,
    EventType.UNSUBSCRIBED: BlockReason.UNSUBSCRIBED,
}
SUPPRESSED: Final = {
    RejectReason.SPAM: BlockReason.COMPLAINED,
    RejectReason.UNSUBSCRIBED: BlockReason.UNSUBSCRIBED,
}
"""Why a provider refuses an address that it remembers."""
DETAIL_LENGTH: Final = 1000


@dataclass(frozen=True, slots=True)
class _Event:
    """An event as far as it matters here, whatever types its provider put into it."""

    kind: str
    message_id: str
    recipient: str
    reject_reason: str
    detail: str

    @classmethod
    def read(cls, event: AnymailTrackingEvent) -> Self:
        detail = event.mta_response or event.description or event.reject_reason or ""
        return cls(
            kind=_text(event.event_type),
            message_id=_text(event.message_id),
            recipient=fold_email(_text(event.recipient)),
            reject_reason=_text(event.reject_reason),
            detail=" ".join(_text(detail).split())[:DETAIL_LENGTH],
        )

    @property
    def wish(self) -> BlockReason | None:
        """What the recipient asked for by it, now or once: to be left alone."""
        by_reason = SUPPRESSED.get(self.reject_reason) if self.kind == EventType.REJECTED else None
        return OWN_WISH.get(self.kind) or by_reason


def record_event(event: AnymailTrackingEvent, *, now: datetime) -> None:
    """Note an event at the letter that it is about, and at its address. Safe to repeat, and in any order.

    Events of letters that we do not know, or about another address than the letter's, change nothing.
    """
    told = _Event.read(event)
    with transaction.atomic():
        letter = _find_letter(told)
        if letter is None:
            return
        if told.wish is not None:
            _record_wish(letter, told.wish, now)
        elif told.kind in UNDELIVERED:
            _record_undelivered(letter, told, now)
        elif told.kind == EventType.DELIVERED:
            _record_delivered(letter, now)
        elif told.kind == EventType.DEFERRED:
            Letter.objects.filter(pk=letter.pk, delivered_at=None, bounced_at=None).update(error=told.detail)
        elif told.kind == EventType.SUBSCRIBED and letter.account is not None:
            resubscribe(Subscriber(letter.account, letter.recipient), now=now)


def _find_letter(told: _Event) -> Letter | None:
    if not told.message_id:
        return None
    theirs = Letter.objects.filter(message_id=told.message_id)
    if told.recipient:
        theirs = theirs.filter(recipient=told.recipient)
    return theirs.select_related("account").select_for_update(of=("self",)).order_by("pk").first()


def _record_wish(letter: Letter, reason: BlockReason, now: datetime) -> None:
    if letter.account is not None:
        unsubscribe(Subscriber(letter.account, letter.recipient), reason=reason, now=now)


def _record_undelivered(letter: Letter, told: _Event, now: datetime) -> None:
    if letter.bounced_at is None:
        Letter.objects.filter(pk=letter.pk).update(bounced_at=now, error=told.detail)
        record_bounce(letter, told.detail, now=now)


def _record_delivered(letter: Letter, now: datetime) -> None:
    # A bounce is the last word on a letter: a server that took it first may still send it back.
    if letter.bounced_at is None and letter.delivered_at is None:
        Letter.objects.filter(pk=letter.pk).update(delivered_at=now, error="")
        record_arrival(letter)


def _text(value: object) -> str:
    return storable(str(value if value is not None else "").replace("\x00", ""))
