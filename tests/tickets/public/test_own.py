"""What a visitor booked at an entry is found at the same cost however many others book there."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from accounts.models import Customer
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW
from tests.tickets.public.crowd import MOST, OTHERS, blocks_of
from tickets.models import Booking, Entry
from tickets.public import pages
from tickets.public.own import seats_of_visitor

if TYPE_CHECKING:
    from bookwhen.fastpath.compiled import CompiledQuery

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("new_files")
@pytest.mark.parametrize("has_login", [False, True])
@pytest.mark.parametrize("remembers", [False, True])
def test_it_is_found_without_reading_what_others_booked(crowded: Entry, *, has_login: bool, remembers: bool) -> None:
    booking = Booking.objects.filter(account=crowded.account_id).order_by("pk")[OTHERS // 2]
    user = UserFactory.create()
    if has_login:
        Customer.objects.filter(pk=booking.customer_id).update(user=user)
    login, remembered = user.pk if has_login else 0, [booking.uuid] if remembers else list[UUID]()

    entry: list[Any] = [crowded.page.slug, crowded.uuid, *([login] if has_login else []), remembered]
    lately = [crowded.account_id, crowded.pk, login, remembered, NOW - timedelta(hours=1)]
    find: CompiledQuery[Any] = pages._users_entries if has_login else pages._guests_entries  # noqa: SLF001

    is_found = has_login or remembers
    assert [row.own_booking for row in find(*entry)] == [booking.uuid if is_found else None]
    assert [seat.booking_id for seat in seats_of_visitor(*lately)] == ([booking.pk] if is_found else [])
    assert blocks_of(find, *entry) < MOST
    assert blocks_of(seats_of_visitor, *lately) < MOST
