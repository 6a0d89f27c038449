"""Who has logged in, and an invitation link that some came by and others ask to join by."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.history.acting import acting
from accounts.models import Account, Customer, User
from bookwhen.dates import end_of_day
from bookwhen.sandbox.demo.logins import DESK
from bookwhen.sandbox.demo.programme import Club
from groups.links.services import LinkTerms, accept, join, make_link
from groups.models import Group, Member
from tickets.models import Booking, Channel

MADE: Final = timedelta(days=6)
WORKS: Final = timedelta(days=20)
KEY: Final = UUID(int=4, version=4)
MOST: Final = 12
CAME: Final = 5
"""How many came by the link; of them `LET_IN` were approved."""
LET_IN: Final = 2


def invite(account: Account, *, now: datetime) -> None:
    """Let the members who booked have logged in; the others were told how. Some drop-ins came by a link."""
    booked = Booking.objects.booked().filter(account=account, channel=Channel.CUSTOMER).values("customer")
    members = Member.objects.filter(account=account).values("customer")
    people = Customer.objects.filter(account=account, pk__in=members, seen_at=None)
    people.filter(pk__in=booked).update(seen_at=now - timedelta(days=30))
    people.update(invited_at=now - timedelta(days=9))
    with acting(User.objects.get(email=DESK), at=now - MADE):
        _let_them_come(account, now=now)


def _let_them_come(account: Account, *, now: datetime) -> None:
    group = Group.objects.select_related("account").get(account=account, name=Club.TRIAL)
    until = end_of_day((now + WORKS).astimezone(account.zone).date(), account.zone)
    terms = LinkTerms(ends_at=until, most=MOST, needs_approval=True)
    link = make_link(group, terms, key=KEY, now=now - MADE)
    drop_ins = Customer.objects.filter(account=account, group_members__isnull=True).exclude(name="").order_by("pk")
    asked = [join(link, each, now=now - timedelta(days=4 - number % 4)) for number, each in enumerate(drop_ins[:CAME])]
    for request in asked[:LET_IN]:
        accept(request, now=now - timedelta(hours=20))
