"""Groups, offers, entries and tickets, as an operator would have made them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from accounts.models import Account, Customer, SchedulePage
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from offers.eligibility import Attendee
from offers.models import Audience, Offer
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory, UserFactory
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Coverage, Entry, EntryPlaces, Location, Picture, Series, Ticket
from tickets.schedule.labels import set_leaders, set_tags

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
"""When the tests take place: far enough ahead that the clock on the wall does not matter to facts."""


def noon(day: date) -> datetime:
    """Noon in UTC, which is on the same day in nearly every zone: from when a membership is billed."""
    return datetime.combine(day, time(12), UTC)


class GroupFactory(DjangoModelFactory[Group]):
    """A customer group."""

    class Meta:
        model = Group

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda number: f"Group {number}")


class EntryFactory(DjangoModelFactory[Entry]):
    """An entry with ten places, two days after `NOW`, in a series of its own."""

    class Meta:
        model = Entry

    page = factory.SubFactory(SchedulePageFactory)
    account = factory.SelfAttribute("page.account")
    series = factory.LazyAttribute(lambda entry: Series.objects.create(account=entry.account, page=entry.page))
    title = factory.Sequence(lambda number: f"Class {number}")
    starts_at = NOW + timedelta(days=2)
    ends_at = factory.LazyAttribute(lambda entry: entry.starts_at + timedelta(hours=1))

    @classmethod
    def _create(cls, model_class: type[Entry], *args: Any, **kwargs: Any) -> Entry:
        capacity = kwargs.pop("capacity", 10)
        entry = super()._create(model_class, *args, **kwargs)
        EntryPlaces.objects.create(entry=entry, account_id=entry.account_id, capacity=capacity)
        return entry


def describe(entry: Entry) -> Entry:
    """Give an entry leaders, of whom one takes over for another, a location, a tag and a picture of its account's."""
    account = entry.account
    venue, _ = Location.objects.get_or_create(
        account=account,
        name="River Room",
        defaults={"address": "1 High Street", "map_link": "https://maps.example.org/river"},
    )
    picture = Picture.objects.create(account=account, alt="Mats by the river", width=1280, height=640)
    Entry.objects.filter(pk=entry.pk).update(venue=venue, location=venue.name, picture=picture)
    entry.venue, entry.location, entry.picture = venue, venue.name, picture
    set_leaders([entry], ["Ben"], for_once=False)
    set_leaders([entry], ["Anna"], for_once=True)
    set_tags([entry], ["Yoga"])
    return entry


class TicketFactory(DjangoModelFactory[Ticket]):
    """An ordinary ticket of an entry's series (`entry=…`); with `group=…` an exclusive one of that group."""

    class Meta:
        model = Ticket

    name = factory.Sequence(lambda number: f"Ticket {number}")

    @classmethod
    def _create(cls, model_class: type[Ticket], *args: Any, **kwargs: Any) -> Ticket:
        entry: Entry = kwargs.pop("entry")
        group: Group | None = kwargs.pop("group", None)
        kwargs.setdefault("exclusive", group is not None)
        ticket = super()._create(model_class, *args, account=entry.account, series=entry.series, **kwargs)
        if group:
            ticket.groups.add(group)
        return ticket


class OfferFactory(DjangoModelFactory[Offer]):
    """An enabled, personal, unlimited offer of a group; `page=…` or `ticket=…` says what it covers."""

    class Meta:
        model = Offer

    enabled = True
    created_at = NOW - timedelta(days=100)

    @classmethod
    def _create(cls, model_class: type[Offer], *args: Any, **kwargs: Any) -> Offer:
        page: SchedulePage | None = kwargs.pop("page", None)
        ticket: Ticket | None = kwargs.pop("ticket", None)
        kwargs["account"] = kwargs["group"].account
        if kwargs.get("additional_attendees"):
            kwargs["audience"] = Audience.ADDITIONAL
        offer = super()._create(model_class, *args, **kwargs)
        if page or ticket:
            Coverage.objects.create(account=offer.account, offer=offer, page=page, ticket=ticket)
        return offer


def load_entry(entry: Entry) -> Entry:
    """Load an entry again as a request finds it: with its account, page, places and series."""
    return Entry.objects.for_booking().get(pk=entry.pk)


def create_customer_with_login(account: Account, **fields: Any) -> Customer:
    """A customer of an account with a login whose address is proved."""
    user = UserFactory.create()
    return CustomerFactory.create(account=account, email=user.email, user=user, **fields)


def add_member(
    group: Group, customer: Customer, *, anchor: date | None = None, until: datetime | None = None
) -> Member:
    """Put a customer into a group by hand, long ago."""
    since = NOW - timedelta(days=60)
    member = Member.objects.create(account=group.account, group=group, customer=customer, created_at=since)
    Standing.objects.create(
        account=group.account,
        member=member,
        source=StandingSource.MANUAL,
        ground=BY_HAND,
        since=since,
        until=until,
        anchor=anchor or date(2030, 1, 3),
    )
    return member


def book_member_place(group: Group, customer: Customer, *, days: int = 2) -> Booking:
    """A member's place, by an exclusive ticket of the group, at an entry so many days after `NOW`."""
    page = group.account.pages.first() or SchedulePageFactory.create(account=group.account)
    made = EntryFactory.create(page=page, title=f"Class in {days}", starts_at=NOW + timedelta(days=days))
    ticket = TicketFactory.create(entry=made, group=group, name="Member place")
    if not group.offers.exists():
        OfferFactory.create(group=group, page=page, limit=3)
    entry = load_entry(made)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    return book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW).booking


def add_membership_standing(member: Member) -> Standing:
    """A membership's ground for a member, since some days ago."""
    return Standing.objects.create(
        account=member.account,
        member=member,
        source=StandingSource.MEMBERSHIP,
        ground=uuid4(),
        since=NOW - timedelta(days=5),
        anchor=date(2030, 1, 10),
        anchor_at=noon(date(2030, 1, 10)),
    )
