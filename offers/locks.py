"""Rows to hold while offers are charged or changed, after the members (`groups.locks`)."""

from collections.abc import Collection

from django.db import connection

from offers.models import Offer


def hold_offers_of(groups: Collection[int]) -> None:
    """Keep these groups' offers (ids of the groups) from changing until the transaction ends; bookings share it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM offers_offer WHERE group_id = ANY(%s) ORDER BY id FOR SHARE", [list(groups)])


def hold_offer(offer: int) -> Offer:
    """Hold one offer for a change, fresh from the database; waits for bookings that are charging it."""
    return Offer.objects.select_for_update(of=("self",)).select_related("group__account").get(pk=offer)
