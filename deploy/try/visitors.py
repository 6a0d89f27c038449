"""A browser without a screen: TLS to 127.0.0.1 with the certificate checked, cookies, links and forms."""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from commands import Failed

HOST: Final = "bookings.test"
"""The name of the site that is tried. Only the client knows it: every connection goes to 127.0.0.1."""
TIMEOUT: Final = 60.0
FOUND: Final = range(300, 400)


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what is filled in, and what its buttons say."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    unticked: list[str] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """What a visitor sees."""

    status: int
    path: str
    text: str
    links: dict[str, str] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)

    def link(self, text: str) -> str:
        """Where the link with this text leads; raises Failed."""
        for label, path in self.links.items():
            if text in label:
                return path
        message = f"{self.path} ({self.status}) has no link {text!r}, only {', '.join(self.links)}."
        raise Failed(message)

    def has(self, button: str) -> bool:
        """Whether there is such a button."""
        return any(button in label for form in self.forms for label in form.buttons)

    def form(self, button: str) -> tuple[Form, tuple[str, str]]:
        """The form with this button, and what the button itself sends; raises Failed."""
        for form in self.forms:
            for label, sent in form.buttons.items():
                if button in label:
                    return form, sent
        message = f"{self.path} ({self.status}) has no button {button!r}: {self.text[:2000]}"
        raise Failed(message)


class _Reader(HTMLParser):
    """Reads links and forms; a control outside every form is nobody's."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.form: Form | None = None
        self.select = self.link = ""
        self.button: tuple[str, str] | None = None
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.link, self.words = at.get("href", ""), ""
        elif tag == "form":
            self.form = Form(at.get("action", ""), at.get("method", "get").lower())
            self.page.forms.append(self.form)
        elif tag == "button":
            self.button, self.words = (at.get("name", ""), at.get("value", "")), ""
        elif tag == "select":
            self.select = at.get("name", "")
        elif tag == "option" and "selected" in at and self.form:
            self.form.fields.append((self.select, at.get("value", "")))
        elif tag in {"input", "textarea"} and self.form and at.get("name"):
            _fill(self.form, at)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link:
            self.page.links.setdefault(" ".join(self.words.split()), self.link)
        elif tag == "button" and self.button is not None:
            if self.form:
                self.form.buttons[" ".join(self.words.split())] = self.button
            self.button = None
        elif tag == "form":
            self.form = None


def _fill(form: Form, at: Mapping[str, str]) -> None:
    """Note what a control of a form sends as it stands."""
    if at.get("type") not in {"checkbox", "radio", "submit"}:
        form.fields.append((at["name"], at.get("value", "")))
    elif "checked" in at:
        form.fields.append((at["name"], at.get("value", "on")))
    else:
        form.unticked.append(at["name"])


class Visitor:
    """Somebody with a browser; not for several threads.

    `address`: the visitor's own, as a CDN in front of the proxy would tell it; this client then is that CDN.
    """

    def __init__(self, port: int, root: str, *, address: str = "") -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self._trust = ssl.create_default_context(cadata=root)
        self._connection: http.client.HTTPSConnection | None = None

    def get(self, path: str) -> Page:
        """Ask for a page, and go where it redirects to."""
        return self._follow(self._ask("GET", path, None))

    def submit(self, page: Page, button: str, fields: Mapping[str, str] | None = None) -> Page:
        """Fill in the form that has this button, press it, and go where it leads."""
        form, sent = page.form(button)
        filled = dict([*form.fields, *([sent] if sent[0] else [])]) | dict(fields or {})
        path = urljoin(page.path, form.action or page.path)
        if form.method == "get":
            return self.get(f"{path}?{urlencode(filled)}")
        return self._follow(self._ask("POST", path, urlencode(filled)))

    def close(self) -> None:
        """Hang up; the next request connects again."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _follow(self, answer: tuple[Page, str]) -> Page:
        page, location = answer
        for _ in range(5):
            if page.status not in FOUND:
                break
            to = urlsplit(urljoin(page.path, location))
            page, location = self._ask("GET", to.path + (f"?{to.query}" if to.query else ""), None)
        return page

    def _ask(self, method: str, path: str, body: str | None) -> tuple[Page, str]:
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}"}
        try:
            connection = self._connect()
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, rest = line.partition("=")
            self.cookies[name.strip()] = rest.partition(";")[0]
        page = Page(response.status, path, text)
        if "html" in response.headers.get("Content-Type", ""):
            _Reader(page).feed(text)
        return page, response.headers["Location"] or ""

    def _connect(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            bare = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
            # Checked against the name, although the connection goes to 127.0.0.1.
            self._connection.sock = self._trust.wrap_socket(bare, server_hostname=HOST)
        return self._connection


def shorter(text: str) -> str:
    """A page's words without its markup, for a message."""
    body = re.sub(r"(?s)<(style|script).*?</\1>|^.*?</head>", " ", text)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())[:300]
