"""What people type changes nothing in how any letter is built: not its buttons, lists, paragraphs, links or subject."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import pytest
from django.conf import settings
from django.db import models

from accounts.email_delivery import letter_html
from accounts.email_queue import queue_letter
from accounts.mailings.texts import fill, paragraphs
from accounts.models import Account, Customer, Letter, SchedulePage
from groups.models import Group
from memberships.models import Membership, Price, Subscription
from offers.models import Offer
from tickets.booking.notices import CancelledSeat
from tickets.models import Booking, Dispute, Entry, Location, Payment, Refund, Seat, Ticket, WaitlistRequest
from tickets.waiting.phrases import TOO_FEW, skip_text

pytestmark = pytest.mark.django_db

NOW: Final = datetime(2030, 1, 15, 12, tzinfo=UTC)
NASTY: Final = (
    "Your parcel\r\n\r\nClaim your refund: https://evil.example/pay\n\n- item\n\n"
    "</p><a class=\"button\" href='https://evil.example/'>x</a><ul><li>\u202e\x1b\x85\u2028> www.evil.example bit.ly/x"
)
LINK: Final = "https://book.example/link/"
EVENT: Final = UUID("00000000-0000-4000-8000-000000000001")
"""The same in both letters, whose links are compared."""
INVOICE: Final = "https://stripe.example/invoice"
TEMPLATES: Final = sorted(
    str(path.relative_to(Path(settings.BASE_DIR) / "templates").with_suffix(""))
    for path in (Path(settings.BASE_DIR) / "templates").glob("*/letters/*")
    if not path.name.startswith("_") and path.name != "letter.html"
)
MADE_OF: Final = (
    Account,
    SchedulePage,
    Customer,
    Group,
    Membership,
    Price,
    Subscription,
    Offer,
    Booking,
    Entry,
    Ticket,
)
NOT_TYPED: Final = {"email", "slug", "time_zone", "locale", "currency", "contact_email", "stripe_id"}
LINKED: Final = {"location"}
"""What an operator may put a link into: where an event is."""


class Structure(HTMLParser):
    """The elements of a letter with what they lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs).get("href")))


