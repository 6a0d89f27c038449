"""Bookings and waits by an address that is their customer's no more: their emails go to the main one."""

from typing import Any

from accounts.models import Customer
from tickets.models import Booking, WaitlistRequest


def forget_address(*, customer: Customer, email: str, **_rest: Any) -> None:  # noqa: ANN401 - a signal's own
    """Hear that an address was removed (`accounts.signals.address_removed`)."""
    theirs = Booking.objects.filter(account=customer.account_id, customer=customer, booker_email=email)
    theirs.update(booker_email="")
    WaitlistRequest.objects.filter(account=customer.account_id, customer=customer, email=email).update(email="")
