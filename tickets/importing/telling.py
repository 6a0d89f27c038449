"""Whether somebody is written to about a booking that a list brought: strangers are counted, as when booked by hand.

A confirmation never waits, so that a list would be a way to write to any number of addresses.
"""

from datetime import datetime

from accounts.customers import customers_by_address
from accounts.email_quota import daily_quota
from accounts.models import Account
from bookwhen import limits
from bookwhen.limits import DAY, Limit, Rate, TooManyError
from tickets.queries import customers_who_booked


def may_tell(account: Account, address: str, *, now: datetime) -> bool:
    """Whether a confirmation goes to a folded address: who has booked here themselves is not counted.

    It asks the limits' store: call it before anything is held.
    """
    if customers_who_booked(account, customers_by_address(account, [address]).values()):
        return True
    try:
        limits.count((Limit("by-hand", (Rate(daily_quota(account, now=now), DAY),)), str(account.pk)), now=now)
    except TooManyError:
        return False
    return True
