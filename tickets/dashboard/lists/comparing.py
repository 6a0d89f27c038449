"""What is here beside what the operator says that the old system has: people, members, money, bills, bookings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from accounts.models import Account, Customer
from bookwhen.counts import CappedCount, capped_count
from bookwhen.money import amount_of, minor_units, money
from groups.models import Group, Member
from groups.queries import with_member_counts
from memberships.importing.reading import A_MONTH
from memberships.models import BillingInterval, Subscription
from tickets.models import Seat

PEOPLE: Final = "people"
INCOME: Final = "income"
AHEAD: Final = "bookings"
"""What the number of all customers, a month's income and the spaces booked ahead are called in an address."""
MOST_GROUPS: Final = 100
"""How many groups are compared with the old system's numbers."""
MOST_DAYS: Final = 31
"""How many days on which members are billed next are listed."""
MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Compared:
    """A number of ours beside the one of the old system."""

    name: str
    label: str
    ours: str
    said: str
    difference: str
    """Empty where nothing was said; else how many more (or fewer) we have."""
    is_money: bool = False


def compared(account: Account, address: Mapping[str, str], *, now: datetime) -> list[Compared]:
    """People, and members of each group, beside what the operator said that the old system has.

    What is compared is counted to the last; the others up to a thousand.
    """
    groups = list(with_member_counts(Group.objects.in_use().filter(account=account), now=now)[:MOST_GROUPS])
    names = {f"group_{group.pk}": group for group in groups}
    said = {name: int(text) for name, text in address.items() if _is_number(text) and name in {PEOPLE, *names}}
    present = Member.objects.filter(
        account=account, group__in=[names[name] for name in said if name != PEOPLE], stands_until__gt=now
    )
    exact = {f"group_{group}": count for group, count in present.order_by().values_list("group").annotate(Count("pk"))}
    customers = Customer.objects.filter(account=account)
    if PEOPLE in said:
        exact[PEOPLE] = customers.count()
    rows = [_compare(PEOPLE, _("All customers"), capped_count(customers), said, exact)]
    return rows + [_compare(name, group.name, group.members_now, said, exact) for name, group in names.items()]


def compared_whole(account: Account, address: Mapping[str, str], *, now: datetime) -> list[Compared]:
    """The same, with a month's income, the spaces booked ahead, and how many members are billed next on which day."""
    return [
        *compared(account, address, now=now),
        _bookings(account, address, now=now),
        _income(account, address),
        *_bills(account, address, now=now),
    ]


def monthly_income(account: Account) -> int:
    """What live memberships bring in a month in the account's currency, in minor units: before discounts and tax.

    A year counts as 12 months, a week as 1/52 of a year and a day as 1/365, as where they are imported.
    """
    live = Subscription.objects.live().filter(account=account, currency=account.currency)
    by = live.order_by().values_list("price__interval", "price__interval_count").annotate(Sum("period_amount"))
    found = (
        Fraction(amount) * A_MONTH[BillingInterval(interval)] / count
        for interval, count, amount in by
        if amount is not None
    )
    return round(sum(found, Fraction(0)))


def _bookings(account: Account, address: Mapping[str, str], *, now: datetime) -> Compared:
    ahead = Seat.objects.live().booked().filter(account=account, entry__account=account, entry__starts_at__gt=now)
    said = {AHEAD: int(address[AHEAD])} if _is_number(address.get(AHEAD, "")) else {}
    return _compare(AHEAD, _("Spaces booked ahead"), capped_count(ahead), said, {AHEAD: ahead.count()} if said else {})


def _income(account: Account, address: Mapping[str, str]) -> Compared:
    ours, typed = monthly_income(account), address.get(INCOME, "").strip()[:20]
    shown = money(ours, account.currency, account.locale)
    said = _amount(typed, account.currency)
    if said is None:
        return Compared(INCOME, _("Income a month"), shown, "", "", is_money=True)
    more = money(ours - said, account.currency, account.locale)
    difference = "0" if ours == said else f"+{more}" if ours > said else more
    return Compared(
        INCOME, _("Income a month"), shown, str(amount_of(said, account.currency)), difference, is_money=True
    )


def _bills(account: Account, address: Mapping[str, str], *, now: datetime) -> Iterable[Compared]:
    live = Subscription.objects.live().filter(account=account, next_payment_at__gt=now)
    by_day = live.order_by().annotate(day=TruncDate("next_payment_at", tzinfo=account.zone)).values_list("day")
    for day, count in by_day.annotate(Count("pk")).order_by("day")[:MOST_DAYS]:
        name = f"bill_{day.isoformat()}"
        said = {name: int(address[name])} if _is_number(address.get(name, "")) else {}
        label = _("Members billed next on %(day)s") % {"day": date_format(day, "j F Y")}
        yield _compare(name, label, CappedCount(count, count), said, {name: count})


def _compare(name: str, label: str, ours: CappedCount, said: Mapping[str, int], exact: Mapping[str, int]) -> Compared:
    if name not in said:
        return Compared(name, label, str(ours), "", "")
    count = exact.get(name, 0)
    difference = count - said[name]
    shown = number_format(count, force_grouping=True)
    return Compared(name, label, shown, str(said[name]), f"{difference:+d}" if difference else "0")


def _amount(text: str, currency: str) -> int | None:
    """An amount as somebody types it (1,234.50 or 1234,50), in minor units; None where it is none."""
    plain = "".join(each for each in text if each.isdigit() or each in ".,")
    whole, _point, rest = plain.replace(",", ".").rpartition(".")
    joined = f"{whole.replace('.', '')}.{rest}" if whole and len(rest) < 3 else plain.replace(",", "").replace(".", "")  # noqa: PLR2004 - three digits are thousands
    try:
        return minor_units(Decimal(joined), currency) if joined and len(joined) <= 2 * MOST_DIGITS else None
    except (InvalidOperation, ValueError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
