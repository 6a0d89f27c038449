"""Somebody who has done all that leaves a trace in a studio, under a name and addresses that nothing else has."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.db import connection

from accounts.addresses import add_address
from accounts.customers import correct_name
from accounts.details import change_note
from accounts.history.acting import acting
from accounts.models import (
    Account,
    BlockReason,
    Customer,
    EmailBlock,
    ExportFile,
    ExportPart,
    Letter,
    LetterKind,
    ListFile,
    ListImport,
    ListImportRow,
    NewsSource,
    ReminderStop,
    StripeCustomer,
)
from groups.models import PastedPart
from memberships.models import Invoice, Milestone, MilestoneKind, Subscription, SubscriptionStatus
from offers.models import ExtraUses
from tests.factories.payments import StripeEventFactory
from tests.factories.schedule import NOW
from tests.worlds.full_studio import FullStudio
from tickets.models import Booking, Finding, ImportedSeat, Seat, WaitlistRequest

NAME: Final = "Zebedee Needlethread"
NEEDLES: Final = ("needlethread", "+447700900123", "has-a-sore-knee", "guestina")
MAIN: Final = "needlethread@example.org"
SECOND: Final = "second.needlethread@example.net"
LATER: Final = NOW + timedelta(days=60)
"""When all that they were booked for is over."""


class Person:
    """A customer of a studio with one of everything; at `LATER` nothing stands in the way of erasing them."""

    def __init__(self) -> None:
        self.studio = FullStudio()
        self.account: Account = self.studio.account
        self.owner = self.studio.staff.user
        self.customer: Customer = Customer.objects.get(account=self.account, user__isnull=False)
        self.customer.account = self.account
        with acting(self.owner, at=NOW):
            self._is_called()
            self._books()
        self._pays()
        self._writes()
        self._is_listed()
        self.customer.refresh_from_db()

    def _is_called(self) -> None:
        assert self.customer.user
        self.customer.user.name = NAME
        self.customer.user.save()
        correct_name(self.customer, NAME)
        change_note(self.customer, "Zebedee has-a-sore-knee")
        Customer.objects.filter(pk=self.customer.pk).update(
            email=MAIN, phone="+447700900123", news_since=NOW, news_source=NewsSource.PERSON
        )
        self.customer.refresh_from_db()
        add_address(self.customer, SECOND, now=NOW)
        ExtraUses.objects.update(reason="Zebedee has-a-sore-knee")
        EmailBlock.objects.create(
            account=self.account, email=SECOND, reason=BlockReason.BOUNCED, detail=f"550 {SECOND}", created_at=NOW
        )
        ReminderStop.objects.create(account=self.account, email=SECOND, created_at=NOW)

    def _books(self) -> None:
        Booking.objects.update(booker_name=NAME, booker_email=SECOND)
        Seat.objects.update(attendee_name=NAME, attendee_email=MAIN, self_attendee=self.customer)
        self.seat: Seat = Seat.objects.get()
        ImportedSeat.objects.create(account=self.account, key=uuid4(), reference="Needlethread-7", seat=self.seat)
        WaitlistRequest.objects.update(names=[NAME, "Guestina"], email=SECOND)
        Finding.objects.create(
            account=self.account, kind="party", row=1, name=NAME, customer=self.customer, counted="1", should_be="2",
            found_at=NOW,
        )  # fmt: skip

    def _pays(self) -> None:
        assert self.account.connection
        StripeCustomer.objects.create(
            account=self.account, customer=self.customer, connection=self.account.connection, stripe_id="cus_zeb"
        )
        bought = Subscription.objects.get()
        Subscription.objects.update(status=SubscriptionStatus.CANCELED, ended_at=NOW, session="cs_zeb")
        Invoice.objects.create(
            account=self.account, subscription=bought, stripe_id="in_zeb", status="paid", amount_due=4000,
            amount_paid=4000, currency="GBP", created_at=NOW, number="A-1",
        )  # fmt: skip
        Milestone.objects.create(account=self.account, subscription=bought, kind=MilestoneKind.ENDED, who=MAIN, at=NOW)
        self.event = StripeEventFactory.create(
            connection=self.account.connection,
            type="customer.updated",
            subject="cus_zeb",
            payload=event_about("cus_zeb"),
        )

    def _writes(self) -> None:
        def letter(recipient: str, subject: str, text: str, facts: object = None) -> None:
            Letter.objects.create(
                account=self.account, kind=LetterKind.BOOKED, recipient=recipient, subject=subject, text=text,
                html=f"<p>{text}</p>", calendar=text, facts=facts, created_at=NOW, due_at=NOW, sent_at=NOW,
            )  # fmt: skip

        letter(MAIN, f"Booked, {NAME}", f"Dear {NAME}")
        letter(SECOND, "Booked", f"Dear {NAME}", {"name": NAME})
        letter("owner@example.org", f"{NAME} disputes a payment", f"{NAME} ({MAIN}) disputes it.", {"who": NAME})

    def _is_listed(self) -> None:
        ListImportRow.objects.update(person=MAIN, raw={"cells": [NAME, MAIN]}, before={"facts": {"name": NAME}})
        ListImport.objects.update(found={"columns": ["Name"], "samples": [["Zebedee Needlethread", "Bea"], [MAIN]]})
        first = ListImport.objects.order_by("pk").first()
        assert first
        ListFile.objects.create(account=self.account, list_import=first, name="x.csv", data=NAME.encode(), size=4)
        PastedPart.objects.update(left_over=[[f"{NAME} <{MAIN}", "has no end"]], text=f"{NAME} <{SECOND}>")
        file = ExportFile.objects.get()
        ExportFile.objects.update(asked={"q": MAIN}, name=f"{SECOND}.csv")
        ExportPart.objects.create(account=self.account, export_file=file, number=0, data=NAME.encode(), size=4)


def event_about(customer: str, kind: str = "customer.updated") -> dict[str, object]:
    """What Stripe tells of them."""
    about = {
        "id": customer, "object": "customer", "name": NAME, "email": MAIN, "balance": 0,
        "address": {"line1": "1 Needlethread Row"}, "metadata": {"note": NAME},
    }  # fmt: skip
    return {
        "id": f"evt_{uuid4().hex}", "object": "event", "type": kind, "created": int(NOW.timestamp()),
        "livemode": False, "api_version": "2025-01-27", "data": {"object": about, "previous_attributes": {"name": "Z"}},
    }  # fmt: skip


def tables_with(*needles: str) -> dict[str, set[str]]:
    """Every table and the needles in it, whatever its columns: as a dump of the data would have them."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            for needle in needles:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS each WHERE each::text ILIKE %s OR each::text ILIKE %s',  # noqa: S608
                    [f"%{needle}%", f"%{needle.encode().hex()}%"],
                )
                if cursor.fetchone()[0]:
                    found.setdefault(table, set()).add(needle)
    return found
