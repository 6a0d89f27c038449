"""The first studio of an installation, made as README says: in the browser, by the link in the first email."""

import email
import email.policy
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from commands import Failed
from visitors import HOST, Page, Visitor

PASSWORD: Final = "three wet otters"  # noqa: S105 - of somebody who does not exist
OWNER: Final = "olive@studio.test"
LINK: Final = re.compile(rf"https://{re.escape(HOST)}(/accounts/\S+)")
OK: Final = 200
PATIENCE: Final = 90


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to book: its public page, and how many places it has."""

    path: str
    capacity: int


class Letters:
    """The letters that the mail server took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def to(self, recipient: str) -> list[str]:
        """The text of each letter to somebody."""
        found = []
        for path in sorted(self.folder.glob("*.eml"), key=lambda each: each.stat().st_mtime):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if recipient in str(letter["To"]):
                body = letter.get_body(("plain",))
                found.append(body.get_content() if body else "")
        return found

    def recipients(self) -> dict[str, int]:
        """How many letters each recipient was sent."""
        counts: dict[str, int] = {}
        for path in self.folder.glob("*.eml"):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for address in re.findall(r"[\w.+-]+@[\w.-]+", str(letter["To"])):
                counts[address] = counts.get(address, 0) + 1
        return counts

    def link(self, recipient: str) -> str:
        """Wait for a letter with a link, and return where it leads; raises Failed."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for text in reversed(self.to(recipient)):
                if found := LINK.search(text):
                    return found[1]
            time.sleep(0.3)
        message = f"No letter with a link came for {recipient} within {PATIENCE} s."
        raise Failed(message)


def make_studio(owner: Visitor, letters: Letters) -> str:
    """Sign up, confirm by email, make the studio; returns the path of its dashboard."""
    must(owner.submit(owner.get("/accounts/signup/"), "Send me the link", {"email": OWNER}))
    page = must(owner.get(letters.link(OWNER)))
    names = [name for name, _value in page.form("Save and log in")[0].fields]
    given = {name: PASSWORD for name in names if "password" in name}
    must(owner.submit(page, "Save and log in", {**given, "name": "Olive Owner"}))
    fields = {"name": "Wood and Water", "plan": "standard"}
    page = must(owner.submit(owner.get("/start/"), "Create studio", fields))
    return page.link("Schedule").removesuffix("schedule/")


def make_entry(owner: Visitor, dashboard: str, title: str, *, capacity: int, days: int = 7) -> Entry:
    """An entry next week with a ticket that costs nothing."""
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    fields = {"title": title, "date": day, "start": "18:00", "end": "19:00", "capacity": str(capacity)}
    page = must(owner.submit(owner.get(f"{dashboard}schedule/new/"), "Create entry", fields))
    page = must(owner.get(page.link("Add ticket")))
    page = must(owner.submit(page, "Add ticket", {"name": "Drop-in", "cost": "free"}))
    return Entry(urlsplit(page.link("View on public page")).path, capacity)


def choose(guest: Visitor, page: Page) -> Page:
    """Choose one ticket on an entry's page, by ticking it where only one is left; returns the review."""
    form, _sent = page.form("Continue")
    ticket = next(name for name in [*dict(form.fields), *form.unticked] if re.fullmatch(r"t\d+", name))
    return guest.submit(page, "Continue", {ticket: "1"})


def confirm(guest: Visitor, review: Page, *, name: str, address: str) -> Page:
    """Fill in who books, and confirm; returns what the guest sees then."""
    names = [field for field, _value in review.form("Confirm booking")[0].fields]
    typed = {field: name for field in names if field.endswith("name")}
    typed |= {field: address for field in names if field.endswith("email")}
    return guest.submit(review, "Confirm booking", typed)


def must(page: Page) -> Page:
    """The page, if it is one; raises Failed."""
    if page.status != OK:
        message = f"{page.path} answered {page.status}: {page.text[:2000]}"
        raise Failed(message)
    return page
