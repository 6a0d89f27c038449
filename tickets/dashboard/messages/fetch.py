"""Fetching messages: through the account, or not at all."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.access import OperatorRequest
from accounts.models import Mailing


def fetch_mailing(request: OperatorRequest, pk: int) -> Mailing:
    """A message of the request's account, with its long job, carrying the account with its connection; else 404."""
    found = Mailing.objects.filter(account=request.account).select_related("account__connection", "operation")
    return get_object_or_404(found, pk=pk)


def redirect_to_message(request: OperatorRequest, mailing: Mailing) -> HttpResponse:
    """Go to a message's page."""
    return redirect("dashboard:message", account=request.account.slug, pk=mailing.pk)
