"""A browser without JavaScript: who is logged in, what a page says, and what its form sends."""

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.contrib.messages import get_messages
from django.test import Client
from icalendar import Calendar

from accounts.models import Customer, User
from tests.factories.accounts import UserFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def open_browser(who: User | Customer | None = None) -> Client:
    """Open a browser in which this user, or this customer's, is logged in; without one: nobody."""
    client = Client()
    user = who.user if isinstance(who, Customer) else who
    assert user or not who, "This customer has no login."
    if user:
        client.force_login(user)
    return client


def open_unverified_browser() -> Client:
    """Open the browser of somebody who logged in, but never opened the link that we sent them."""
    return open_browser(UserFactory.create(email="new@example.org", proved=False))


def page_text(response: Any) -> str:
    """What the page says between its bar and its foot, without markup, on one line."""
    return text_of(response.content.decode())


def text_of(html: str) -> str:
    """The same, of the HTML of a page."""
    return _text(html.partition("<main")[2].partition(">")[2].partition("</main>")[0])


def ticket_texts(response: "Answer") -> list[str]:
    """What each ticket on the page says."""
    return [
        _text(part)
        for part in re.findall(r'<article class="ticket".*?</article>', response.content.decode(), re.DOTALL)
    ]


def shown_messages(response: Any) -> list[str]:
    """The messages that the page at the end of a redirect shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def next_page(response: Any) -> dict[str, str]:
    """What *Next* of a list asks for; empty where there is no such link."""
    found = re.search(r'<a class="button" href="\?([^"]*)"[^>]*rel="next"', response.content.decode())
    return dict(parse_qsl(unescape(found[1]))) if found else {}


def form_fields(response: "Answer") -> dict[str, str]:
    """The fields of the page's own form as a browser would send them."""
    return _fields(response.content.decode().partition("<main")[2])


def fields_of_form(response: "Answer", having: str) -> dict[str, str]:
    """The same for that form of a page whose HTML has this text in it."""
    forms = response.content.decode().partition("<main")[2].split("<form")[1:]
    [form] = [each for each in forms if having in each.partition("</form>")[0]]
    return _fields(form.partition("</form>")[0])


def _fields(form: str) -> dict[str, str]:
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        found[unescape(attributes["name"])] = unescape(attributes.get("value", ""))
    return found


def submit_form(client: Client, path: str, **typed: str) -> "Answer":
    """Open the page at this address, fill in its form, and send it there."""
    return client.post(path, {**form_fields(client.get(path)), **typed})


def calendar_events(calendar: str) -> list[Any]:
    """The events of .ics files, one after another; icalendar types each property as any of thirty classes."""
    return [event for each in Calendar.from_ical(calendar, multiple=True) for event in each.walk("VEVENT")]


def _text(markup: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", " ", markup, flags=re.DOTALL)))
    return re.sub(r"\s+([.,:])", r"\1", " ".join(text.split()))
