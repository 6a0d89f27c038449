"""How often visitors may book and check out: much for who is proved to be themselves, less for everybody else."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from bookwhen import limits
from bookwhen.client_address import client_network
from bookwhen.email_address import mailbox_of
from bookwhen.limits import Counted, TooManyError
from tickets.availability.facts import Person


def count_booking(request: HttpRequest, who: Person, email: str, *, now: datetime) -> Counted:
    """Count a booking, or a new basket, of a visitor for an address; raises TooManyError."""
    if who.proved:
        return limits.count((limits.BOOKINGS_PER_LOGIN, str(who.user)), now=now)
    return limits.count(
        (limits.BOOKINGS_PER_EMAIL, mailbox_of(email)), (limits.BOOKINGS_PER_NETWORK, client_network(request)), now=now
    )


def count_checkout(request: HttpRequest, who: Person, *, now: datetime) -> None:
    """Count a checkout that is opened without a login; raises TooManyError."""
    if not who.proved:
        limits.count((limits.CHECKOUTS_PER_NETWORK, client_network(request)), now=now)


def count_code(request: HttpRequest, who: Person, *, now: datetime) -> Counted:
    """Count a discount code that is tried: give it back where it could be used. Raises TooManyError."""
    if who.proved:
        return limits.count((limits.CODES_PER_LOGIN, str(who.user)), now=now)
    return limits.count((limits.CODES_PER_NETWORK, client_network(request)), now=now)


def too_many_text(error: TooManyError) -> str:
    """What to tell a visitor who is held up, and what they can do."""
    if error.limit is limits.BOOKINGS_PER_LOGIN:
        said = _("You’ve booked a lot in a short time. Wait %(time)s, then confirm again.")
    elif error.limit is limits.LINKS_PER_EMAIL:
        said = _("We’ve sent several links to this address. Check your inbox for the newest, or wait %(time)s.")
    elif error.limit is limits.BOOKINGS_PER_EMAIL:
        said = _("There have been a lot of bookings with this email address. Wait %(time)s, or log in to book now.")
    else:
        said = _("There have been a lot of bookings from your network. Wait %(time)s, or log in to book now.")
    return said % {"time": error.wait_text}
