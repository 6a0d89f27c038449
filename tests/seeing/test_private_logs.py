"""A booking, a login and a letter from beginning to end: nothing of who they were is in the log."""

import logging
import re
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from accounts.models import Letter
from accounts.tasks import send_letters
from tests.browsing import form_fields
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.seeing.reading import reading_log
from tickets.models import Booking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

NAME, ADDRESS, PASSWORD = "Griselda Quackenbush", "griselda.q@example.org", "horse battery staple 9"


class RefusingBackend(EmailBackend):
    """A mail server that says to whom it does not send."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPRecipientsRefused(
            {to: (452, f"<{to}>: mailbox full".encode()) for each in email_messages for to in each.to}
        )


def book_as_guest(client: Client) -> None:
    ticket = TicketFactory.create(entry=EntryFactory.create())
    entry = ticket.series.entries.get()
    review = f"/{entry.page.slug}/entries/{entry.uuid}/book/?t{ticket.pk}=1"
    page = client.get(review)
    fields = form_fields(page)
    for name in fields:
        if name.endswith("name"):
            fields[name] = NAME
        if name.endswith("email"):
            fields[name] = ADDRESS
    client.post(review, fields)


def secrets_of(text: str) -> set[str]:
    """The parts of links in a letter that let somebody in."""
    links = re.findall(r"https?://testserver(/\S+)", text)
    return {part for link in links for part in link.split("/") if len(part) > 20}


def test_no_line_tells_who_booked_logged_in_or_was_written_to(settings: Any) -> None:
    client = Client(raise_request_exception=False)

    with reading_log(logging.DEBUG) as log:
        book_as_guest(client)
        client.post("/accounts/password/reset/", {"email": ADDRESS})
        client.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
        client.get(f"/my/bookings/{Booking.objects.get().uuid}/")
        client.get("/accounts/login/", {"next": f"/x/{ADDRESS}/"})
        client.get(f"/{ADDRESS}/")
        client.post("/mail/webhook/", {"email": ADDRESS})
        client.post(f"/stripe/webhooks/{uuid4()}/", {"email": ADDRESS}, content_type="application/json")
        letters = "".join(Letter.objects.values_list("text", flat=True))
        found = secrets_of(letters)
        for secret in found:
            client.get(f"/accounts/password/reset/{secret}/")
        settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
        send_letters()

    assert Letter.objects.filter(fault="mailbox", error__contains=ADDRESS).count() == 2
    assert "was not accepted" in log.text
    assert len(found) >= 2
    assert len(log.lines) > 10
    told = log.text.casefold()
    written = {NAME, "Griselda", "Quackenbush", ADDRESS, PASSWORD, "%40", *found, str(Booking.objects.get().uuid)}
    assert {each for each in written if each.casefold() in told} == set()


def test_a_letter_that_went_out_is_followed_by_its_number() -> None:
    with reading_log() as log:
        book_as_guest(Client())
        send_letters()

    letter = Letter.objects.get()
    assert len(mail.outbox) == 1
    [line] = log.of("accounts.email_delivery")
    assert (line["message"], line["letter"], line["account"]) == (
        "Sent: booked",
        str(letter.pk),
        Booking.objects.get().account.slug,
    )
    assert letter.created_at == NOW == timezone.now()
