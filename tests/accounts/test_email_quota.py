"""How many letters a studio may send in a day to people who have neither logged in there nor booked."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import email_quota
from accounts.email_queue import Envelope, queue_letters
from accounts.models import UNSOLICITED, Account, Letter, LetterKind, LetterQuota
from bookwhen.payments.models import Connection
from groups.dashboard.add_customers import add_pasted
from tests.accounts.letters import NOW, create_letter, send_due
from tests.browsing import open_browser, page_text
from tests.factories.accounts import (
    AccountFactory,
    CustomerFactory,
    SchedulePageFactory,
    StaffFactory,
    UserFactory,
)
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import bring
from tickets.models import Booking, BookingState, Channel

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def studio() -> Account:
    studio = AccountFactory.create(slug="river", time_zone="Pacific/Auckland")
    Account.objects.filter(pk=studio.pk).update(created_at=NOW)
    studio.refresh_from_db()
    return studio


@pytest.fixture
def _quota_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_quota, "FIRST_DAY", 3)
    monkeypatch.setattr(email_quota, "EACH_DAY", 1)


def queue_added(studio: Account, *emails: str, booked: bool = False, now: datetime = NOW) -> None:
    envelopes = [Envelope(email, has_booked=booked) for email in emails]
    queue_letters(envelopes, kind="added", template="groups/letters/added", account=studio, now=now)


def strangers(count: int, name: str = "stranger") -> list[str]:
    return [f"{name}{number}@example.org" for number in range(count)]


def live(**facts: object) -> Connection:
    return ConnectionFactory.create(**{"livemode": True, **facts})


@pytest.mark.parametrize(("days", "quota"), [(0, 100), (1, 120), (10, 300), (95, 2000), (1000, 2000)])
def test_it_grows_with_the_account(studio: Account, days: int, quota: int) -> None:
    assert email_quota.daily_quota(studio, now=NOW + days * DAY) == quota


def test_stripe_in_live_mode_adds_to_it_and_only_while_connected(studio: Account) -> None:
    found = []
    for connection in (live(), live(livemode=False), live(disconnected_at=NOW)):
        studio.connection = connection
        found.append(email_quota.daily_quota(studio, now=NOW))
    assert found == [2100, 100, 100]


@pytest.mark.usefixtures("_quota_of_three")
def test_over_it_letters_wait_until_the_studios_next_day(studio: Account) -> None:
    queue_added(studio, *strangers(10))
    assert len(send_due()) == 3
    # In Auckland it is one in the morning of the 16th.
    midnight = datetime(2030, 1, 17, tzinfo=studio.zone)
    waiting = Letter.objects.waiting()
    assert set(waiting.values_list("due_at", "held_until", "attempts")) == {(midnight, midnight, 0)}
    assert send_due(now=midnight - timedelta(seconds=1)) == []
    # Not a whole day old yet: the quota is still that of the first day.
    assert len(send_due(now=midnight)) == 3
    assert len(send_due(now=midnight + DAY)) == 4
    assert len(mail.outbox) == 10
    assert list(LetterQuota.objects.order_by("day").values_list("day", "used", "allowance")) == [
        (date(2030, 1, 16), 3, 3),
        (date(2030, 1, 17), 3, 3),
        (date(2030, 1, 18), 4, 4),
    ]


@pytest.mark.usefixtures("_quota_of_three")
def test_confirmations_and_other_studios_never_wait(studio: Account) -> None:
    queue_added(studio, *strangers(4))
    queue_added(AccountFactory.create(), *strangers(2, "elsewhere"))
    kinds = sorted(set(LetterKind) - UNSOLICITED)
    for kind in kinds:
        create_letter(account=studio, kind=kind, recipient="stranger3@example.org")
    assert len(send_due()) == 3 + 2 + len(kinds)
    assert list(Letter.objects.waiting().values_list("kind", flat=True)) == ["added"]


@pytest.mark.usefixtures("_quota_of_three")
def test_who_logged_in_here_or_booked_does_not_count(studio: Account) -> None:
    """A login that this studio has not seen counts: which emails wait must not tell who has one."""
    UserFactory.create(email="proved@example.org")
    UserFactory.create(email="unproved@example.org", proved=False)
    CustomerFactory.create(account=studio, email="seen@example.org", user=UserFactory.create())
    CustomerFactory.create(account=studio, email="linked@example.org", user=UserFactory.create(), seen_at=None)
    CustomerFactory.create(email="linked-elsewhere@example.org", user=UserFactory.create())
    queue_added(studio, "Proved@example.org", "unproved@example.org", "linked@example.org")
    queue_added(studio, "linked-elsewhere@example.org", "seen@example.org")
    queue_added(studio, "booked@example.org", booked=True)
    metered = Letter.objects.filter(is_metered=True).order_by("recipient")
    assert list(metered.values_list("recipient", flat=True)) == [
        "linked-elsewhere@example.org",
        "linked@example.org",
        "proved@example.org",
        "unproved@example.org",
    ]


@pytest.mark.parametrize(
    ("channel", "state", "counts"),
    [
        (Channel.CUSTOMER, BookingState.BOOKED, False),
        (Channel.CUSTOMER, BookingState.BASKET, True),
        (Channel.STUDIO, BookingState.BOOKED, True),
    ],
)
def test_a_customer_who_booked_themselves_is_added_to_a_group_outside_the_quota(
    studio: Account,
    channel: Channel,
    state: BookingState,
    counts: bool,  # noqa: FBT001
) -> None:
    page = SchedulePageFactory.create(account=studio)
    customer = CustomerFactory.create(account=studio, email="ada@example.org")
    Booking.objects.create(
        account=studio,
        page=page,
        customer=customer,
        key=uuid4(),
        channel=channel,
        state=state,
        created_at=NOW,
        **({"held_until": NOW} if state == BookingState.BASKET else {}),
    )
    add_pasted(GroupFactory.create(account=studio), "ada@example.org", tell=True, now=NOW)
    assert Letter.objects.get(kind="added").is_metered is counts


@pytest.mark.usefixtures("_quota_of_three")
def test_a_letter_is_counted_once_however_often_it_is_tried(studio: Account) -> None:
    queue_added(studio, "ada@example.org")
    for _attempt in range(3):
        send_due()
        Letter.objects.update(sent_at=None, due_at=NOW)
    assert LetterQuota.objects.get().used == 1


def test_the_database_lets_nobody_over_it(studio: Account) -> None:
    with pytest.raises(IntegrityError, match="letter_quota_holds"), transaction.atomic():
        LetterQuota.objects.create(account=studio, day=NOW.date(), used=4, allowance=3)


@pytest.mark.usefixtures("_quota_of_three", "_at_noon")
def test_the_overview_says_how_many_wait_and_why(studio: Account) -> None:
    owner = open_browser(StaffFactory.create(account=studio).user)
    queue_added(studio, *strangers(5))
    assert "until tomorrow" not in page_text(owner.get("/dashboard/river/"))
    send_due(now=timezone.now())
    said = page_text(owner.get("/dashboard/river/"))
    assert "2 emails wait until tomorrow." in said
    assert "You can email 3 people a day who haven’t booked with you or confirmed their address." in said
    assert "gone out" not in said
    listed = page_text(owner.get("/dashboard/river/emails/"))
    assert listed.count("You’ve reached today’s limit. It’ll go out tomorrow.") == 2


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("way", ["import", "pasted"])
def test_a_list_of_many_leaves_a_fifth_of_the_day_to_who_is_written_to_alone(
    studio: Account, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that tells five thousand held up that somebody joined the team for days."""
    monkeypatch.setattr(email_quota, "FIRST_DAY", 40)
    monkeypatch.setattr(email_quota, "EACH_DAY", 0)
    group, emails = GroupFactory.create(account=studio), strangers(70)
    if way == "import":
        rows = "".join(f"{email}\n" for email in emails)
        bring(studio, f"Email\n{rows}", group=str(group.pk), letter=True)
    else:
        add_pasted(group, "\n".join(emails), tell=True, now=NOW)
    assert Letter.objects.filter(is_metered=True).count() == 70
    later = NOW + timedelta(minutes=1)
    assert len(send_due(now=later)) == 32
    for number, kind in enumerate(("team_invitation", "added")):
        queue_one(studio, f"alone{number}@example.org", kind, now=later)
    assert sorted(letter.kind for letter in send_due(now=later)) == ["added", "team_invitation"]
    # What waits does so until midnight, and takes no more than its part of the next day either.
    assert set(Letter.objects.waiting().values_list("held_until", flat=True)) != {None}
    assert len(send_due(now=later + DAY)) == 32


def queue_one(studio: Account, email: str, kind: str, *, now: datetime) -> None:
    queue_letters([Envelope(email)], kind=kind, template="groups/letters/added", account=studio, now=now)


def test_a_handful_written_at_once_may_use_up_the_day(studio: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_quota, "FIRST_DAY", 10)
    queue_added(studio, *strangers(9))
    assert len(send_due()) == 9
