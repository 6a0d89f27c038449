"""Who of an audience gets a message, and who does not and why: one expression for the page that shows and what sends.

News goes to customers who agreed to it. What is about their booking or membership goes to everyone who booked or logged
in, also to those who want no news; but to nobody whose emails bounce, or who reported the studio as a sender of spam
(docs/decisions/0082).
"""

from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.mailings.audiences import SIGNS
from accounts.models import (
    BlockReason,
    Customer,
    EmailBlock,
    LeftOut,
    MailingKind,
    MailingRecipient,
)

_BLOCKED: Final = {BlockReason.BOUNCED: LeftOut.BOUNCED, BlockReason.COMPLAINED: LeftOut.COMPLAINED}


def judged(customers: QuerySet[Customer], kind: MailingKind, *, among: QuerySet[Customer]) -> "QuerySet[Any]":
    """Customers of an audience with `reached` (their address), `is_known` and `reason`; empty: they get it.

    `among` is the whole audience: where two share an address, the one whose own it is gets the email, else the first.
    """
    known = customers.annotate(reached=_reached(), is_known=_is_known())
    return known.annotate(
        reason=Case(
            When(erased_at__isnull=False, then=Value(LeftOut.ERASED)),
            *_reasons(kind, "", "reached"),
            When(_gets_it_elsewhere(kind, among), then=Value(LeftOut.SAME_ADDRESS)),
            default=Value(""),
            output_field=CharField(),
        )
    )


def judged_again(recipients: QuerySet[MailingRecipient], kind: MailingKind) -> "QuerySet[Any]":
    """Recipients with the `reason` that has come up since they were frozen; empty: they still get it."""
    reasons = Case(*_reasons(kind, "customer__", "email"), default=Value(""), output_field=CharField())
    return recipients.annotate(again=reasons)


def _reasons(kind: MailingKind, customer: str, address: str) -> list[When]:
    """The reasons that may come up at any time, as they concern a customer and an address (paths)."""
    found = [
        When(_is_blocked(customer, address, reason), then=Value(left_out)) for reason, left_out in _BLOCKED.items()
    ]
    unsubscribed = _is_blocked(customer, address, BlockReason.UNSUBSCRIBED)
    if kind == MailingKind.SERVICE:
        return [*found, When(unsubscribed & Q(is_known=False), then=Value(LeftOut.UNSUBSCRIBED))]
    said_no = Q((f"{customer}news_ended_at__isnull", False)) | Q((f"{customer}contact__news_ended_at__isnull", False))
    return [
        *found,
        When(unsubscribed | said_no, then=Value(LeftOut.UNSUBSCRIBED)),
        When(Q((f"{customer}news_since__isnull", True)), then=Value(LeftOut.NO_CONSENT)),
    ]


def _is_blocked(customer: str, address: str, reason: BlockReason) -> Q:
    account = OuterRef(f"{customer}account") if customer else OuterRef("account")
    return Q(Exists(EmailBlock.objects.filter(account=account, email=OuterRef(address), reason=reason)))


def _gets_it_elsewhere(kind: MailingKind, among: QuerySet[Customer]) -> Q:
    """Whether somebody else of the audience gets it at their contact's address."""
    others = among.filter(Q(pk=OuterRef("contact")) | Q(contact=OuterRef("contact"), pk__lt=OuterRef("pk")))
    if kind == MailingKind.NEWS:
        others = others.filter(news_since__isnull=False)
    else:
        others = others.annotate(reached=_reached(), is_known=_is_known())
        others = others.filter(Q(is_known=True) | ~_is_blocked("", "reached", BlockReason.UNSUBSCRIBED))
    return Q(contact__isnull=False) & Q(Exists(others))


def _reached() -> Coalesce:
    return Coalesce("email", F("contact_email"), output_field=CharField())


def _is_known() -> Case:
    """Whether they booked or logged in themselves; of somebody in another's care, whether that one did."""
    signs = Q(seen_at__isnull=False) | Q(contact__seen_at__isnull=False)
    for sign in SIGNS:
        signs |= Q(sign("")) | Q(contact__isnull=False) & Q(sign("contact_id"))
    return Case(When(signs, then=Value(value=True)), default=Value(value=False))
