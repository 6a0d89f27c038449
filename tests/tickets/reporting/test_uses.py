"""What became of uses, in a small world whose sums are known."""

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Account, Customer
from groups.models import Group
from offers.models import Offer, OfferUse, UsagePeriod
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import GroupFactory, OfferFactory, add_member
from tickets.reporting.spans import Span
from tickets.reporting.uses import OfferUses, add_up, read_uses

pytestmark = pytest.mark.django_db

JANUARY = Span(date(2030, 1, 1), date(2030, 1, 31), ZoneInfo("Europe/London"))
NOW = datetime(2030, 2, 10, 12, tzinfo=UTC)


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create()


@pytest.fixture
def gold(studio: Account) -> Group:
    return GroupFactory.create(account=studio, name="Gold")


@pytest.fixture
def ten(gold: Group) -> Offer:
    return OfferFactory.create(group=gold, limit=10)


def customer_of(group: Group) -> Customer:
    customer: Customer = CustomerFactory.create(account=group.account)
    add_member(group, customer)
    return customer


def period(offer: Offer, customer: Customer, first: date, end: date | None, *, used: int, **fields: int) -> UsagePeriod:
    member = customer.group_members.get(group=offer.group)
    closed = NOW if end and end <= NOW.date() else None
    most = None if offer.limit is None else offer.limit + fields.get("extra", 0)
    return UsagePeriod.objects.create(
        account=offer.account, offer=offer, member=member, starts_on=first, ends_on=end, used=used, closed_at=closed,
        ceiling=most, left_unused=None if most is None or closed is None else most - used, **fields,
    )  # fmt: skip


def use(of: UsagePeriod, day: date, *, why: str = "") -> None:
    OfferUse.objects.create(
        account=of.account,
        period=of,
        seat=uuid4(),
        event_on=day,
        created_at=NOW,
        ended_at=NOW if why else None,
        why=why,
    )


def only(account: Account, span: Span = JANUARY) -> OfferUses:
    [found] = read_uses(account, span, now=NOW)
    return found


def test_used_returned_lapsed_and_left(studio: Account, gold: Group, ten: Offer) -> None:
    ada, _bea = customer_of(gold), customer_of(gold)
    ended = period(ten, ada, date(2030, 1, 3), date(2030, 2, 1), used=3)
    for day in (4, 11, 31):
        use(ended, date(2030, 1, day))
    use(ended, date(2030, 1, 12), why="customer")
    use(ended, date(2030, 1, 13), why="absent")
    running = period(ten, ada, date(2030, 2, 1), date(2030, 3, 1), used=4, extra=2)
    use(running, date(2030, 2, 5))

    found = only(studio)

    # Ada has 12 - 4 left, Bea, who never used any, all ten.
    assert (found.used, found.back, found.lapsed, found.left) == (3, 2, 7, 18)
    assert (found.used_percent, found.number, found.group_name) == (30, 1, "Gold")
    assert add_up([found, found]).left == 36


def test_what_was_moved_or_never_bought_was_not_returned(studio: Account, gold: Group, ten: Offer) -> None:
    ended = period(ten, customer_of(gold), date(2030, 1, 3), date(2030, 2, 3), used=0)
    for why in ("moved", "basket_abandoned", "payment_failed", "repriced"):
        use(ended, date(2030, 1, 12), why=why)

    assert (only(studio).used, only(studio).back) == (0, 0)


def test_a_period_lapses_in_the_days_in_which_its_last_day_is(studio: Account, gold: Group, ten: Offer) -> None:
    """The first has its last day on 31 January, the second on 1 February."""
    period(ten, customer_of(gold), date(2030, 1, 1), date(2030, 2, 1), used=9)
    period(ten, customer_of(gold), date(2030, 1, 2), date(2030, 2, 2), used=7)

    assert only(studio).lapsed == 1
    february = Span(date(2030, 2, 1), date(2030, 2, 28), JANUARY.zone)
    assert only(studio, february).lapsed == 3


def test_without_a_limit_nothing_lapses_or_is_left(studio: Account, gold: Group) -> None:
    endless = OfferFactory.create(group=gold)
    use(period(endless, customer_of(gold), date(2030, 1, 1), None, used=1), date(2030, 1, 4))

    found = only(studio)
    assert (found.used, found.lapsed, found.left, found.used_percent) == (1, 0, None, None)


def test_an_offer_that_was_deleted_is_told_while_it_was_used(studio: Account, gold: Group, ten: Offer) -> None:
    use(period(ten, customer_of(gold), date(2030, 1, 1), date(2030, 2, 1), used=1), date(2030, 1, 4))
    Offer.objects.filter(pk=ten.pk).update(deleted_at=NOW, enabled=False)
    second = OfferFactory.create(group=gold, limit=5)

    assert [(each.pk, each.number, each.left) for each in read_uses(studio, JANUARY, now=NOW)] == [
        (ten.pk, None, None),
        (second.pk, 1, 5),
    ]
    march = Span(date(2030, 3, 1), date(2030, 3, 31), JANUARY.zone)
    assert [each.pk for each in read_uses(studio, march, now=NOW)] == [second.pk]


def test_who_has_left_has_nothing_left(studio: Account, gold: Group, ten: Offer) -> None:
    gone = CustomerFactory.create(account=studio)
    add_member(gold, gone, until=NOW)
    period(ten, gone, date(2030, 2, 1), date(2030, 3, 1), used=1)

    assert only(studio).left == 0


def test_another_studio_is_not_told(studio: Account) -> None:
    OfferFactory.create(group=GroupFactory.create(), limit=1)

    assert read_uses(studio, JANUARY, now=NOW) == []
