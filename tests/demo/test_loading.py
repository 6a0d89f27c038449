"""The demo studio as it is loaded: its programme, its people, and what they booked."""

import re
from collections import Counter

import pytest
from allauth.account.models import EmailAddress
from django.db.models import Count, F, Q
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import Account, AuditEntry, Customer, Letter, User
from accounts.public.identity import DEMO_LOGINS
from bookwhen.sandbox.demo.faces import LED
from bookwhen.sandbox.demo.loading import AT_THE_LIMIT, LETTERS, UNSENT
from bookwhen.sandbox.demo.logins import DESK, MEMBER, OWNER, PASSWORD, STRANGER, TEACHER
from bookwhen.sandbox.demo.programme import PROGRAMME
from bookwhen.sandbox.prepare import load_demo
from bookwhen.sandbox.site import LOGINS
from groups.models import Group, Member
from groups.queries import members_of
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import local_day
from tests.browsing import page_text
from tests.demo.facts import weeks_ahead
from tests.factories.schedule import NOW
from tickets.consistency import check_books
from tickets.models import (
    Attendance,
    Booking,
    Entry,
    EntryCancellation,
    EntryLeader,
    EntryPlaces,
    Party,
    Payment,
    Refund,
    Seat,
    Ticket,
    TicketPlaces,
    WaitlistRequest,
)
from tickets.money.pricing import LineItem, quote_items

pytestmark = pytest.mark.django_db
PEOPLE = re.compile(r"(?:With )?([A-ZÀ-Þ]\w+ [A-ZÀ-Þ][\w-]+)")
NOBODY_OF_OURS = {"Pilates Mat", "Dr Ifan"}


def test_outside_a_demo_nothing_is_loaded(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(SystemExit, match="DEMO isn’t set"):
        load_demo()


def test_its_history_names_who_did_what(account: Account) -> None:
    told = set(AuditEntry.objects.filter(account=account).values_list("actor_name", "action"))
    assert told >= {
        ("Rosalind Achebe", "group.created"),
        ("Rosalind Achebe", "offer.changed"),
        ("Siân Pritchard-Cole", "entry.created"),
        ("Siân Pritchard-Cole", "entry.cancelled"),
        ("Jonas Weidmann", "booking.made"),
    }


def test_who_came_is_marked_at_the_classes_that_are_over(account: Account) -> None:
    over = Seat.objects.live().filter(account=account, entry__ends_at__lt=NOW)
    marks = Attendance.objects.filter(account=account)
    assert marks.exclude(seat__in=over).count() == 0
    assert over.count() * 0.9 < marks.count() < over.count()
    assert marks.filter(presence="absent").count() > 10
    assert set(marks.values_list("marked_by__email", flat=True)) == {DESK}
    assert check_books(account=account, now=NOW) == []


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
        for offer in Offer.objects.filter(account=account, kind="exclusive")
    }
    assert kinds == {
        (True, "personal", 0, None, True),
        (False, "additional", 1, 2, True),
        (True, "personal", 0, 10, True),
        (True, "additional", 3, 24, True),
        (True, "personal", 0, 5, False),
    }


def test_the_desk_has_moved_somebody_and_has_still_to_be_paid(account: Account) -> None:
    noted = Seat.objects.live().filter(account=account)
    assert noted.filter(owed__gt=0, moved_from=None).count() == 6
    assert noted.exclude(moved_from=None).count() == 1
    came_by = noted.filter(booking__in=Booking.objects.walk_ins()).order_by("pk")
    assert list(came_by.values_list("owed", "collected")) == [(1200, 0), (-800, 2000)]
    assert EntryCancellation.objects.get(account=account).message.startswith("We’re sorry")


def test_tickets_cost_what_they_would_and_discounts_are_of_every_kind(account: Account) -> None:
    tickets = Ticket.objects.filter(account=account)
    offers = Offer.objects.filter(account=account, kind="discount").order_by("pk")

    assert set(tickets.values_list("name", "cost", "price")) == {
        ("Drop-in", "cost", 1200),
        ("Drop-in", "free", 0),
        ("A chair at the side", "none", 0),
        ("Member’s place", "none", 0),
        ("Family place", "none", 0),
        ("Teacher’s place", "none", 0),
        ("Workshop place", "cost", 3200),
        ("Workshop place", "cost", 3600),
        ("Workshop place", "cost", 1800),
        ("Workshop place", "cost", 6450),
        ("Early bird", "cost", 5200),
        ("Single class", "cost", 1400),
        ("Member’s workshop place", "cost", 800),
    }
    assert [
        (offer.group.name, offer.percent, offer.amount_off, offer.additional_attendees, offer.limit, offer.enabled)
        for offer in offers
    ] == [
        ("Unlimited members", 20, None, 1, None, True),
        ("Ten a month", 25, None, 0, 2, True),
        ("Family & friends", None, 300, 3, None, True),
    ]


