"""What every page of a booking shows around what it is about, as plain data: `bookwhen.fastpath.outlines`."""

from typing import Any, Final

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from accounts.models import SchedulePage, User
from bookwhen.context import here
from bookwhen.fastpath.outlines import Outlines, Said, SaidKey, Shown, said
from bookwhen.installation.copies import quiet_copy
from bookwhen.toasts import is_toast
from tickets.availability.facts import Person
from tickets.public.basket.cookie import count_basket_items
from tickets.public.order.choice import Choice

MOST: Final = 8_000_000
"""Bytes of outlines of one page, in each process."""


def outlined(
    request: HttpRequest, outlines: Outlines, shown: Shown, *, page: SchedulePage, status: int = 200
) -> HttpResponse:
    """Answer with a page, in its frame."""
    return HttpResponse(outlines.render({**_frame(request, page), **shown}), status=status)


def _frame(request: HttpRequest, page: SchedulePage) -> dict[str, Any]:
    copy, user = quiet_copy(), request.user
    return {
        "site_name": settings.SITE_NAME,
        "demo": settings.DEMO,
        "quiet_copy": {"site": said(copy.site)} if copy else None,
        "here": Said(here(request)),
        "csrf_token": SaidKey(lambda: get_token(request), later=True),
        "messages": _messages(request),
        "basket_items": count_basket_items(request, page.account),
        "user": {"is_authenticated": True, "email": said(user.email)} if isinstance(user, User) else None,
        "page": _page(page),
    }


def tell_person(who: Person) -> dict[str, Any]:
    """What is told of the visitor."""
    return {
        "logged_in": who.logged_in,
        "proved": who.proved,
        "name": said(who.name),
        "address": said(who.address),
        "by_another": who.booked_by is not None,
    }


def tell_family(who: Person, choice: Choice) -> list[dict[str, Any]]:
    """Whom the visitor can book for, themselves first, with where each leads; nothing where that is nobody else."""
    if not who.others or who.customer is None:
        return []
    own, chosen = who.booked_by or who.customer, who.customer.pk
    people = [(own, 0), *((each, each.pk) for each in who.others)]
    return [
        {"name": said(str(each)), "is_chosen": each.pk == chosen, "query": said(choice.query_for(whose))}
        for each, whose in people
    ]


def _messages(request: HttpRequest) -> list[dict[str, Any]]:
    """What the visitor is told once; nothing is marked as read where there is nothing."""
    found = get_messages(request)
    if not len(found):  # it has no truth of its own
        return []
    return [
        {"message": said(str(each)), "level_tag": str(each.level_tag), "is_toast": is_toast(each)} for each in found
    ]


def _page(page: SchedulePage) -> dict[str, Any]:
    account = page.account
    return {
        "slug": SaidKey(page.slug),
        "title": said(page.title),
        "accent": str(page.accent),
        "account": {
            "name": said(account.name),
            "logo": str(account.logo or ""),
            "time_zone": said(account.time_zone),
            "has_groups": account.has_groups,
            "takes_payments": account.takes_payments,
            "hold_minutes": account.hold_minutes,
            "contact": Said(lambda: account.contact, later=True),
        },
    }
