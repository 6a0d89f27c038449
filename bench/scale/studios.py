"""The few rows that each studio begins with, made as anyone makes them; the many are made of them by SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Account, Plan, Role, SchedulePage, Staff, User
from bench.scale.sizes import Sizes
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.models import Connection
from groups.models import Group
from memberships.models import Membership, Price
from offers.models import Offer, OfferKind

PASSWORD: Final = "demo-only"  # noqa: S105 - of studios that nobody has
LONG_AGO: Final = timedelta(days=400)
GROUPS: Final = ("Everybody", "Few", "Several", "Gold")

COUNTED: Final = {
    "user0": "users",
    "customer0": "customers",
    "member0": "members",
    "series0": "series",
    "entry0": "entries",
    "ticket0": "tickets",
    "booking0": "bookings",
    "seat0": "seats",
    "use0": "uses",
    "payment0": "blocks",
    "subscription0": "subscriptions",
    "operation0": "operations",
    "import0": "operations",
}
"""Columns that say after which id a studio's rows of a table begin, and how many those are."""

TABLES: Final = {
    "user0": "accounts_user",
    "customer0": "accounts_customer",
    "member0": "groups_member",
    "series0": "tickets_series",
    "entry0": "tickets_entry",
    "ticket0": "tickets_ticket",
    "booking0": "tickets_booking",
    "seat0": "tickets_seat",
    "use0": "offers_offeruse",
    "payment0": "tickets_payment",
    "subscription0": "memberships_subscription",
    "operation0": "accounts_operation",
    "import0": "accounts_listimport",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """A studio of that number, with the ids of what it begins with."""

    studio: int
    account_id: int
    page_id: int
    connection_id: int
    everybody: int
    few: int
    several: int
    gold: int
    offer_everybody: int
    offer_few: int
    offer_several: int
    offer_gold: int
    offer_discount: int
    membership_id: int
    price_id: int


def begin(slugs: Sequence[str], *, now: datetime) -> list[Begun]:
    """Make a studio for each slug, with its owner, page, connection, groups, offers and membership."""
    password = make_password(PASSWORD)
    owners = User.objects.bulk_create(
        User(email=f"owner@{slug}.example.org", name="Olivia Owner", password=password) for slug in slugs
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=owner, email=owner.email, verified=True, primary=True) for owner in owners
    )
    connections = Connection.objects.bulk_create(
        Connection(
            encrypted_key=encrypt("sk_test_scale"), key_hint="sk_test_…", livemode=False, name=slug, currency="GBP",
            stripe_account=f"acct_{slug}", connected_at=now - LONG_AGO, heard_at=now, caught_up_at=now,
            reconciled_at=now, checked_at=now,
        )
        for slug in slugs
    )  # fmt: skip
    accounts = Account.objects.bulk_create(
        Account(
            name=slug.title(), slug=slug, plan=Plan.STANDARD, time_zone="UTC", connection=connected, opened_by=owner,
            contact_email=owner.email,
        )
        for slug, connected, owner in zip(slugs, connections, owners, strict=True)
    )  # fmt: skip
    Staff.objects.bulk_create(
        Staff(account=account, user=owner, role=Role.OWNER) for account, owner in zip(accounts, owners, strict=True)
    )
    pages = SchedulePage.objects.bulk_create(
        SchedulePage(account=account, slug=account.slug, title=account.name) for account in accounts
    )
    return [
        Begun(number, account.pk, page.pk, account.connection_id or 0, *_sold(account, now))
        for number, (account, page) in enumerate(zip(accounts, pages, strict=True), User.objects.count())
    ]


def describe(studios: Sequence[tuple[Begun, Sizes]], *, now: datetime) -> None:
    """Make the temporary table `studio`, which every statement of `sql/` reads: a row with its numbers for each."""
    rows = list(_numbered(studios))
    columns = ", ".join(f"{name} bigint" for name in rows[0])
    names, places = ", ".join(rows[0]), ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE studio ({columns}, now_at timestamptz)")
        cursor.executemany(
            f"INSERT INTO studio ({names}, now_at) VALUES ({places}, %s)",  # noqa: S608 - names of our own
            [(*row.values(), now) for row in rows],
        )
        cursor.execute("ANALYZE studio")


def _numbered(studios: Sequence[tuple[Begun, Sizes]]) -> Iterator[dict[str, int]]:
    """The columns of each studio; the ids of its rows follow those of the one before."""
    last = {name: _highest(table) for name, table in TABLES.items()}
    for begun, sizes in studios:
        counted = asdict(sizes) | {
            "series": sizes.series,
            "entries": sizes.entries,
            "members": sizes.members,
            "tickets": 3 * sizes.series + 2,
            "bookings": 6 * sizes.blocks,
            "seats": 10 * sizes.blocks,
            "uses": 4 * sizes.blocks,
        }
        yield {field.name: getattr(begun, field.name) for field in fields(begun)} | counted | last
        last = {name: last[name] + counted[COUNTED[name]] for name in last}


def _highest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - of our own
        return int(cursor.fetchone()[0])


def _sold(account: Account, now: datetime) -> tuple[int, ...]:
    """Ids of a studio's groups, offers, membership and price."""
    made = now - LONG_AGO
    groups = Group.objects.bulk_create(Group(account=account, name=name) for name in GROUPS)
    everybody, few, several, gold = groups
    offers = Offer.objects.bulk_create(
        [
            *(
                Offer(account=account, group=group, enabled=True, limit=limit, created_at=made)
                for group, limit in ((everybody, 1000), (few, None), (several, None), (gold, 10))
            ),
            Offer(account=account, group=gold, kind=OfferKind.DISCOUNT, percent=10, enabled=True, created_at=made),
        ]
    )
    membership = Membership.objects.create(
        account=account, group=gold, title="Gold", published=True, product="prod_scale", created_at=made
    )
    price = Price.objects.create(
        account=account, membership=membership, title="Monthly", amount=4000, currency="GBP",
        stripe_id=f"price_scale_{account.pk}", created_at=made,
    )  # fmt: skip
    return (*(each.pk for each in (*groups, *offers)), membership.pk, price.pk)
