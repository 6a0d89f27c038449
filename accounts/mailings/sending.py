"""What workers do with a message: first its audience becomes recipients, then their emails are written, in batches.

Both are one transaction a batch, with the message held: of two workers the second finds what the first did, and nobody
gets it twice. Emails that count towards the quota wait in the queue like any others (docs/decisions/0083).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.mailings.audiences import Found, audience_of
from accounts.mailings.letters import first_name, kind_of_letter, own_facts, shared_facts, short_form
from accounts.mailings.reasons import judged, judged_again
from accounts.mailings.texts import fill
from accounts.models import (
    Customer,
    Mailing,
    MailingKind,
    MailingRecipient,
    MailingState,
    Operation,
    RecipientState,
)
from accounts.operations.kinds import Kind, Phase, Place, Step
from bookwhen.queue import enqueue

GATHERED: Final = 2000
"""How many of an audience become recipients in one transaction."""
BATCH: Final = 300
"""How many emails are written in one transaction."""
GATHER: Final = "gather"
WRITE: Final = "write"
AFTER: Final = "after"
"""The cursor's word for the last key of which a batch was done."""

_FREEZE: Final = """
    INSERT INTO accounts_mailingrecipient (account_id, mailing_id, customer_id, email, state, reason, is_known)
    SELECT %s::bigint, %s::bigint, found.customer, found.email,
        CASE found.reason WHEN '' THEN 'pending' ELSE 'left_out' END, found.reason, found.is_known
    FROM ({found}) AS found (customer, email, reason, is_known)
    ORDER BY found.customer
    ON CONFLICT DO NOTHING
    RETURNING reason
"""
_WRITE: Final = """
    INSERT INTO accounts_letter (
        account_id, mailing_id, kind, dedupe, recipient, reply_to, subject, text, html, calendar, facts, created_at,
        due_at, attempts, error, is_metered
    )
    SELECT %(account)s::bigint, %(mailing)s::bigint, each.kind, each.dedupe, each.recipient, %(reply_to)s::text,
        each.subject, each.text, '', '', %(facts)s::jsonb || each.facts, %(now)s::timestamptz, %(now)s::timestamptz,
        0, '', each.is_metered
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS each (
        kind text, dedupe text, recipient text, subject text, text text, facts jsonb, is_metered bool
    )
    ON CONFLICT (dedupe) DO NOTHING
"""
_NOTE: Final = """
    UPDATE accounts_mailingrecipient AS recipient SET state = told.state, reason = told.reason
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (id bigint, state text, reason text)
    WHERE recipient.account_id = %(account)s AND recipient.mailing_id = %(mailing)s AND recipient.id = told.id
"""
_READ: Final = (
    *("pk", "email", "is_known", "again", "customer__name", "customer__name_confirmed", "customer__user__name"),
    "customer__contact",
)


def _gather_batch(operation: Operation, now: datetime) -> Step:
    """Freeze the next part of the audience."""
    with transaction.atomic():
        mailing = _hold(operation)
        found = audience_of(mailing, now=now)
        if mailing.state == MailingState.SCHEDULED:
            mailing.state, mailing.began_at = MailingState.SENDING, now
        if found is not None:
            mailing.said = {"why": found.why, "words": dict(found.words)}
        after = operation.cursor.get(AFTER, 0)
        keys = [] if found is None else _next_customers(found, after)
        gets, left_out = (0, 0) if found is None or not keys else _freeze(mailing, found, keys)
        mailing.gets, mailing.left_out = mailing.gets + gets, mailing.left_out + left_out
        if not keys:
            mailing.gathered_at = now
        mailing.save(update_fields=["state", "began_at", "said", "gets", "left_out", "gathered_at"])
    done = operation.done + len(keys)
    return Step({AFTER: keys[-1]}, done) if keys else Step(None, done)


def _next_customers(found: Found, after: int) -> list[int]:
    rows = found.customers.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True).distinct()[:GATHERED])


def _freeze(mailing: Mailing, found: Found, keys: Sequence[int]) -> tuple[int, int]:
    """Make recipients of these customers (ids): how many get it, and how many don't. What was frozen before stays."""
    customers = Customer.objects.filter(account=mailing.account_id, pk__in=keys)
    rows = judged(customers, MailingKind(mailing.kind), among=found.customers)
    sql, params = rows.order_by().values_list("pk", "reached", "reason", "is_known").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(found=sql), [mailing.account_id, mailing.pk, *params])
        reasons = [reason for (reason,) in cursor.fetchall()]
    return reasons.count(""), len(reasons) - reasons.count("")


