"""A studio with one of everything that has an address."""

from datetime import timedelta
from uuid import uuid4

from accounts.addresses import add_address
from accounts.models import BlockReason, Customer, EmailBlock, ExportFile, ListImport, ListImportRow, Mailing, Operation
from groups.models import Group, InvitationLink, JoinRequest, MemberChange, PastedList, PastedPart
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from offers.extra import Gift, give_extra_uses
from tests.factories.accounts import CustomerFactory, StaffFactory
from tests.factories.codes import DiscountCodeFactory
from tests.factories.money import PaymentFactory, RefundFactory, create_payout
from tests.factories.payments import ConnectionFactory, StripeEventFactory
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
from tests.tickets.money.receipts.moving import numbering
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import (
    Booking,
    CodeCustomer,
    CodeRedemption,
    CodeUses,
    DiscountCode,
    Entry,
    EntryLeader,
    EntryPlaces,
    Leader,
    Location,
    MoneyMethod,
    Payment,
    Payout,
    Picture,
    Receipt,
    Seat,
    StudioPayment,
    Tag,
    Ticket,
    TicketPlaces,
    VatRate,
    WaitlistRequest,
)
from tickets.money.receipts.issuing import number_receipts
from tickets.money.studio import Handed, take_money
from tickets.pictures.addresses import SMALL


