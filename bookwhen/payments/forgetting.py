"""Taking a person out of what Stripe told us: out of the events we keep, and out of those that come later.

An event is only a hint (`bookwhen.payments.models.StripeEvent`): what it is about is found by Stripe's ids, and those
stay. Nothing changes at Stripe itself.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from bookwhen.payments.models import ErasedAtStripe, StripeEvent

_PERSONAL: Final = (
    "address billing_details card charges customer_address customer_details customer_email customer_name"
    " customer_phone customer_shipping description email evidence individual name owner payment_method_details phone"
    " previous_attributes receipt_email shipping shipping_details statement_descriptor tax_ids"
)
PERSONAL: Final = frozenset(_PERSONAL.split())
"""Parts of an object at Stripe of which nothing is kept."""
_PLAIN: Final = (
    "api_version billing_reason collection_method currency interval mode object payment_status proration_behavior"
    " reason status type"
)
PLAIN: Final = frozenset(_PLAIN.split())
"""Columns whose texts are Stripe's own words."""
_PREFIXES: Final = (
    "acct card ch cn cs cus di dp du evt ii il in mandate pi plan pm price prod promo py pyr re req seti si sub"
    " sub_sched txn txr we"
)
NUMBER: Final = re.compile(
    rf"(?:(?:{_PREFIXES.replace(' ', '|')})_\w{{1,250}}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})", re.ASCII
)
"""An id of Stripe's, or a uuid of ours: it names nobody to anyone who hasn't got the rest."""
IDS: Final = ("id", "customer", "payment_intent", "subscription", "charge", "invoice")
"""By which of its columns an object is somebody's."""
BATCH: Final = 200
IDS_AT_ONCE: Final = 50
LATELY: Final = timedelta(days=2)


def without_people(told: Any, key: str = "") -> Any:  # noqa: ANN401 - whatever JSON holds
    """What an event says, with its ids, amounts and states, and nothing that anybody typed."""
    if isinstance(told, Mapping):
        return {name: _part(name, value) for name, value in told.items()}
    if isinstance(told, list):
        return [without_people(each, key) for each in told]
    if isinstance(told, str):
        return told if key in PLAIN or NUMBER.fullmatch(told) else ""
    return told


def _part(name: str, value: Any) -> Any:  # noqa: ANN401
    if name in PERSONAL:
        return None
    return without_people(value, name)


def ids_of(about: Mapping[str, Any]) -> list[str]:
    """Stripe's ids of what an object is, and of whose it is."""
    found = (about.get(name) for name in IDS)
    named = [each.get("id") if isinstance(each, Mapping) else each for each in found]
    return [each for each in named if isinstance(each, str) and each]


def forget_at_stripe(
    connections: Collection[int], theirs: Iterable[tuple[int, str]], addresses: Collection[str]
) -> None:
    """Take somebody out of all events of these connections, now and when more come.

    `theirs` are ids at Stripe, each with its connection; `addresses` find what bears none of them. Safe to repeat.
    """
    known = sorted(set(theirs))
    ErasedAtStripe.objects.bulk_create(
        (ErasedAtStripe(connection_id=connection, stripe_id=stripe_id) for connection, stripe_id in known),
        ignore_conflicts=True,
    )
    words = [*(f'"{stripe_id}"' for _connection, stripe_id in known), *addresses]
    speaking = Q(pk__in=[])
    for each in words:
        speaking |= Q(words__icontains=each)
    events = StripeEvent.objects.filter(connection__in=connections).annotate(words=Cast("payload", TextField()))
    for event in events.filter(speaking).only("pk", "payload").iterator(chunk_size=BATCH):
        forget_event(event.pk, event.payload)


def forget_event(pk: int, payload: Any) -> None:  # noqa: ANN401
    """Take the person it is about out of one event."""
    StripeEvent.objects.filter(pk=pk).update(payload=without_people(payload))


def forget_again(*, now: datetime) -> None:
    """Do it again for all who were erased lately: for what came in at the very instant. Safe to repeat."""
    lately = ErasedAtStripe.objects.filter(added_at__gt=now - LATELY).order_by("connection", "stripe_id")
    theirs = list(lately.values_list("connection", "stripe_id"))
    for connection, some in groupby(theirs, key=itemgetter(0)):
        ids = list(some)
        for first in range(0, len(ids), IDS_AT_ONCE):
            forget_at_stripe([connection], ids[first : first + IDS_AT_ONCE], ())