def typed(model: type[models.Model]) -> Iterator[str]:
    """The names of a model's fields that hold people's words."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in NOT_TYPED:
            yield field.name


def world(words: str, place: str) -> dict[str, Any]:
    """What letters speak of, with these words wherever people type some, and this place."""
    text = {model: {name: place if name in LINKED else words for name in typed(model)} for model in MADE_OF}
    times = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    account = Account.objects.create(slug="river", contact_email="tom@river.example", name="River")
    # Not saved: the database keeps names on one line.
    account.name = words
    page = SchedulePage(account=account, slug="river", **text[SchedulePage])
    customer = Customer(account=account, email="ada@example.org", **text[Customer])
    group = Group(account=account, **text[Group])
    membership = Membership(account=account, group=group, **text[Membership])
    price = Price(membership=membership, amount=4000, currency="GBP", **text[Price])
    moments = {"period_end": NOW, "ends_at": NOW, "started_at": NOW}
    subscription = Subscription(account=account, membership=membership, price=price, status="active", **moments)
    entry = Entry(account=account, page=page, uuid=EVENT, **times, **text[Entry])
    booking = Booking(account=account, page=page, customer=customer)
    seat = Seat(booking=booking, entry=entry, ticket=Ticket(**text[Ticket]), attendee_name=words, price=1, amount=1)
    payment = Payment(account=account, amount=1200, currency="GBP", paid_at=NOW)
    return {
        "page": page,
        "customer": customer,
        "group": group,
        "offer": Offer(group=group, limit=3),
        "membership": membership,
        "price": price,
        "subscription": subscription,
        "invoice": SimpleNamespace(hosted_url=INVOICE, next_attempt_at=NOW),
        "entry": entry,
        "booking": booking,
        "seats": [seat],
        "remaining": [seat],
        "places": [(entry, [seat])],
        "payment": payment,
        "refund": Refund(payment=payment, amount=500),
        # Several lines, as the studio wrote them.
        "note": NASTY if words == NASTY else re.sub(r"[^\r\n]+", words, NASTY),
        "before": NOW,
        "cutoff": NOW,
        "zone": account.zone,
        "amount": 1200,
        "link": LINK,
        "receipt": LINK,
        "schedule": LINK,
        "again": LINK,
        "cost": words,
        "email": "ada@example.org",
        "account_": account,
        "location": Location(name=entry.location, address=entry.location, map_link=LINK, link=LINK),
    }


def context_for(template: str, known: dict[str, Any]) -> dict[str, Any]:
    [seat] = known["seats"]
    if template.endswith("/cancelled"):
        return known | {"seats": [CancelledSeat(seat=seat, refunded=0, returned=True)], "by_studio": True, "kept": 1}
    if template.endswith("/login_changed"):
        return known | {"happened": "Your password was changed", "change": "password", "at": NOW}
    if "/dispute_" in template:
        dispute = Dispute(payment=known["payment"], state="open", amount=1200, currency="GBP", answer_by=NOW)
        return known | {"dispute": dispute}
    if "/letters/payment_" in template and template.startswith("tickets/"):
        return known | {"paid": 1200, "owed": 500, "refunded": 500, "kept": known["places"]}
    if "/letters/waitlist_" in template:
        name = seat.attendee_name
        request = WaitlistRequest(entry=known["entry"], ticket=seat.ticket, names=[name], offered_until=NOW)
        told = {"waiting": request, "name": name, "reason": skip_text(TOO_FEW), "because": "cancelled"}
        return known | told | {"book": LINK, "uses": 1, "tickets": seat.ticket.name}
    if template.endswith("/mailing"):
        return known | message_context(seat.attendee_name)
    if template.endswith("/confirm"):
        return known | {"places": [(known["entry"], 2)], "until": NOW}
    return known | ({"places": [(known["entry"], [(seat, 500)])], "count": 1} if template.endswith("/released") else {})


def message_context(words: str) -> dict[str, Any]:
    """What the studio typed makes links of its own; what is filled in never does."""
    filled = {"first_name": words, "class": words}
    told = {"subject": fill("{class} begins later", filled), "care_of": words, "why": words}
    return told | {"paragraphs": paragraphs("Hello {first_name},\nlate\n\n{class} begins later.", filled)}


def write(template: str, words: str, place: str) -> Letter:
    known = world(words, place)
    account = known.pop("account_")
    is_ours = template.rpartition("/")[2] in {"login_link", "login_closed", "login_changed", "address_link"}
    letter = queue_letter(
        kind="test",
        recipient="ada@example.org",
        template=template,
        context=context_for(template, known),
        account=None if is_ours else account,
        now=NOW,
    )
    assert letter is not None
    return letter


def marks(text: str) -> list[str]:
    """How the text part is built: what begins each line, and which lines are links."""
    return [
        match[0] if (match := re.match(r"- |> ?|$", line)) else ("link" if LINK_LINE.search(line) else "words")
        for line in text.split("\n")
    ]


LINK_LINE: Final = re.compile(r": https?://\S+$")


def test_the_walk_finds_every_letter() -> None:
    assert {"tickets/letters/booked", "accounts/letters/login_link", "groups/letters/added"} <= set(TEMPLATES)
    assert len(TEMPLATES) >= 20


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_people_type_changes_nothing_in_how_a_letter_is_built(template: str) -> None:
    plain = write(template, "River", "Boat house")
    Account.objects.all().delete()
    nasty = write(template, NASTY, NASTY)

    assert Structure(letter_html(nasty)).found == Structure(letter_html(plain)).found
    assert marks(nasty.text) == marks(plain.text)
    assert "\n" not in nasty.subject


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_program_finds_no_more_links_than_the_letter_has(template: str) -> None:
    letter = write(template, NASTY, "Boat house")
    words = re.sub(r"> .*", "", letter.text)
    hrefs = re.findall(r": (https?://\S+)$", words, re.MULTILINE)

    assert all(href.startswith((settings.SITE_URL, LINK, INVOICE)) for href in hrefs)
    assert words.count("://") == len(hrefs)
    for part in (words, letter.subject, re.sub(r"<blockquote.*?</blockquote>|href=\S+", "", letter_html(letter))):
        assert ("www.evil" in part, "evil.example" in part, "bit.ly" in part) == (False, False, False)


def test_a_long_name_of_a_stranger_is_cut() -> None:
    assert f"{'x' * 59}…: " in write("tickets/letters/booked", "x" * 200, "").text
    Account.objects.all().delete()
    assert f"Hello {'x' * 59}…," in write("tickets/letters/moved", "x" * 200, "").text
