"""The demo studio's discount codes: one for friends of its customers, one for a workshop, and one that is over."""

from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from accounts.models import Account
from bookwhen.sandbox.demo.programme import ANATOMY
from offers.periods import local_day
from tickets.models import Ticket
from tickets.schedule.codes import CodeSettings, create_code
from tickets.schedule.coverage import CoverageChange

FRIENDS: Final = "FRIENDS15"
WORKSHOP: Final = "ANATOMY5"


def give_out(account: Account, *, now: datetime) -> None:
    """Make the codes, as the studio stands at an aware instant."""
    today, workshops = local_day(now, account.zone), CoverageChange(keeps_tickets=True, add=_tickets(account))
    soon = today + timedelta(days=120)
    settings = (
        (CodeSettings(code="OPENDAY", note="Flyers at the open day", percent=50, ends_on=today), CoverageChange()),
        (
            CodeSettings(code=WORKSHOP, note="In the newsletter", amount_off=500, ends_on=soon, limit=20),
            workshops,
        ),
        (CodeSettings(code=FRIENDS, note="For friends of members", percent=15, customer_limit=1), CoverageChange()),
    )
    for each, cover in settings:
        create_code(account, each, cover, key=uuid5(NAMESPACE_URL, each.code), now=now)


def _tickets(account: Account) -> frozenset[int]:
    found = Ticket.objects.on_sale().filter(account=account, name=ANATOMY.name, exclusive=False)
    return frozenset(found.values_list("pk", flat=True))
