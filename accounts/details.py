"""What a studio keeps of a customer besides name and addresses: phone, a note for the team, consent to its news."""

from datetime import datetime
from functools import lru_cache
from typing import Final

import phonenumbers
from babel.core import get_global
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.email_blocks import drop_news
from accounts.history.recording import NOTHING, Change, record_changes, yes_or_no
from accounts.models import Customer, Deed, NewsSource
from accounts.usual_phones import usual_phone
from accounts.zones import current_name

ANYWHERE: Final = "001"


class PhoneError(ValueError):
    """Nobody can be called at this."""


def read_phone(text: str, *, time_zone: str) -> str:
    """A phone number as it is kept (E.164); empty for none. Without a country it is of the account's, by its time zone.

    Raises PhoneError where it is no number.
    """
    if not (text := text.strip()):
        return ""
    region = _region_of(time_zone)
    if usual := usual_phone(text, region):
        return usual
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError(text) from error
    if not phonenumbers.is_possible_number(number):
        raise PhoneError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_text(phone: str) -> str:
    """A phone number as people read it, with its country."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone  # none, or one of a country that there is not any more
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def change_details(customer: Customer, *, phone: str, wants_news: bool, now: datetime) -> None:
    """Keep a customer's phone number (E.164, or empty), and what the studio was told about its news."""
    with transaction.atomic():
        held = _lock(customer)
        changes = [
            Change(_("Phone"), phone_text(held.phone) or NOTHING, phone_text(phone) or NOTHING),
            Change(_("News by email"), yes_or_no(held.news_since is not None), yes_or_no(wants_news)),
        ]
        held.phone, no_more = phone, held.news_since is not None and not wants_news
        _set_news(held, wants_news, NewsSource.STUDIO, now=now)
        held.save(update_fields=["phone", "news_since", "news_source", "news_ended_at"])
        if no_more:
            drop_news(held.account, held.reached_at, now=now)
        record_changes(Deed.CUSTOMER_CHANGED, about_customer(held), changes, account=held.account_id)


def change_note(customer: Customer, note: str) -> None:
    """Keep what the team should know of a customer; empty: nothing."""
    with transaction.atomic():
        held = _lock(customer)
        changes = [Change(_("Note"), held.note or NOTHING, note or NOTHING)]
        Customer.objects.filter(account=held.account_id, pk=held.pk).update(note=note)
        record_changes(Deed.NOTE_CHANGED, about_customer(held), changes, account=held.account_id)


def _set_news(customer: Customer, wants: bool, source: NewsSource, *, now: datetime) -> None:  # noqa: FBT001
    """Note that they want news since now, or no more; said again it stays as it was."""
    if wants and customer.news_since is None:
        customer.news_since, customer.news_source, customer.news_ended_at = now, source, None
    elif not wants and customer.news_since is not None:
        customer.news_since, customer.news_source, customer.news_ended_at = None, "", now


def _lock(customer: Customer) -> Customer:
    found = Customer.objects.filter(account=customer.account_id, pk=customer.pk)
    return found.select_for_update(no_key=True).get()


@lru_cache(maxsize=1000)
def _region_of(time_zone: str) -> str | None:
    """The country that a time zone lies in; none where it is of no one country."""
    territories = get_global("zone_territories")
    region = territories.get(time_zone) or territories.get(current_name(time_zone))
    return None if region in (None, ANYWHERE) else str(region)
