"""Every dashboard address, found by walking the site's addresses: to a stranger there is nothing at any of them."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.money import PaymentFactory, RefundFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    proved_customer,
    stand,
)
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry

pytestmark = pytest.mark.django_db


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        elif isinstance(each, URLPattern):
            yield route


ROUTES = sorted({route for route in patterns(get_resolver()) if route.startswith("dashboard/<")})


class Studio:
    """An account with one of everything, so that what a stranger cannot see is there."""

    def __init__(self) -> None:
        entry = EntryFactory.create()
        self.account = entry.account
        self.account.connection = ConnectionFactory.create()
        self.account.save(update_fields=["connection"])
        event = StripeEventFactory.create(connection=self.account.connection)
        group = GroupFactory.create(account=self.account)
        ticket = TicketFactory.create(entry=entry, group=group)
        customer = proved_customer(self.account)
        self.staff = StaffFactory.create(account=self.account)
        member = stand(group, customer)
        offer = OfferFactory.create(group=group, page=entry.page)
        fresh = Entry.objects.select_related("account", "page", "places", "series").get(pk=entry.pk)
        booking = book_by_studio(
            fresh, customer, [WantedTicket(ticket=ticket.pk, name="Ada")], key=uuid4(), now=NOW
        ).booking
        self.seat = booking.seats.get().pk
        payment = PaymentFactory.create(booking=booking, connection=self.account.connection)
        refund = RefundFactory.create(payment=payment)
        membership = Membership.objects.create(account=self.account, group=group, title="Gold", created_at=NOW)
        price = Price.objects.create(
            account=self.account, membership=membership, title="Monthly", amount=4000, currency="GBP", created_at=NOW
        )
        subscription = Subscription.objects.create(
            account=self.account,
            customer=customer,
            membership=membership,
            price=price,
            source=SubscriptionSource.CHECKOUT,
            status=SubscriptionStatus.ACTIVE,
            stripe_id="sub_1",
            started_at=NOW,
            period_end=NOW + timedelta(days=30),
            created_at=NOW,
        )
        self.values = {
            "slug:account": self.account.slug,
            "int:group": group.pk,
            "int:member": member.pk,
            "int:offer": offer.pk,
            "int:entry": entry.pk,
            "uuid:entry": entry.uuid,
            "int:price": price.pk,
            "int:ticket": ticket.pk,
            "int:series": entry.series_id,
        }
        self.by_folder = {
            "bookings": booking.pk,
            "customers": customer.pk,
            "events": event.pk,
            "groups": group.pk,
            "memberships": membership.pk,
            "pages": entry.page_id,
            "payments": payment.pk,
            "refunds": refund.pk,
            "schedule": entry.pk,
            "subscriptions": subscription.pk,
            "team": self.staff.pk,
        }
        """What `<int:pk>` means depends on what it stands behind."""

    def address(self, route: str) -> str:
        for name, value in self.values.items():
            route = route.replace(f"<{name}>", str(value))
        for folder, value in self.by_folder.items():
            route = route.replace(f"{folder}/<int:pk>", f"{folder}/{value}")
        assert "<" not in route, f"give this test a value for {route}"
        return f"/{route}"


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_the_walk_finds_the_dashboard() -> None:
    assert {"dashboard/<slug:account>/", "dashboard/<slug:account>/groups/"} <= set(ROUTES)


def both(client: Client, address: str) -> set[int]:
    return {client.get(address).status_code, client.post(address).status_code}


def test_to_a_stranger_no_dashboard_address_exists() -> None:
    studio, stranger = Studio(), client_of(UserFactory.create())

    assert {route: both(stranger, studio.address(route)) for route in ROUTES} == {route: {404} for route in ROUTES}


def test_to_another_studios_owner_no_dashboard_address_exists() -> None:
    studio, other = Studio(), client_of(Studio().staff.user)

    assert {route: both(other, studio.address(route)) for route in ROUTES} == {route: {404} for route in ROUTES}


def test_what_is_another_studios_is_not_found_in_ones_own_dashboard() -> None:
    theirs, mine = Studio(), Studio()
    owner = client_of(mine.staff.user)
    deep = [route for route in ROUTES if route.count("<") > 1]
    own = {route: route.replace("<slug:account>", mine.account.slug) for route in deep}

    found = {route: both(owner, theirs.address(own[route])) - {405} for route in deep}

    assert found == {route: {404} for route in deep}


def test_to_its_owner_every_dashboard_address_exists() -> None:
    studio = Studio()
    owner = client_of(studio.staff.user)

    answers = {route: owner.get(studio.address(route), {"seat": studio.seat}).status_code for route in ROUTES}

    assert {route: status for route, status in answers.items() if status not in {200, 301, 302, 405}} == {}


def test_who_is_not_logged_in_is_asked_to() -> None:
    studio, nobody = Studio(), Client()

    asked = {route: nobody.get(studio.address(route)).headers.get("Location", "") for route in ROUTES}

    assert {route for route, to in asked.items() if not to.startswith("/accounts/login/?next=/dashboard/")} == set()