def _write_batch(operation: Operation, now: datetime) -> Step:
    """Write to the next recipients; who unsubscribed or bounced since they were frozen is left out."""
    with transaction.atomic():
        mailing = _hold(operation)
        if mailing.state != MailingState.SENDING:
            return Step(None, operation.done, mailing.gets)
        _hold_recipients(mailing)
        rows = _next_recipients(mailing)
        if rows:
            _write(mailing, rows, now=now)
            enqueue("accounts.tasks.send_letters")
            return Step({AFTER: rows[-1]["pk"]}, min(operation.done + len(rows), mailing.gets), mailing.gets)
        mailing.state, mailing.ended_at = MailingState.SENT, now
        mailing.save(update_fields=["state", "ended_at"])
    return Step(None, mailing.gets, mailing.gets)


def _hold_recipients(mailing: Mailing) -> None:
    """Let nobody be erased or merged between being read and being written to; who is by now is found as they are."""
    left = _pending(mailing).select_for_update(no_key=True)
    list(left.values_list("pk", flat=True)[:BATCH])


def _next_recipients(mailing: Mailing) -> list[dict[str, Any]]:
    return list(judged_again(_pending(mailing), MailingKind(mailing.kind)).values(*_READ)[:BATCH])


def _pending(mailing: Mailing) -> QuerySet[MailingRecipient]:
    left = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing, state=RecipientState.PENDING)
    return left.order_by("pk")


def _write(mailing: Mailing, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    facts = shared_facts(mailing, mailing.said.get("why", ""))
    words = mailing.said.get("words", {})
    gets = [row for row in rows if not row["again"]]
    told = [
        {
            "id": row["pk"],
            "state": RecipientState.LEFT_OUT if row["again"] else RecipientState.WRITTEN,
            "reason": row["again"],
        }
        for row in rows
    ]
    known: dict[str, Any] = {"account": mailing.account_id, "mailing": mailing.pk}
    with connection.cursor() as cursor:
        letters = json.dumps([_letter(mailing, row, words) for row in gets])
        shared: dict[str, Any] = {
            "reply_to": mailing.account.contact,
            "facts": json.dumps(facts),
            "now": now,
            "rows": letters,
        }
        cursor.execute(_WRITE, {**known, **shared})
        cursor.execute(_NOTE, {**known, "rows": json.dumps(told)})


def _letter(mailing: Mailing, row: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    """The columns of a recipient's email, and what it is written from besides what all are."""
    full_name = row["customer__name"] if row["customer__name_confirmed"] else row["customer__user__name"] or ""
    name = first_name(full_name, mailing.account.language)
    own = own_facts(name, full_name, words, has_contact=row["customer__contact"] is not None)
    return {
        "kind": kind_of_letter(mailing.kind, is_known=row["is_known"]),
        "dedupe": f"mailing {mailing.pk} {row['pk']}",
        "recipient": row["email"],
        "subject": fill(mailing.subject, own["words"])[:250],
        "text": short_form(fill(mailing.text, own["words"])),
        "facts": own,
        "is_metered": not row["is_known"],
    }


def _hold(operation: Operation) -> Mailing:
    """The message of a long job, held against other workers and anyone who decides about it."""
    found = Mailing.objects.select_related("account").filter(account=operation.account_id, operation=operation.pk)
    return found.select_for_update(of=("self",), no_key=True).get()


def _leads_to(operation: Operation) -> Place | None:
    found = Mailing.objects.filter(account=operation.account_id, operation=operation.pk).values_list("pk", flat=True)
    pk = found.first()
    return Place(gettext_lazy("Open the message"), "message", pk) if pk else None


SENDING: Final = Kind(
    "mailing",
    gettext_lazy("Send a message"),
    "operation",
    {
        GATHER: Phase(gettext_lazy("Finding out who gets it"), _gather_batch, then=WRITE),
        WRITE: Phase(gettext_lazy("Writing emails"), _write_batch),
    },
    stays=gettext_lazy("You can stop it on the message’s own page."),
    leads_to=_leads_to,
)
