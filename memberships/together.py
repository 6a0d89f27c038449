"""Following many subscriptions of an account at once: each is asked for at Stripe, the rest is done for all of them."""

import logging
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Final

from django.db import transaction

from accounts.models import Account
from bookwhen.payments.gateway import Gateway, StripeDownError, StripeError
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.applying import Fetched, apply_many
from memberships.bills import bills_to_list
from memberships.items import choose_item
from memberships.models import Subscription
from memberships.pauses import without_ended_pause
from memberships.scheduled_changes import with_scheduled_change
from memberships.sync import find_known, gateway_of, look_beside

log = logging.getLogger(__name__)

SECONDS: Final = 20
"""For how long others are asked for at Stripe: what was read first has to be written while it is still true."""


def follow_together(account: Account, stripe_ids: Sequence[str], *, now: datetime) -> dict[str, StripeError | None]:
    """Make our subscriptions what Stripe's (by their ids) are now: what each came to, None where all is well.

    Left out is what `memberships.sync` had better look at alone: what is not known here or not usual
    (`memberships.applying.apply_many`), and the rest once Stripe is down or takes its time. Raises StripeError.
    """
    gateway = gateway_of(account)
    known = {each.stripe_id: each for each in find_known(account.pk, list(stripe_ids))}
    read, failed = _read(account, gateway, known, now=now)
    since = bills_to_list(account, [(reading, known[each]) for each, reading in read.items()])
    fetched = dict[str, Fetched]()
    for stripe_id, reading in read.items():
        before = known[stripe_id]
        try:
            beside = look_beside(gateway, reading, before, since)
        except StripeError as error:
            failed[stripe_id] = error
        else:
            fetched[stripe_id] = Fetched(reading, before.revision, beside)
    with transaction.atomic():
        done = apply_many(account, fetched, now=now)
    return {**failed, **dict.fromkeys(done)}


def _read(
    account: Account, gateway: Gateway, known: dict[str, Subscription], *, now: datetime
) -> tuple[dict[str, SubscriptionReading], dict[str, StripeError | None]]:
    """What Stripe says of each, and why it could not be read of some."""
    read, failed, stop = dict[str, SubscriptionReading](), dict[str, StripeError | None](), monotonic() + SECONDS
    for stripe_id, tell in gateway.ask_together(Gateway.subscription, known):
        try:
            reading = choose_item(account, tell())
            read[stripe_id] = without_ended_pause(with_scheduled_change(account, gateway, reading), now=now)
        except StripeError as error:
            failed[stripe_id] = error
            if isinstance(error, StripeDownError):
                break
        if monotonic() > stop:
            break
    return read, failed
