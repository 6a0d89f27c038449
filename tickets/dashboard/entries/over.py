"""In place of a form: an entry that does not change any more, perhaps since somebody opened the form."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import OperatorRequest
from bookwhen.typed import texts_of
from tickets.dashboard.fetch import entry_context, fetch_entry

REFUSED: Final = 409


def over_page(request: OperatorRequest, context: dict[str, object]) -> HttpResponse:
    """Say why it does not change, in an entry's frame (`entry_context`), with what was written for it."""
    status = REFUSED if request.method == "POST" else 200
    return render(
        request, "tickets/dashboard/entry_over.html", context | {"typed": bool(texts_of(request))}, status=status
    )


def over_meanwhile(request: OperatorRequest, pk: int, page: str, *, tab: str = "") -> HttpResponse:
    """The same for what a service has just refused to change; the form again (its `page`) where it can be changed."""
    context = entry_context(request, fetch_entry(request.account, pk), tab, now=timezone.now())
    if context["over"]:
        return over_page(request, context)
    return redirect(f"dashboard:{page}", account=request.account.slug, pk=pk)
