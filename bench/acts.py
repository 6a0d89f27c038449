"""What visitors do, done in this process: pages, complete bookings, an event from Stripe."""

import json
import time
import uuid
from typing import Any, Final

from django.test import Client
from django.utils import timezone

from accounts.models import User
from bench.bookings import HIDDEN
from bench.client import FOUND, OK, UnexpectedAnswerError, new_address
from bench.data import SLUG, World, exclusive, ordinary
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.models import Connection, EndpointSecret
from bookwhen.sandbox.stripe.deliveries import signature
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Entry, EntryPlaces, Seat, Ticket, TicketCost

HOST: Final = "127.0.0.1"
SIGNING: Final = "whsec_bench"
PLENTY: Final = 1_000_000


class Acts:
    """The acts, in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stranger, self.member, self.owner = _client(None), _client(world.member), _client(world.owner)
        entries = world.entries(20, places=PLENTY)
        self._sold: dict[bool, list[tuple[Entry, Ticket]]] = {
            False: [(entry, ordinary(entry)) for entry in entries],
            True: [(entry, exclusive(entry)) for entry in entries],
        }
        self._turn = {False: 0, True: 0}
        self._changed = Entry.objects.filter(page=world.page).order_by("starts_at")[3]
        now = timezone.now()
        self._connection = Connection.objects.create(
            encrypted_key=encrypt("sk_test_bench"), key_hint="sk_test_…", livemode=False, stripe_account="acct_bench",
            connected_at=now,
        )  # fmt: skip
        EndpointSecret.objects.create(connection=self._connection, encrypted_secret=encrypt(SIGNING), added_at=now)
        self._event = ""
        for number, ticket in enumerate(Ticket.objects.filter(series__page=world.page, exclusive=False)):
            ticket.cost, ticket.price = TicketCost.COST, 1000 + 50 * number
            ticket.save(update_fields=["cost", "price"])

    def schedule(self) -> None:
        """The public page, for a stranger."""
        _must(self.stranger.get(f"/{SLUG}/"))

    def schedule_of_member(self) -> None:
        """The public page, for a member who is logged in."""
        _must(self.member.get(f"/{SLUG}/"))

    def somebody_booked(self) -> None:
        """One place more is taken on the public page, so that one line of it says something else."""
        places = EntryPlaces.objects.get(entry=self._changed)
        places.taken = places.taken % 15 + 1
        places.save(update_fields=["taken"])

    def review(self) -> None:
        """The review of two guests' tickets."""
        entry, ticket = self._sold[False][0]
        _must(self.stranger.get(_review(entry, ticket, 2)))

    def entry_page(self) -> None:
        """An entry's page, for a member who is logged in."""
        entry, _ticket = self._sold[True][0]
        _must(self.member.get(f"/{entry.page.slug}/entries/{entry.uuid}/"))

    def feed(self) -> None:
        """The calendar file of the public page."""
        _must(self.stranger.get(f"/{SLUG}/calendar.ics"))

    def guest_books(self) -> None:
        """A guest's complete booking: the entry, the review, confirming, the booking."""
        self._book(_client(None), member=False)

    def member_books(self) -> None:
        """A member's."""
        self._book(self.member, member=True)

    def member_is_free(self) -> None:
        """The member is nowhere any more, and may book again."""
        live = Seat.objects.filter(customer__user=self.world.member, cancelled_at__isnull=True)
        cancel_by_studio(list(live.values_list("pk", flat=True)), now=timezone.now())

    def entry_form(self) -> None:
        """The operator's form for a new entry."""
        _must(self.owner.get(f"/dashboard/{self.world.account.slug}/schedule/new/"))

    def group_page(self) -> None:
        """The operator's page of a group with 50 members."""
        _must(self.owner.get(f"/dashboard/{self.world.account.slug}/groups/{self.world.members.pk}/"))

    def new_event(self) -> None:
        """Something new happens at Stripe."""
        about = {"id": f"sub_{uuid.uuid4().hex}", "object": "subscription"}
        told = {"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": "customer.subscription.updated"}
        self._event = json.dumps(told | {"created": int(time.time()), "livemode": False, "data": {"object": about}})

    def deliver(self) -> None:
        """Stripe tells of it."""
        headers = {"stripe-signature": signature(self._event.encode(), [SIGNING], int(time.time()))}
        path = f"/stripe/webhooks/{self._connection.endpoint}/"
        _must(self.stranger.post(path, self._event, "application/json", headers=headers))

    def _book(self, client: Client, *, member: bool) -> None:
        turn = self._turn[member] = self._turn[member] + 1
        entry, ticket = self._sold[member][turn % len(self._sold[member])]
        _must(client.get(f"/{entry.page.slug}/entries/{entry.uuid}/"))
        path = _review(entry, ticket, 1)
        form = dict(HIDDEN.findall(_must(client.get(path))))
        sent = {"booker-name": "Grace Guest", "booker-email": f"g{turn}@example.org", f"t{ticket.pk}-1-who": "self"}
        sent["again"] = "1"
        booked = client.post(path, form | sent)
        if booked.status_code != FOUND:
            raise UnexpectedAnswerError(booked.content.decode()[:2000])
        _must(client.get(booked["Location"]))


def _client(user: User | None) -> Client:
    client = Client(SERVER_NAME=HOST, headers={"x-forwarded-for": new_address()})
    if user:
        client.force_login(user)
    return client


def _review(entry: Entry, ticket: Ticket, number: int) -> str:
    return f"/{entry.page.slug}/entries/{entry.uuid}/book/?t{ticket.pk}={number}"


def _must(answer: Any) -> str:  # noqa: ANN401 - the test client's own
    text: str = answer.content.decode()
    if answer.status_code != OK:
        message = f"{answer.status_code} {text[:2000]}"
        raise UnexpectedAnswerError(message)
    return text
