"""A studio with one of everything, at a Stripe that answers, and the browsers of those who come to it."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.email_links import REMINDERS, UNSUBSCRIBE
from accounts.identity import write_token
from accounts.login_addresses import address_link_path
from accounts.models import Customer, Letter, LoginSession, User
from bookwhen.payments.encryption import encrypt
from memberships.models import Membership, Price
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.payments import new_key
from tests.factories.schedule import TicketFactory, load_entry
from tests.two_step import STEP, add_app, add_passkey, app_code, type_password
from tests.worlds.full_studio import FullStudio
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import Booking, Seat, TicketCost

GUEST, STRANGER, MEMBER, OWNER = "guest", "stranger", "member", "owner"
PEOPLE: Final = (GUEST, STRANGER, MEMBER, OWNER)
"""Who comes: nobody that we know, a login of no studio, a member with a membership, and the studio's owner."""

_NAMED: Final = re.compile(r"<(?:(\w+):)?(\w+)>")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The route of every address of the site."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        elif isinstance(each, URLPattern):
            yield route


class FuzzWorld:
    """Everything that has an address, and who may come there."""

    def __init__(self) -> None:
        self.studio = studio = FullStudio()
        self.seen = set[object]()
        """Which forms were tried, by whom."""
        connection = studio.account.connection
        assert connection is not None
        connection.encrypted_key, connection.currency = encrypt(new_key()), "GBP"
        connection.save()
        Membership.objects.update(published=True)
        seat = Seat.objects.get(pk=studio.seat)
        self.entry, self.member = load_entry(seat.entry), seat.customer
        self.free = TicketFactory.create(entry=self.entry)
        self.paid = TicketFactory.create(entry=self.entry, cost=TicketCost.COST, price=1200)
        letter = Letter.objects.create(
            kind="test", recipient="ada@example.org", subject="Welcome", text="Hello", calendar="BEGIN:VCALENDAR",
            created_at=timezone.now(), due_at=timezone.now(),
        )  # fmt: skip
        self.token = write_token("new@example.org", next_path="", user=None, now=timezone.now())
        booked, bought = seat.booking, Price.objects.get().membership.subscriptions.get()
        self.values = {
            "slug:page": self.entry.page.slug, "uuid:booking": booked.uuid, "uuid:subscription": bought.uuid,
            "uuid:purchase": bought.uuid, "uuid:endpoint": connection.endpoint, "str:token": self.token,
            "slug:colour": "3366cc",
        }  # fmt: skip
        self.unsubscribe = UNSUBSCRIBE.path(studio.account, self.member.email)
        studio.by_folder["outbox"] = letter.pk
        self.browsers = {who: self._browser(who) for who in PEOPLE}
        studio.by_folder["passkeys"] = add_passkey(studio.staff.user).pk
        elsewhere = LoginSession(user=studio.staff.user, session_key="elsewhere")
        elsewhere.started_at = elsewhere.seen_at = timezone.now()
        elsewhere.save()
        studio.by_folder["sessions"] = elsewhere.pk
        second = EmailAddress.objects.create(user=studio.staff.user, email="second@example.com", verified=True)
        studio.by_folder["addresses"] = second.pk
        self.address_link = address_link_path(studio.staff.user, "third@example.com", now=timezone.now())

    def address(self, route: str) -> str:
        """An address of a route at which there is something."""
        if route == "accounts/password/choose/<slug:key>/":
            return str(Client().get(self.address("accounts/password/reset/<str:token>/"))["Location"])
        if route == "my/emails/<str:token>/":
            return self.unsubscribe
        if route == "my/reminders/<str:token>/":
            return REMINDERS.path(self.studio.account, self.member.email)
        if route == "my/details/addresses/confirm/<str:token>/":
            return self.address_link
        for name, value in self.values.items():
            route = route.replace(f"<{name}>", str(value))
        return self.studio.address(route)

    def odd_addresses(self, route: str, odd: dict[str, tuple[str, ...]]) -> Iterator[str]:
        """Addresses of a route with something odd for one of its parts, and what is right for the others."""
        for found in _NAMED.finditer(route):
            kind = found[1] or "str"
            for value in odd.get(kind, odd["str"]):
                rest = f"{route[: found.start()]}ODD-VALUE{route[found.end() :]}"
                # What the number behind a folder means is told by the folder.
                yield self.address(rest).replace("ODD-VALUE", value)

    def _browser(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        user = self._user(who)
        if user:
            # By password and app, so that what asks for them again is reached too.
            secret = add_app(user) if who == OWNER else ""
            type_password(client, user)
            if secret:
                client.post(STEP, {"code": app_code(secret)})
            assert client.session["_auth_user_id"] == str(user.pk)
        basket = self._basket(None if who == GUEST else user)
        client.cookies[f"basket-{self.studio.account.pk}"] = str(basket.uuid)
        if who == GUEST:
            client.get(self.address("accounts/password/reset/<str:token>/"))
        return client

    def _user(self, who: str) -> User | None:
        known = {MEMBER: self.member.user, OWNER: self.studio.staff.user}
        return None if who == GUEST else known.get(who) or UserFactory.create()

    def _basket(self, user: User | None) -> Booking:
        """A basket with a ticket for nothing and one for money."""
        account = self.studio.account
        known = Customer.objects.filter(account=account, user=user) if user else Customer.objects.none()
        buyer = known.first()
        if buyer is None:
            buyer = CustomerFactory.create(account=account, user=user, **({"email": user.email} if user else {}))
        wanted = [WantedTicket(ticket=each.pk, name="Ada") for each in (self.free, self.paid)]
        who = person_of_customer(buyer) if user else ANONYMOUS
        return add_tickets(None, load_entry(self.entry), buyer, wanted, who=who, key=uuid4(), now=timezone.now())