def test_some_tickets_were_paid_and_one_refunded(account: Account) -> None:
    payments = Payment.objects.filter(account=account)
    paid = payments.filter(amount__gt=0).order_by("pk")
    member = Customer.objects.get(account=account, user__email=MEMBER)

    assert list(paid.values_list("state", "amount", "refunded")) == [
        ("paid", 7200, 3600),
        ("paid", 2700, 0),
        ("paid", 2400, 0),
        ("paid", 2040, 0),
        ("open", 1200, 0),
    ]
    memberships_alone = payments.filter(amount=0)
    assert list(memberships_alone.values_list("state", "refunded")) == [("paid", 0)] * 14
    assert list(Refund.objects.filter(payment__in=paid).values_list("state", "amount")) == [("done", 3600)]
    [seat] = member.seats.filter(payment__isnull=False)
    assert (seat.price, seat.amount, seat.is_for_booker, seat.discount_use is not None) == (3600, 2700, True, True)


def test_a_member_pays_less_for_a_workshop(account: Account) -> None:
    member = Customer.objects.get(account=account, user__email=MEMBER)
    entry = Entry.objects.select_related("account").get(account=account, title__startswith="Walk, Rest")
    ticket = entry.series.tickets.get(name="Workshop place")

    [quoted] = quote_items([LineItem(entry=entry, ticket=ticket, is_for_booker=True)], member, now=NOW)

    assert (quoted.price, quoted.amount) == (6450, 4837)


def test_nobody_is_flooded_with_letters() -> None:
    of_memberships = Letter.objects.filter(kind__startswith="membership_")
    booked_by_subscribers, of_purchases, of_disputes = 15, 6, 1

    assert of_memberships.count() == 32
    written = Letter.objects.filter(mailing=None).count()
    assert written == LETTERS + 32 + booked_by_subscribers + of_purchases + of_disputes
    assert Letter.objects.filter(sent_at=None, mailing=None).count() == UNSENT


def test_every_login_works(client: Client) -> None:
    assert set(DEMO_LOGINS) == {login for login, _ in LOGINS} == {OWNER, TEACHER, MEMBER, STRANGER}
    for email in DEMO_LOGINS:
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert (email, answer.status_code) == (email, 302)
        assert EmailAddress.objects.get(email=email).verified
        client.logout()


def test_the_owner_has_the_dashboard(client: Client) -> None:
    client.force_login(User.objects.get(email=OWNER))

    assert client.get(reverse("dashboard:overview", args=["demo"])).status_code == 200


def test_the_teacher_finds_her_own_classes_first(client: Client) -> None:
    client.force_login(User.objects.get(email=TEACHER))

    page = page_text(client.get(reverse("dashboard:schedule", args=["demo"])))

    assert ("Early Bird Vinyasa" in page, "Gentle Hatha" in page, "Reformer Pilates" in page) == (True, True, False)
    assert "Show everyone’s entries" in page


def test_who_is_named_at_a_class_leads_it(account: Account) -> None:
    """Names of people in what the demo says of its classes: of its own team and leaders, and nobody else."""
    named = {each.title: {*PEOPLE.findall(each.text)} - NOBODY_OF_OURS for each in PROGRAMME}
    assert set().union(*named.values()) == {name for names, _tags in LED.values() for name in names}
    for title, names in named.items():
        leading = EntryLeader.objects.filter(account=account, entry__title=title, is_planned=True)
        assert names <= set(leading.values_list("leader__name", flat=True)), title


def test_the_member_has_used_four_of_ten_and_is_offered_one_more(
    account: Account,
) -> None:
    today = local_day(NOW, account.zone)
    current = UsagePeriod.objects.filter(starts_on__lte=today, ends_on__gt=today)
    member = Customer.objects.get(user__email=MEMBER)

    assert [
        (period.used, period.ceiling, period.offer.group.name)
        for period in current.filter(member__customer=member, offer__kind="exclusive")
    ] == [(5, 10, "Ten a month")]
    coming = member.seats.filter(cancelled_at=None, entry__starts_at__gt=NOW, payment=None)
    assert Counter(coming.values_list("booking__state", flat=True)) == {"booked": 3, "basket": 1}
    in_line = WaitlistRequest.objects.filter(ticket__exclusive=True)
    assert in_line.filter(customer__user=None).count() == 0, "each can have it when their turn comes"
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
