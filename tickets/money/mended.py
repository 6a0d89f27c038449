"""What goes on automatically once a connection to Stripe works again."""

from datetime import datetime

from bookwhen.payments.models import Connection
from bookwhen.queue import enqueue
from tickets.models import Refund, RefundState
from tickets.money.refunds import LEASE


def send_waiting_refunds(*, connection: Connection, now: datetime, **_about: object) -> None:
    """Ask Stripe at once for the refunds that it has not made; those that a worker is asking for are left to it."""
    waiting = Refund.objects.filter(payment__connection=connection, state=RefundState.QUEUED, due_at__gt=now + LEASE)
    keys = list(waiting.values_list("pk", flat=True))
    Refund.objects.filter(pk__in=keys, state=RefundState.QUEUED).update(due_at=now)
    for key in keys:
        enqueue("tickets.tasks.send_refund", key)
