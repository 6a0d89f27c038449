"""Whatever names a customer, or somebody in a group, says what becomes of it when two customers become one."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from accounts.merging.parts import MERGE
from accounts.models import Customer
from groups.models import Member
from tests.factories.accounts import CustomerFactory
from tests.tickets.merging.acts import merge

NAMES_A_CUSTOMER = {
    "accounts.CustomerAddress.customer": "people",
    "accounts.StripeCustomer.customer": "people",
    "accounts.FormerStripeCustomer.customer": "people",
    "accounts.MergedCustomer.customer": "people",
    "accounts.Erasure.left": "people",  # who was erased is refused
    "accounts.Customer.contact": "people",
    "accounts.MailingRecipient.customer": "people",
    "groups.Member.customer": "members",
    "groups.JoinRequest.customer": "members",
    "memberships.Subscription.customer": "subscriptions",
    "tickets.Booking.customer": "bookings",
    "tickets.Seat.customer": "bookings",
    "tickets.Seat.self_attendee": "bookings",
    "tickets.Party.customer": "bookings",
    "tickets.Receipt.customer": "bookings",
    "tickets.Finding.customer": "bookings",
    "tickets.StudioPayment.customer": "bookings",
    "tickets.LedgerLine.customer": "bookings",
    "tickets.CodeCustomer.customer": "bookings",
    "tickets.CodeRedemption.customer": "bookings",
    "tickets.WaitlistRequest.customer": "waiting",
}
"""Each foreign key to a customer, and the part (`MERGE`) that gives it to whoever stays."""
NAMES_A_MEMBER = {
    "groups.Standing.member": "members",
    "groups.MemberChangeRow.member": "members",
    "offers.UsagePeriod.member": "uses",
    "offers.ExtraUses.member": "uses",
    "tickets.Release.member": "bookings",
}
"""The same of foreign keys to a member: where both are in a group, one of the two members is gone."""


def keys_to(target: type[Model]) -> set[str]:
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.is_relation and field.related_model is target
    }


@pytest.mark.parametrize(("target", "named"), [(Customer, NAMES_A_CUSTOMER), (Member, NAMES_A_MEMBER)])
def test_each_foreign_key_is_some_part_s(target: type[Model], named: dict[str, str]) -> None:
    assert keys_to(target) == set(named)
    assert set(named.values()) <= set(MERGE.names)


@pytest.mark.django_db
def test_what_no_part_moves_stops_the_merge() -> None:
    """A relation that comes in future and is forgotten: nothing is lost, the database refuses the merge."""
    first = CustomerFactory.create()
    second = CustomerFactory.create(account=first.account)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE future_thing (customer_id bigint REFERENCES accounts_customer DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute("INSERT INTO future_thing VALUES (%s)", [second.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        merge(first, second)
    assert Customer.objects.count() == 2
