"""What a list says of a customer besides their groups: it fills what nobody had said, and replaces nothing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from accounts.models import Account, Customer, NewsSource
from bookwhen.db import NOTE_LENGTH
from groups.importing.known import Known
from groups.importing.people import Person

FIELDS: Final = ("name", "name_confirmed", "phone", "note", "news_since", "news_source")
"""What of a customer a list can change."""


def facts_to_fill(customer: Known, person: Person) -> dict[str, Any]:
    """What a customer's fields (but the day of their consent) become by a row; nothing where it says nothing new."""
    found: dict[str, Any] = {}
    if person.name and not customer.confirmed_name:
        found |= {"name": person.name, "name_confirmed": True}
    if person.phone and not customer.phone:
        found["phone"] = person.phone
    if person.note and person.note not in customer.note:
        found["note"] = f"{customer.note}\n{person.note}".strip()[:NOTE_LENGTH]
    if person.wants_news and not customer.news_since and not customer.news_ended_at:
        # Who has said no since is not asked by a list.
        found["news_source"] = NewsSource.IMPORT
    return found


def consent_at(day: date | None, account: Account, *, now: datetime) -> datetime:
    """Since when somebody wants news: the beginning of a local day that a list names, now where it names none."""
    since = datetime.combine(day, time(), account.zone) if day else now
    return min(since, now)


def snapshot(customer: Customer | Known, names: Iterable[str]) -> dict[str, Any]:
    """Some of a customer's fields as they are, as JSON keeps them."""
    found = {name: getattr(customer, name) for name in names}
    if found.get("news_since"):
        found["news_since"] = _kept(found["news_since"])
    return found


def restore(customer: Customer, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Give a customer back what they had, as far as it is what the list wrote: the fields that changed."""
    mine = [name for name in after if _kept(getattr(customer, name)) == after[name]]
    for pair in (("name", "name_confirmed"), ("news_since", "news_source")):
        if not set(pair) <= set(mine):
            mine = [name for name in mine if name not in pair]
    for name in mine:
        value = before[name]
        setattr(customer, name, parse_datetime(value) if name == "news_since" and value else value)
    return mine


def _kept(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
