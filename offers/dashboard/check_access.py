"""*Check access*: why a customer can or cannot book a ticket at an entry, by the very rule that books."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import page_of_customers, query_id, search_term
from accounts.models import Account, Customer
from bookwhen.keyset import KeysetPage
from bookwhen.search import text_has
from groups.models import Group
from offers.dashboard.answers import AccessAnswer, MemberFacts, access_answers, member_facts
from offers.queries import logged_in_here
from tickets.availability.facts import load_facts, person_of_customer
from tickets.models import Entry, Ticket
from tickets.queries import entries_of

CUSTOMERS_SHOWN: Final = 10
FIRST_YEAR, LAST_YEAR = 2000, 2200
"""The years in which a moment can be chosen."""
ENTRIES_SHOWN: Final = 8
"""As many as fit on two screens of a phone: later ones are found by typing."""
ENTRIES_READ: Final = (100, 400)
"""How many entries are looked at, and how many more if that was not enough."""


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """What is asked, as far as it was chosen."""

    customer: Customer | None
    group: Group | None
    entry: Entry | None
    ticket: Ticket | None
    moment: datetime | None = None
    """When they would book, in the account's time zone; none: now."""

    @property
    def moment_text(self) -> str:
        """The same as it stands in the address."""
        return f"{self.moment:%Y-%m-%dT%H:%M}" if self.moment else ""

    @property
    def at(self) -> str:
        """The chosen entry and ticket as they stand in the address."""
        return f"{self.entry.pk}-{self.ticket.pk}" if self.entry and self.ticket else ""

    @property
    def is_complete(self) -> bool:
        """Whether there is something to answer."""
        return self.customer is not None and self.entry is not None and self.ticket is not None


@dataclass(frozen=True, slots=True)
class AccessResult:
    """The answer, with the facts that it rests on."""

    answers: Sequence[AccessAnswer]
    member_facts: Sequence[MemberFacts]
    has_login: bool


@operator_view(MANAGE_CUSTOMERS)
def check_access(request: OperatorRequest) -> HttpResponse:
    """Choose a customer and a ticket at an entry, and read why."""
    question = _read_question(request)
    now = question.moment or timezone.now()
    words, find = search_term(request), search_term(request, "find")
    asks_ticket = question.customer is not None and question.ticket is None
    options, is_long = _options(request.account, question.group, find, now=now) if asks_ticket else ([], False)
    context = {
        "section": "check_access",
        "question": question,
        "q": words,
        "find": find,
        "customers": _customers(request, words) if words and question.customer is None else None,
        "is_long": is_long,
        "options": options,
        "chosen": _called(question.entry, question.ticket) if question.entry and question.ticket else "",
        "finding": _answer_question(request, question, now=now) if question.is_complete else None,
    }
    return render(request, "offers/dashboard/check_access.html", context)


def _customers(request: OperatorRequest, words: str) -> KeysetPage[Customer]:
    account = request.account
    return page_of_customers(account, account.customers.known(), words, request.GET, size=CUSTOMERS_SHOWN)


def _read_question(request: OperatorRequest) -> AccessQuestion:
    account = request.account
    entry, ticket = _chosen(request)
    return AccessQuestion(
        customer=account.customers.known().filter(pk=query_id(request, "customer")).first(),
        group=Group.objects.filter(account=account, pk=query_id(request, "group")).first(),
        entry=entry,
        ticket=ticket,
        moment=_moment(request),
    )


def _moment(request: OperatorRequest) -> datetime | None:
    """The moment that was chosen, as a clock of the studio shows it; nothing where it cannot be read."""
    try:
        given = parse_datetime(request.GET.get("moment", ""))
    except ValueError:
        return None
    if given is None or given.tzinfo or not FIRST_YEAR <= given.year <= LAST_YEAR:
        return None
    return given.replace(tzinfo=request.account.zone)


def _chosen(request: OperatorRequest) -> tuple[Entry | None, Ticket | None]:
    """The entry and the ticket of `at`, two ids with a hyphen between; nothing unless they belong together."""
    ids = [int(part) for part in search_term(request, "at").split("-") if part.isascii() and part.isdigit()]
    if len(ids) != len(("entry", "ticket")):
        return None, None
    entry = entries_of(request.account).select_related("account").filter(pk=ids[0]).first()
    ticket = Ticket.objects.filter(series=entry.series_id, pk=ids[1]).first() if entry else None
    return (entry, ticket) if ticket else (None, None)


def _options(account: Account, group: Group | None, find: str, *, now: datetime) -> tuple[list[tuple[str, str]], bool]:
    """Tickets that not everybody has, or not at the same price, at the next entries that have any, soonest first.

    If a group is given, of the exclusive ones only its own. Only so many entries are looked at, and only so many shown:
    whether there may be others, which are searched for by their title.
    """
    entries = Entry.objects.filter(account=account).upcoming(now)
    if find:
        entries = entries.filter(text_has("title", find))
    ahead = entries.order_by("starts_at", "pk").values_list("pk", "series")
    by_series, with_tickets, read = dict[int, list[Ticket]](), list[int](), 0
    for number in ENTRIES_READ:
        some = list(ahead[read : read + number])
        by_series |= _tickets_by_series(account, {series for _entry, series in some} - by_series.keys(), group)
        with_tickets += [entry for entry, series in some if by_series[series]]
        read += number
        if len(some) < number or len(with_tickets) >= ENTRIES_SHOWN:
            break
    is_long = len(some) == number
    shown = with_tickets[:ENTRIES_SHOWN]
    found = Entry.objects.filter(account=account, pk__in=shown).order_by("starts_at", "pk")
    for entry in found:
        entry.account = account
    options = [
        (f"{entry.pk}-{ticket.pk}", _called(entry, ticket)) for entry in found for ticket in by_series[entry.series_id]
    ]
    return options, is_long or len(with_tickets) >= ENTRIES_SHOWN


def _tickets_by_series(account: Account, series: Collection[int], group: Group | None) -> dict[int, list[Ticket]]:
    asked = Q(exclusive=True) | Q(price__gt=0)
    tickets = list(Ticket.objects.on_sale().filter(asked, account=account, series__in=series))
    exclusive = [ticket.pk for ticket in tickets if ticket.exclusive]
    if group:
        named = Ticket.groups.through.objects.filter(group=group, ticket__in=exclusive)
        exclusive = list(named.values_list("ticket", flat=True))
    found, opened = {each: list[Ticket]() for each in series}, set(exclusive)
    for ticket in tickets:
        if not ticket.exclusive or ticket.pk in opened:
            found[ticket.series_id].append(ticket)
    return found


def _called(entry: Entry, ticket: Ticket) -> str:
    """A ticket at an entry (with its account) in a line."""
    when = date_format(entry.starts_at.astimezone(entry.account.zone), "D j M Y, H:i")
    return f"{when} · {entry.title} · {ticket.name}"


def _answer_question(request: OperatorRequest, question: AccessQuestion, *, now: datetime) -> AccessResult:
    customer, entry, ticket = question.customer, question.entry, question.ticket
    assert customer and entry and ticket  # noqa: S101, PT018 - the question is complete
    facts = load_facts(entry, person_of_customer(customer), now=now)
    return AccessResult(
        answers=access_answers(request, customer, entry, ticket, facts, now=now),
        member_facts=member_facts(customer, ticket, facts, now=now),
        has_login=Customer.objects.filter(logged_in_here(), pk=customer.contact_id or customer.pk).exists(),
    )
