"""What the studio knows of its people: telephone numbers, notes, second addresses, a trial that ends, extra uses."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.addresses import add_address
from accounts.history.acting import acting
from accounts.models import Account, Customer, NewsSource, User
from bookwhen.dates import end_of_day
from bookwhen.sandbox.demo.logins import DESK, MEMBER
from bookwhen.sandbox.demo.programme import Club
from groups.models import BY_HAND, Group, Member, MemberChangeKind
from groups.services import set_end
from offers.extra import Gift, give_extra_uses
from offers.models import Offer, OfferKind
from tickets.member_changes import WantedChange, begin_change

KNOWN: Final = 120
"""How many have a telephone number."""
NOTES: Final = (
    "Bad left knee: offer a block for kneeling.",
    "Comes with her sister. Prefers the mat by the window.",
    "Paid for January in cash.",
)
KEY: Final = UUID(int=3, version=4)
CHANGE_KEY: Final = UUID(int=4, version=4)
TRIAL: Final = timedelta(days=5)
LONGER_TRIAL: Final = timedelta(days=14)
AT_ONCE: Final = 5
"""How many get a last day in one go."""


def get_acquainted(account: Account, *, now: datetime) -> None:
    """Let the desk have noted what people told it; in bulk but for a few deeds."""
    people = list(Customer.objects.filter(account=account).order_by("pk")[:KNOWN])
    for number, each in enumerate(people):
        # Ofcom keeps these for stories.
        each.phone = f"+447700900{number:03}"
        if number % 3 == 0:
            each.news_since, each.news_source = now - timedelta(days=number + 1), NewsSource.STUDIO
    for each, note in zip(people[:: KNOWN // len(NOTES)], NOTES, strict=False):
        each.note = note
    Customer.objects.bulk_update(people, ["phone", "note", "news_since", "news_source"])
    with acting(User.objects.get(email=DESK), at=now - timedelta(days=1)):
        _do_a_few_things(account, now=now)


def _do_a_few_things(account: Account, *, now: datetime) -> None:
    ten = Member.objects.select_related("customer", "group").filter(account=account, group__name=Club.TEN)
    member = ten.exclude(customer__phone="").exclude(customer__email=MEMBER).order_by("pk")[:1].get()
    add_address(member.customer, "at.work@example.org", now=now)
    offer = Offer.objects.enabled().get(account=account, group=member.group, kind=OfferKind.EXCLUSIVE)
    gift = Gift(count=2, reason="The heating broke on Tuesday", on=now.astimezone(account.zone).date(), key=KEY)
    give_extra_uses(offer, member, gift, now=now)
    trial = Group.objects.get(account=account, name=Club.TRIAL)
    until = end_of_day((now + TRIAL).astimezone(account.zone).date(), account.zone)
    standing = Member.objects.filter(group=trial, standings__ground=BY_HAND, standings__until__isnull=True)
    for newest in standing.order_by("-created_at", "-pk")[:1]:
        set_end(newest, until, now=now)
    _end_several_trials(trial, now=now)


def _end_several_trials(trial: Group, *, now: datetime) -> None:
    """Give some of those on trial a last day at once, an hour ago: the list of customers offers to undo it."""
    endless = Member.objects.filter(account=trial.account, group=trial, standings__ground=BY_HAND)
    some = endless.filter(standings__until__isnull=True).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    until = end_of_day((now + LONGER_TRIAL).astimezone(trial.account.zone).date(), trial.account.zone)
    wanted = WantedChange(kind=MemberChangeKind.LAST_DAY, until=until)
    members = Member.objects.filter(account=trial.account, pk__in=list(some))
    begin_change(trial, members, wanted, who=DESK, key=CHANGE_KEY, now=now - timedelta(hours=1))
