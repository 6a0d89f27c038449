"""The people of a message: who gets it, who doesn't and why, and what became of it for each; all of it as a file."""

from collections.abc import Iterator
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.mailings.audiences import audience_of
from accounts.mailings.reasons import judged
from accounts.mailings.results import LOOKED_AT, Outcome, left_out_of, letters_of, names_at, outcome_of, pending_of
from accounts.models import LeftOut, Letter, Mailing, MailingKind, MailingRecipient
from accounts.models.customers import listed_name
from bookwhen.keyset import keyset_page
from tickets.dashboard.csv_export import csv_response
from tickets.dashboard.messages.fetch import fetch_mailing, redirect_to_message

GETS: Final = "gets"
"""What `show` says for those who will get a message; else a reason why not, or an outcome."""
PER_PAGE: Final = 50
PART: Final = 1000
"""How many lines of the file are read at a time."""


@operator_view(MANAGE_CUSTOMERS)
def message_people(request: OperatorRequest, pk: int, show: str) -> HttpResponse:
    """Some of a message's people: those who will get it, who won’t for one reason, or for whom it came to one thing."""
    mailing = fetch_mailing(request, pk)
    label = _label(mailing, show)
    context = {"section": "messages", "mailing": mailing, "label": label, "show": show}
    context |= _unsent(request, mailing, show) if mailing.is_unsent else _sent(request, mailing, show)
    return render(request, "tickets/dashboard/messages/people.html", context)


@operator_view(MANAGE_CUSTOMERS)
def message_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """What became of a message, for each, as a file for a spreadsheet."""
    mailing = fetch_mailing(request, pk)
    if mailing.is_unsent:
        return redirect_to_message(request, mailing)
    name = f"{slugify(mailing.subject) or 'message'}-{mailing.pk}.csv"
    head = [_("Name"), _("Email address"), _("What happened"), _("When")]
    return csv_response(request.account, name, head, _lines(mailing))


def _label(mailing: Mailing, show: str) -> str:
    """What those people are called; 404 where there are no such."""
    if show in LeftOut.values:
        return str(LeftOut(show).label)
    if mailing.is_unsent and show == GETS:
        return _("Gets this message")
    if not mailing.is_unsent and show in Outcome.values:
        return str(Outcome(show).label)
    raise Http404


def _unsent(request: OperatorRequest, mailing: Mailing, show: str) -> dict[str, Any]:
    found = audience_of(mailing, now=timezone.now())
    if found is None:
        raise Http404
    everyone = found.customers.annotate(listed_name=listed_name())
    rows = judged(everyone, MailingKind(mailing.kind), among=found.customers)
    rows = rows.filter(reason="" if show == GETS else show)
    # A reason is judged row by row, so that few of many are not looked for in all of them.
    page = keyset_page(rows, ("listed_name", "pk"), request.GET, size=PER_PAGE, among=everyone, reach=LOOKED_AT)
    return {"page": page, "rows": [(each, each.reached, None) for each in page]}


def _sent(request: OperatorRequest, mailing: Mailing, show: str) -> dict[str, Any]:
    if show in LeftOut.values or show == Outcome.PENDING:
        found = pending_of(mailing) if show == Outcome.PENDING else left_out_of(mailing, LeftOut(show))
        recipients = keyset_page(found, ("pk",), request.GET, size=PER_PAGE)
        return {"page": recipients, "rows": [(each.customer, each.email, None) for each in recipients]}
    letters = keyset_page(letters_of(mailing, Outcome(show)), ("pk",), request.GET, size=PER_PAGE)
    names = names_at(mailing, [each.recipient for each in letters])
    return {"page": letters, "rows": [(names.get(each.recipient), each.recipient, each) for each in letters]}


def _lines(mailing: Mailing) -> Iterator[list[str]]:
    after, zone = 0, mailing.account.zone
    everyone = MailingRecipient.objects.filter(account=mailing.account_id, mailing=mailing).select_related("customer")
    while part := list(everyone.filter(pk__gt=after).order_by("pk")[:PART]):
        sent = Letter.objects.filter(account=mailing.account_id, mailing=mailing)
        letters = {each.recipient: each for each in sent.filter(recipient__in=[each.email for each in part])}
        for each in part:
            letter = None if each.reason else letters.get(each.email)
            outcome = outcome_of(letter) if letter else Outcome.PENDING
            at = letter and (letter.bounced_at or letter.failed_at or letter.sent_at)
            yield [
                str(each.customer),
                each.email,
                each.get_reason_display() if each.reason else str(outcome.label),
                f"{timezone.localtime(at, zone):%Y-%m-%d %H:%M}" if at else "",
            ]
        after = part[-1].pk
