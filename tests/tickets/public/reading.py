"""Reading a page as a person does."""

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from django.test import Client
from icalendar import Calendar

from accounts.models import Customer

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def words(response: "Answer") -> str:
    """What the page says between its bar and its foot, without markup."""
    return _said(response.content.decode().partition("<main")[2].partition(">")[2].partition("</main>")[0])


def tickets(response: "Answer") -> list[str]:
    """What each ticket on the page says."""
    return [
        _said(part)
        for part in re.findall(r'<article class="ticket".*?</article>', response.content.decode(), re.DOTALL)
    ]


def fields(response: "Answer") -> dict[str, str]:
    """The fields of the page's own form as a browser would send them."""
    form = response.content.decode().partition("<main")[2]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        found[unescape(attributes["name"])] = unescape(attributes.get("value", ""))
    return found


def events(calendar: str) -> list[Any]:
    """The events of an .ics file; icalendar types each property as any of thirty classes."""
    return list(Calendar.from_ical(calendar).walk("VEVENT"))


def logged_in(customer: Customer) -> Client:
    """A browser in which this customer has logged in."""
    client = Client()
    assert customer.user is not None
    client.force_login(customer.user)
    return client


def _said(markup: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", " ", markup, flags=re.DOTALL)))
    return re.sub(r"\s+([.,:])", r"\1", " ".join(text.split()))
