"""The demo studio: what its command loads, and what a later start adds."""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account, Customer, Letter, SchedulePage, User
from groups.models import Group, Member
from groups.queries import members_of
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import local_day
from tests.factories.schedule import NOW
from tickets.demo.loading import AT_THE_LIMIT, LETTERS, UNSENT, load
from tickets.demo.logins import MEMBER, OWNER, PASSWORD, STRANGER
from tickets.demo.programme import AHEAD, PROGRAMME
from tickets.models import Booking, Entry, EntryPlaces, Party, Seat, Series, TicketPlaces

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _studio(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """Load the demo once for this module: it is a whole season."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def account() -> Account:
    return Account.objects.get(slug="demo")


def weeks_ahead(account: Account) -> dict[int, int]:
    """Whole weeks from NOW to the last entry, by weekly series."""
    series = Series.objects.filter(account=account).exclude(rule="").annotate(last=Max("entries__starts_at"))
    return {each.pk: (each.last - NOW) // timedelta(weeks=1) for each in series}


def everything() -> dict[str, int]:
    managers = (
        Booking.objects,
        Seat.objects,
        Customer.objects,
        Letter.objects,
        Member.objects,
        OfferUse.objects,
        UsagePeriod.objects,
        Series.objects,
        User.objects,
        SchedulePage.objects,
    )
    return {manager.model.__name__: manager.count() for manager in managers}


def test_outside_a_demo_nothing_is_loaded(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="This is not a demo"):
        call_command("demo")


def test_every_weekly_class_goes_on_for_eight_weeks_and_more(account: Account) -> None:
    weekly = [each for each in PROGRAMME if each.weeks is None]

    assert len(weekly) == len(weeks_ahead(account)) == 13
    assert min(weeks_ahead(account).values()) >= 8
    assert Entry.objects.filter(account=account, starts_at__lt=NOW).count() >= 4 * len(weekly)


def test_counters_equal_lines() -> None:
    entries = EntryPlaces.objects.annotate(lines=Count("entry__seats", filter=Q(entry__seats__cancelled_at=None)))
    tickets = {(row.ticket_id, row.entry_id): row.taken for row in TicketPlaces.objects.filter(taken__gt=0)}
    parties = {(row.entry_id, row.customer_id): row.seats for row in Party.objects.filter(seats__gt=0)}
    live = Seat.objects.filter(cancelled_at=None)

    assert entries.exclude(taken=F("lines")).count() == 0
    assert tickets == Counter(live.values_list("ticket_id", "entry_id"))
    assert parties == Counter(live.filter(use__isnull=False).values_list("entry_id", "customer_id"))
    periods = UsagePeriod.objects.annotate(lines=Count("uses", filter=Q(uses__ended_at=None)))
    assert periods.exclude(used=F("lines")).count() == 0


def test_there_is_something_of_everything(account: Account) -> None:
    ahead = EntryPlaces.objects.filter(entry__account=account, entry__starts_at__gt=NOW)
    seats = Seat.objects.filter(account=account)

    assert Customer.objects.filter(account=account).count() >= 150
    assert ahead.filter(taken=F("capacity")).count() >= 2
    assert ahead.filter(taken=F("capacity") - 1).exists()
    assert Entry.objects.filter(account=account, cancelled_at__isnull=False).count() == 1
    assert set(seats.values_list("booking__channel", "cancelled_by")) >= {
        ("customer", ""),
        ("customer", "customer"),
        ("studio", ""),
        ("studio", "studio"),
    }
    assert OfferUse.objects.filter(ended_at=None, seat__in=seats.exclude(cancelled_at=None).values("uuid")).exists()
    kinds = {
        (offer.enabled, offer.audience, offer.additional_attendees, offer.limit, offer.ongoing)
        for offer in Offer.objects.filter(account=account)
    }
    assert kinds == {
        (True, "personal", 0, None, True),
        (False, "additional", 1, 2, True),
        (True, "personal", 0, 10, True),
        (True, "additional", 3, 24, True),
        (True, "personal", 0, 5, False),
    }


def test_nobody_is_flooded_with_letters() -> None:
    assert Letter.objects.count() == LETTERS
    assert Letter.objects.filter(sent_at=None).count() == UNSENT


def test_every_login_works(client: Client) -> None:
    for email in (OWNER, MEMBER, STRANGER):
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert (email, answer.status_code) == (email, 302)
        assert EmailAddress.objects.get(email=email).verified
        client.logout()


def test_the_owner_has_the_dashboard(client: Client) -> None:
    client.force_login(User.objects.get(email=OWNER))

    assert client.get(reverse("dashboard:overview", args=["demo"])).status_code == 200


def test_the_member_has_used_four_of_ten_and_the_stranger_is_in_no_group(account: Account) -> None:
    today = local_day(NOW, account.zone)
    current = UsagePeriod.objects.filter(starts_on__lte=today, ends_on__gt=today)
    member = Customer.objects.get(user__email=MEMBER)

    assert [
        (period.used, period.ceiling, period.offer.group.name) for period in current.filter(member__customer=member)
    ] == [(4, 10, "Ten a month")]
    assert member.seats.filter(cancelled_at=None, entry__starts_at__gt=NOW).count() == 3
    assert current.get(member__customer__email=AT_THE_LIMIT).used == 10
    assert Member.objects.filter(customer__email=STRANGER).count() == 0
    assert [group.name for group in Group.objects.order_by("name") if members_of(group, now=NOW).exists()] == [
        "Family & friends",
        "Summer pass",
        "Teachers",
        "Ten a month",
        "Trial week",
        "Unlimited members",
    ]


def test_a_second_start_adds_nothing(account: Account) -> None:
    before, entries = everything(), Entry.objects.count()

    load(now=NOW + timedelta(hours=1))

    assert (everything(), Entry.objects.count()) == (before, entries)


def test_a_start_three_weeks_later_adds_the_missing_weeks_alone(account: Account) -> None:
    before, ahead, entries = everything(), weeks_ahead(account), Entry.objects.count()

    load(now=NOW + timedelta(weeks=3))

    assert everything() == before
    assert weeks_ahead(account) == {series: weeks + 3 for series, weeks in ahead.items()}
    assert Entry.objects.count() == entries + 3 * len(ahead)
    horizon = local_day(NOW + timedelta(weeks=3), account.zone) + AHEAD
    assert local_day(Entry.objects.latest("starts_at").starts_at, account.zone) <= horizon


def test_a_series_that_somebody_made_is_not_lengthened(account: Account) -> None:
    own = Series.objects.filter(account=account).exclude(rule="").earliest("pk")
    Series.objects.filter(pk=own.pk).update(created_at=NOW)
    count = own.entries.count()

    load(now=NOW + timedelta(weeks=3))

    assert own.entries.count() == count


def test_a_start_restores_the_logins_and_nothing_else(account: Account) -> None:
    user = User.objects.get(email=MEMBER)
    user.set_password("another one")
    user.is_active = False
    user.name = "Somebody"
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    SchedulePage.objects.filter(slug="demo").update(title="Renamed")
    others = User.objects.get(email=OWNER).password

    load(now=NOW)

    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.is_active, user.name) == (True, True, "Somebody")
    assert EmailAddress.objects.get(user=user).verified
    assert SchedulePage.objects.get(slug="demo").title == "Renamed"
    assert User.objects.get(email=OWNER).password == others
