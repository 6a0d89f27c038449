"""Users, accounts and their people."""

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Account, Customer, Plan, Role, SchedulePage, Staff, User


class UserFactory(DjangoModelFactory[User]):
    """A user whose address is proved."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"user{number}@example.org")
    password = factory.django.Password("correct horse")

    @factory.post_generation
    def proved(self: User, create: bool, extracted: bool | None) -> None:  # noqa: FBT001 - factory-boy's signature
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class AccountFactory(DjangoModelFactory[Account]):
    """A studio in London on the Standard plan."""

    class Meta:
        model = Account

    name = factory.Sequence(lambda number: f"Studio {number}")
    slug = factory.Sequence(lambda number: f"studio-{number}")
    plan = Plan.STANDARD
    contact_email = factory.Sequence(lambda number: f"studio{number}@example.org")


class SchedulePageFactory(DjangoModelFactory[SchedulePage]):
    """A page of a studio."""

    class Meta:
        model = SchedulePage

    account = factory.SubFactory(AccountFactory)
    slug = factory.Sequence(lambda number: f"page-{number}")
    title = factory.Sequence(lambda number: f"Page {number}")


class StaffFactory(DjangoModelFactory[Staff]):
    """The owner of a studio."""

    class Meta:
        model = Staff

    account = factory.SubFactory(AccountFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OWNER


class CustomerFactory(DjangoModelFactory[Customer]):
    """A customer without a login; one with a login has been to the account's pages."""

    class Meta:
        model = Customer

    account = factory.SubFactory(AccountFactory)
    email = factory.Sequence(lambda number: f"customer{number}@example.org")
    name = factory.Sequence(lambda number: f"Customer {number}")
    user = None
    seen_at = factory.LazyAttribute(lambda customer: timezone.now() if customer.user else None)
