"""The form *Edit offer* as a browser sends it, and offers that members used."""

from collections.abc import Iterable
from typing import Any

from groups.models import Group
from offers.models import Offer
from tests.factories.schedule import (
    OfferFactory,
    book_own_place,
    proved_customer,
    stand,
)


def page_of(group: Group) -> int:
    page = group.account.pages.first()
    assert page
    return page.pk


def sent(group: Group, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: ten a month for themselves on the only page; None leaves a field out."""
    form = {
        "enabled": "on",
        "audience": "personal",
        "additional_attendees": "",
        "limited": "on",
        "limit": "10",
        "ongoing": "on",
        "period_count": "1",
        "period_unit": "month",
        "scope": "pages",
        "pages": [page_of(group)],
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def used_offer(group: Group, *, days: Iterable[int] = (2,), **fields: Any) -> Offer:
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), **fields)
    customer = proved_customer(group.account)
    stand(group, customer)
    for number in days:
        book_own_place(group, customer, days=number)
    return offer


def sent_discount(group: Group, **changes: Any) -> dict[str, Any]:
    """The form of a discount as a browser sends it: ten percent for themselves on the only page, without a limit."""
    given: dict[str, Any] = {"percent": "10", "amount_off": "", "limited": None, "limit": ""}
    return sent(group, **{**given, **changes})
