"""The form *Edit offer* as a browser sends it, and offers that members used."""

from collections.abc import Iterable
from typing import Any

from groups.models import Group
from offers.models import Offer
from tests.factories.schedule import (
    OfferFactory,
    add_member,
    book_member_place,
    create_customer_with_login,
)


def page_of(group: Group) -> int:
    page = group.account.pages.first()
    assert page
    return page.pk


def offer_form(group: Group, **changes: Any) -> dict[str, Any]:
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


def create_used_offer(group: Group, *, days: Iterable[int] = (2,), **fields: Any) -> Offer:
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), **fields)
    customer = create_customer_with_login(group.account)
    add_member(group, customer)
    for number in days:
        book_member_place(group, customer, days=number)
    return offer


def discount_form(group: Group, **changes: Any) -> dict[str, Any]:
    """The form of a discount as a browser sends it: ten percent for themselves on the only page, without a limit."""
    given: dict[str, Any] = {"percent": "10", "amount_off": "", "limited": None, "limit": ""}
    return offer_form(group, **{**given, **changes})
