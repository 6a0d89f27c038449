"""What the benchmark is about: a studio with small and large pages and groups, made by the services that all use."""

from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Plan, SchedulePage, User
from accounts.services import Studio, create_account, save_page
from groups.catalogue import create_group
from groups.models import Group
from groups.services import add_customers
from offers.services import OfferTerms
from tickets.models import Entry, Series, Ticket
from tickets.schedule.coverage import CoverageChoice, create_offer, edit_offer
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import create_entries

SMALL: Final = 50
SLUG: Final = "bench"
JOINED: Final = timedelta(days=40)


class World:
    """The studio, with everything that is measured in it; `crowd` is the size of its second group."""

    def __init__(self, crowd: int = SMALL) -> None:
        self.now = timezone.now()
        self.owner = _user("owner@example.org")
        studio = Studio("Bench Studio", SLUG, "Europe/London", "GBP", Plan.STANDARD)
        self.account: Account = create_account(studio, owner=self.owner)
        self.page = self.account.pages.get()
        self.members = self._group("few", SMALL)
        self.crowded = self._group("many", crowd)
        for index in range(SMALL):
            self._entry(self.page, f"Class {index}", index, places=20)
        self.hall = self._page("bench-hall")
        self._offer()
        self.member = _user("member@example.org")
        self._join(self.member)
        _analyze()

    def entries(self, number: int, *, places: int) -> list[Entry]:
        """Put new entries on a page of their own, each with an ordinary and a members' ticket."""
        return [self._entry(self.hall, f"Hall {index}", index, places=places) for index in range(number)]

    def cookies(self, user: User) -> dict[str, str]:
        """The cookies of somebody who is logged in."""
        client = Client()
        client.force_login(user)
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def _page(self, slug: str) -> SchedulePage:
        page = SchedulePage(account=self.account, slug=slug, title=slug)
        save_page(page)
        return page

    def _group(self, name: str, size: int) -> Group:
        group = create_group(self.account, name=name, description="")
        names = {f"{name}{number}@example.org": f"Somebody {number}" for number in range(size)}
        add_customers(group, names, now=self.now - JOINED)
        return group

    def _entry(self, page: SchedulePage, title: str, index: int, *, places: int) -> Entry:
        first = (self.now + timedelta(days=1, hours=index)).replace(tzinfo=None)
        details = EntryDetails(
            title=title,
            starts=first,
            duration=timedelta(hours=1),
            capacity=places,
            description="An hour of movement.",
            location="River Room",
        )
        entry = create_entries(page, details)[0]
        self._sell(entry.series)
        return entry

    def _sell(self, series: Series) -> None:
        Ticket.objects.create(account=self.account, series=series, name="Drop-in")
        exclusive = Ticket.objects.create(account=self.account, series=series, name="Member’s place", exclusive=True)
        exclusive.groups.set([self.members, self.crowded])

    def _offer(self) -> None:
        cover = CoverageChoice(pages=frozenset({self.page.pk, self.hall.pk}))
        for group in (self.members, self.crowded):
            edit_offer(create_offer(group, now=self.now), OfferTerms(enabled=True, limit=1000), cover)

    def _join(self, user: User) -> None:
        add_customers(self.members, {user.email: "Mira Member"}, now=self.now - JOINED)


def _analyze() -> None:
    """Let PostgreSQL look at what there is, as it does unasked after a while.

    Not at empty tables, at which it never looks: what it plans for those it takes to be sure of is to read them whole.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > 0"
        )
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, filled))}")


def _user(email: str) -> User:
    user = User.objects.create_user(email, "bench")
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def sold(entry: Entry) -> tuple[int, int]:
    """How many places of an entry its counter says are taken, and how many seats there are."""
    fresh = Entry.objects.select_related("places").get(pk=entry.pk)
    return fresh.places.taken, fresh.seats.live().count()


def ordinary(entry: Entry) -> Ticket:
    """The ticket of an entry that anybody may book."""
    return entry.series.tickets.get(exclusive=False)


def exclusive(entry: Entry) -> Ticket:
    """The members' ticket of an entry."""
    return entry.series.tickets.get(exclusive=True)
