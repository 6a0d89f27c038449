"""The keeper's pages: how the installation is, and its studios. They change nothing and name no customer."""

from typing import Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.dashboard.query import search_term
from accounts.models import Account, Letter
from bookwhen.installation.dashboard.access import keeper_view
from bookwhen.installation.dashboard.job_names import job_name, task_of
from bookwhen.installation.dashboard.state import (
    DAY,
    MOST,
    Beat,
    Stored,
    connections_in_trouble,
    free_disk,
    read_queued,
    read_stored,
)
from bookwhen.installation.dashboard.studios import MOST_CUSTOMERS, studio_page
from bookwhen.installation.dashboard.troubles import is_silent, troubles
from bookwhen.installation.dashboard.versions import schema, versions
from bookwhen.payments.models import EventState, StripeEvent
from bookwhen.seeing.scrub import scrub_values

SHOWN: Final = 20
"""How many rows of each kind of trouble the page shows."""
UNAVAILABLE: Final = 503


@keeper_view
def keeper(request: HttpRequest) -> HttpResponse:
    """How everything is, what is wrong and what to do about it."""
    now = timezone.now()
    stored, queued, disk = read_stored(now=now), read_queued(), free_disk()
    if stored is None:
        return render(request, "installation/dashboard/no_answer.html", status=UNAVAILABLE)
    found = schema()
    context = {
        "section": "keeper",
        "now": now,
        "stored": stored,
        "queued": queued,
        "most": MOST,
        "disk": int(disk * 100),
        "is_running": not is_silent(stored, now),
        "troubles": troubles(stored, queued, pending=found.pending, disk=disk, now=now),
        "waiting": _waiting_rows(stored),
        "jobs": _job_rows(stored),
        "failing": [(job_name(row.job), row) for row in stored.aside],
        "letters": _letter_rows(),
        "events": _event_rows(),
        "connections": _connection_rows(),
        "versions": versions(),
        "schema": found,
    }
    return render(request, "installation/dashboard/keeper.html", context)


@keeper_view
def keeper_studios(request: HttpRequest) -> HttpResponse:
    """Every studio, by its address, a page at a time."""
    words, after = search_term(request), search_term(request, "after")
    context = {
        "section": "keeper_studios",
        "page": studio_page(words, after),
        "q": words,
        "after": after,
        "most_customers": MOST_CUSTOMERS,
    }
    return render(request, "installation/dashboard/studios.html", context)


def _waiting_rows(stored: Stored) -> list[tuple[str, object]]:
    words = {
        "letters": _("Emails"),
        "events": _("Updates from Stripe"),
        "baskets": _("Expired baskets"),
        "refunds": _("Refunds"),
        "releases": _("Spaces of memberships that ended"),
    }
    return [(words[kind], amount) for kind, amount in stored.waiting.items()]


def _job_rows(stored: Stored) -> list[tuple[str, str, Beat]]:
    """Each job in words and by its task; those with problems come first, then by name."""
    rows = [(job_name(task := task_of(each.name)), task, each) for each in stored.beats]
    return sorted(rows, key=lambda row: (not row[2].is_troubled, row[0]))


def _letter_rows() -> list[dict[str, object]]:
    """Emails that failed in the last day or whose last attempt failed, without saying to whom they are."""
    given_up = Letter.objects.filter(failed_at__gt=timezone.now() - DAY).order_by("-failed_at")
    faulty = Letter.objects.waiting().exclude(fault="").order_by("due_at")
    return [
        {
            "id": letter.pk,
            "kind": letter.kind,
            "studio": letter.account.slug if letter.account else "",
            "created_at": letter.created_at,
            "fault": letter.fault_text or _("It was given up"),
            "error": scrub_values(letter.error),
            "is_final": letter.failed_at is not None,
        }
        for rows in (faulty, given_up)
        for letter in _plain(rows)
    ]


def _plain(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """Without what is written in them, and to whom."""
    shown = ("id", "kind", "created_at", "fault", "error", "failed_at", "expires_at", "attempts", "account__slug")
    return letters.select_related("account").only(*shown)[:SHOWN]


def _event_rows() -> list[dict[str, object]]:
    dead = StripeEvent.objects.filter(state=EventState.DEAD).order_by("-received_at").defer("payload")[:SHOWN]
    events = list(dead)
    return [
        {"event": event, "studio": studio, "error": scrub_values(event.error)}
        for event, studio in zip(events, _studios_of([each.connection_id for each in events]), strict=True)
    ]


def _connection_rows() -> list[dict[str, object]]:
    found = list(connections_in_trouble()[:SHOWN])
    return [
        {"connection": each, "studio": studio, "trouble": scrub_values(each.trouble)}
        for each, studio in zip(found, _studios_of([each.pk for each in found]), strict=True)
    ]


def _studios_of(connections: list[int]) -> list[str]:
    """The address of the studio of each connection; nothing for one that no studio uses any more. One statement."""
    known = dict(Account.objects.filter(connection__in=connections).values_list("connection", "slug"))
    return [known.get(each, "") for each in connections]