class FullStudio:
    """An account with one of everything, so that what a stranger cannot see is there."""

    def __init__(self) -> None:
        entry = EntryFactory.create()
        self.account = entry.account
        self.account.connection = ConnectionFactory.create()
        self.account.save(update_fields=["connection"])
        group = GroupFactory.create(account=self.account)
        ticket = TicketFactory.create(entry=entry, group=group)
        customer = create_customer_with_login(self.account)
        self.staff = StaffFactory.create(account=self.account)
        member = add_member(group, customer)
        offer = OfferFactory.create(group=group, page=entry.page)
        rationed = OfferFactory.create(group=group, page=entry.page, limit=5)
        extra = give_extra_uses(rationed, member, Gift(count=1, reason="Ill", on=NOW.date(), key=uuid4()), now=NOW)
        address = add_address(customer, "second@example.org", now=NOW)
        double = CustomerFactory.create(account=self.account, name="Ada Again")
        fresh = load_entry(entry)
        booking = book_by_studio(
            fresh, customer, [WantedTicket(ticket=ticket.pk, name="Ada")], key=uuid4(), now=NOW
        ).booking
        seat = booking.seats.get()
        self.seat = seat.pk
        numbering(self.account)
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
        block = EmailBlock.objects.create(
            account=self.account, email=customer.email, reason=BlockReason.BOUNCED, created_at=NOW
        )
        operation = Operation.objects.create(
            account=self.account,
            kind="stripe",
            phase="judge",
            state="waiting",
            due_at=NOW,
            created_at=NOW,
            changed_at=NOW,
        )
        imported = ListImport.objects.create(
            account=self.account, operation=operation, source="stripe", created_at=NOW, mapping={"choices": {}}
        )
        ExportFile.objects.create(account=self.account, operation=operation, name="payments.csv", created_at=NOW)
        pasted = PastedList.objects.create(
            account=self.account, group=group, operation=operation, tell=True, created_at=NOW
        )
        PastedPart.objects.create(
            account=self.account,
            pasted_list=pasted,
            number=0,
            rows=2,
            new=1,
            left_over=[["no", "has no @"]],
            done_at=NOW,
        )
        item = {"price": "price_1", "product": "prod_1", "nickname": "", "amount": "4000", "plain": True}
        item |= {"currency": "GBP", "interval": "month", "count": 1, "quantity": 1, "monthly": "4000.0000"}
        imported.found = {"products": {"prod_1": "Silver"}, "prices": [item | {"subscribers": 1}]}
        imported.save(update_fields=["found"])
        row = ListImportRow.objects.create(
            account=self.account,
            list_import=imported,
            number=1,
            key="sub_2",
            what="price_1",
            verdict="doubtful",
            why="no_address",
            currency="GBP",
            raw={
                "customer": "cus_2", "email": "", "name": "Bea", "status": "active", "items": [item], "marked": "",
                "ends_at": "", "paused": False,
            },
        )  # fmt: skip
        waiting = self._waiting(ticket, customer)
        self.values = {
            "slug:account": self.account.slug,
            "int:group": group.pk,
            "int:member": member.pk,
            "int:offer": offer.pk,
            "int:entry": entry.pk,
            "int:extra": extra.pk,
            "int:address": address.pk,
            "int:other": double.pk,
            "uuid:entry": entry.uuid,
            "uuid:seat": seat.uuid,
            "int:price": price.pk,
            "int:ticket": ticket.pk,
            "int:waiting": waiting.pk,
            "uuid:request_": waiting.uuid,
            "int:series": entry.series_id,
            "int:row": row.pk,
            "str:kind": "entry",
            "slug:kind": "booked",
            "int:object": entry.pk,
            "str:show": "gets",
        }
        self.values["slug:invitation"] = self._invitation(group, customer).token
        self.by_folder = self._who_and_where(entry) | {
            "bookings": booking.pk,
            "changes": self._change(group).pk,
            "customers": customer.pk,
            "discount-codes": self._code(booking).pk,
            "emails": block.pk,
            "events": StripeEventFactory.create(connection=self.account.connection).pk,
            "groups": group.pk,
            "import": operation.pk,
            "lists": operation.pk,
            "memberships": membership.pk,
            "messages": self._message().pk,
            "operations": operation.pk,
            "pages": entry.page_id,
            "payments": payment.pk,
            "payouts": self._payout(payment).pk,
            "rates": VatRate.objects.get(account=self.account).pk,
            "receipts": self._receipt().pk,
            "refunds": refund.pk,
            "schedule": entry.pk,
            "spaces": seat.pk,
            "subscriptions": subscription.pk,
            "taken": self._taken(seat).pk,
            "team": self.staff.pk,
        }
        """What `<int:pk>` means depends on what it stands behind."""

    def _receipt(self) -> Receipt:
        """What was issued for the only payment."""
        number_receipts(self.account.pk, now=NOW)
        return Receipt.objects.filter(account=self.account).earliest("pk")

    def _payout(self, payment: Payment) -> Payout:
        """A payout that holds the only payment."""
        return create_payout(self.account, payment)

    def _taken(self, seat: Seat) -> StudioPayment:
        """5.00 that was paid in cash for a space, for which nothing more is owed."""
        Seat.objects.filter(pk=seat.pk).update(owed=500)
        handed = Handed(amount=500, method=MoneyMethod.CASH, at=NOW)
        return take_money(self.account, {seat.pk: 500}, handed, by=self.staff.user, key=uuid4(), now=NOW).payment

    def _message(self) -> Mailing:
        """A draft to all customers."""
        return Mailing.objects.create(
            account=self.account,
            kind="service",
            subject="Closed on Monday",
            text="Hello {first_name}",
            audience="customers",
            asked={"q": ""},
            audience_name="all your customers",
            created_at=NOW,
            changed_at=NOW,
        )

    def _waiting(self, ticket: Ticket, customer: Customer) -> WaitlistRequest:
        """Somebody who waits for a ticket at the only entry."""
        entry = Entry.objects.get(account=self.account)
        waiting: WaitlistRequest = WaitlistRequest.objects.create(
            account=self.account, entry=entry, ticket=ticket, customer=customer, names=["Ada"], joined_at=NOW
        )
        EntryPlaces.objects.filter(entry=entry).update(waiting=1)
        TicketPlaces.objects.filter(entry=entry, ticket=ticket).update(waiting=1)
        return waiting

    def _invitation(self, group: Group, customer: Customer) -> InvitationLink:
        """A link to the group, and somebody who asks to join by it."""
        link = InvitationLink.objects.create(
            account=self.account,
            group=group,
            token=f"{self.account.pk:t>43}",
            key=uuid4(),
            needs_approval=True,
            created_at=NOW,
        )
        JoinRequest.objects.create(
            account=self.account, group=group, link=link, customer=customer, state="waiting", asked_at=NOW
        )
        return link

    def _list_of_people(self) -> tuple[int, int]:
        """An import of customers that waits to be looked through: its job, and a row."""
        times = {"due_at": NOW, "created_at": NOW, "changed_at": NOW}
        operation = Operation.objects.create(
            account=self.account, kind="people", phase="judge", state="waiting", **times
        )
        columns = {"columns": ["name", "email", "group"], "day_order": "dmy"}
        found = {"columns": ["Name", "Email", "Group"], "samples": [["Bea"], ["bea@example.org"], ["Gold"]], "rows": 1}
        listed = ListImport.objects.create(
            account=self.account,
            operation=operation,
            source="people",
            created_at=NOW,
            found=found | {"guessed": columns["columns"], "day_order": "dmy", "days": []},
            mapping=columns | {"groups": {"gold": "new"}, "group_names": {"gold": "Gold"}},
        )
        row = ListImportRow.objects.create(
            account=self.account,
            list_import=listed,
            number=1,
            key="2",
            person="bea@example.org",
            target="new:gold",
            verdict="doubtful",
            why="shared_address",
            raw={"line": 2, "cells": ["Bea", "bea@example.org", "Gold"]},
        )
        return operation.pk, row.pk

    def _code(self, booking: Booking) -> DiscountCode:
        """A discount code, and a booking that uses it."""
        code: DiscountCode = DiscountCodeFactory.create(account=self.account, code="SPRING10")
        CodeUses.objects.filter(code=code).update(used=1)
        customer = {"code": code, "customer": booking.customer}
        CodeRedemption.objects.create(account=self.account, booking=booking, created_at=NOW, **customer)
        CodeCustomer.objects.create(account_id=self.account.pk, used=1, **customer)
        return code

    def _change(self, group: Group) -> MemberChange:
        """Something done to many members of a group."""
        return MemberChange.objects.create(
            account=self.account, group=group, kind="start", anchor=NOW.date(), key=uuid4(), created_at=NOW
        )

    def _who_and_where(self, entry: Entry) -> dict[str, int]:
        """Who leads an entry, where it is and what it is, by the folder of each."""
        leader = Leader.objects.create(account=self.account, name="Anna")
        EntryLeader.objects.create(account=self.account, entry=entry, leader=leader)
        location = Location.objects.create(account=self.account, name="River Room")
        tag = Tag.objects.create(account=self.account, name="Yoga")
        picture = Picture.objects.create(account=self.account, alt="A mat", width=1, height=1)
        listed, line = self._list_of_people()
        self.values |= {"uuid:picture": picture.uuid, "uuid:logo": picture.uuid, "int:size": SMALL, "int:line": line}
        return {"leaders": leader.pk, "locations": location.pk, "tags": tag.pk, "imports": listed}

    def address(self, route: str) -> str:
        for name, value in self.values.items():
            route = route.replace(f"<{name}>", str(value))
        for folder, value in self.by_folder.items():
            route = route.replace(f"{folder}/<int:pk>", f"{folder}/{value}")
        assert "<" not in route, f"give this test a value for {route}"
        return f"/{route}"
