"""One of everything that is counted."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from groups.models import Standing
from groups.models import StandingSource as Ground
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from offers.eligibility import Attendee
from offers.models import UsagePeriod
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Seat

DAY = timedelta(days=1)


class CountedStudio:
    """One of everything that is counted: a member with a guest at an entry, by an offer, and a running membership."""

    def __init__(self) -> None:
        entry = EntryFactory.create(title="Vinyasa")
        self.account = entry.account
        self.group = GroupFactory.create(account=self.account, name="Gold")
        self.ticket = TicketFactory.create(entry=entry, group=self.group, name="Member place")
        OfferFactory.create(group=self.group, page=entry.page, limit=6, additional_attendees=2)
        self.customer = create_customer_with_login(self.account, name="Ada")
        self.member = add_member(self.group, self.customer, anchor=date(2030, 1, 3))
        self.entry = load_entry(entry)
        self.booking = self.book(Attendee.SELF, Attendee.GUEST)
        self.seat = Seat.objects.get(booking=self.booking, self_attendee__isnull=False)
        self.period = UsagePeriod.objects.get(account=self.account)
        self.bought = self.subscribe(SubscriptionStatus.ACTIVE)
        self.standing = self.let_in(self.bought)

    def book(self, *attendees: Attendee) -> Any:
        wanted = [WantedTicket(ticket=self.ticket.pk, name="Ada", attendee=each) for each in attendees]
        return book(
            self.entry, self.customer, wanted, who=person_of_customer(self.customer), key=uuid4(), now=NOW
        ).booking

    def subscribe(self, status: SubscriptionStatus, **fields: Any) -> Subscription:
        made = {"account": self.account, "created_at": NOW}
        membership = Membership.objects.create(group=self.group, title="Monthly", **made)
        price = Price.objects.create(membership=membership, title="Monthly", amount=4000, currency="GBP", **made)
        begun = status not in {SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED}
        facts = {"status": status, "stripe_id": f"sub_{membership.pk}" if begun else "", "started_at": NOW - DAY}
        return Subscription.objects.create(
            customer=self.customer,
            membership=membership,
            price=price,
            source=SubscriptionSource.CHECKOUT,
            **made,
            **facts,
            **fields,
        )

    def let_in(self, bought: Subscription, **fields: Any) -> Standing:
        return Standing.objects.create(
            account=self.account,
            member=fields.pop("member", self.member),
            source=Ground.MEMBERSHIP,
            ground=bought.uuid,
            since=NOW - DAY,
            anchor=date(2030, 1, 14),
            anchor_at=NOW - DAY,
            **fields,
        )
