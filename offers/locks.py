"""Rows to hold while offers are charged or changed, after the members (`groups.locks`)."""

from offers.models import Offer


def lock_offer(offer: int) -> Offer:
    """Hold one offer for a change, fresh from the database; waits for bookings that are charging it."""
    return Offer.objects.select_for_update(of=("self",)).select_related("group__account").get(pk=offer)
