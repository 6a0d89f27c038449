"""Unsubscribing from what a studio sends without being asked, and coming back."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.email_blocks import is_unsubscribed, resubscribe, unsubscribe
from accounts.email_links import REMINDERS, UNSUBSCRIBE, DeadTokenError
from accounts.reminders import are_stopped, resume_reminders, stop_reminders


@csrf_exempt
@never_cache
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and do it on POST: what opens links in emails to look at them must not unsubscribe anybody.

    A mail program posts here without cookies (RFC 8058), so the signed token is all the proof there is.
    """
    try:
        who = UNSUBSCRIBE.read(token)
    except DeadTokenError:
        return render(request, "accounts/public/unsubscribe_dead.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        if "subscribe" in request.POST:
            resubscribe(who, now=timezone.now())
        else:
            unsubscribe(who, now=timezone.now())
    context = {"who": who, "done": is_unsubscribed(who), "back": "subscribe" in request.POST}
    return render(request, "accounts/public/unsubscribe.html", context)


@csrf_exempt
@never_cache
def reminders_page(request: HttpRequest, token: str) -> HttpResponse:
    """The same for reminders of what somebody booked."""
    try:
        who = REMINDERS.read(token)
    except DeadTokenError:
        return render(request, "accounts/public/unsubscribe_dead.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        if "subscribe" in request.POST:
            resume_reminders(who)
        else:
            stop_reminders(who, now=timezone.now())
    context = {"who": who, "done": are_stopped(who), "back": "subscribe" in request.POST}
    return render(request, "accounts/public/reminders.html", context)
