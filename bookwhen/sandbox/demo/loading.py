"""Loading the demo, once; and at every later start the weeks that were added since."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from accounts.history.acting import acting
from accounts.models import Account, Customer, Letter, Plan, Role, SchedulePage, Staff, User
from accounts.models.colours import Accent
from accounts.services import Studio, create_account, save_page
from bookwhen.sandbox.demo import (
    acquaintance,
    attendance,
    books,
    brand,
    clubs,
    desk,
    faces,
    invitations,
    lists,
    messages,
    programme,
    term,
    till,
)
from bookwhen.sandbox.demo.clubs import Crowd
from bookwhen.sandbox.demo.logins import DESK, MEMBER, NAMES, SCHEDULER, TEACHER, restore_logins, restore_team
from bookwhen.sandbox.demo.season import Season
from bookwhen.sandbox.demo.waiting import let_offers_lapse, let_some_wait, let_two_wait_together
from tickets.models import Series, Ticket

SLUG: Final = "demo"
SEED: Final = 2022
AGE: Final = timedelta(days=430)
AT_THE_LIMIT: Final = "oluwaseun@example.org"
LETTERS: Final = 25
"""How many of the season's letters stay in the outbox; the newest few still go out."""
UNSENT: Final = 3

TEAM: Final = (
    (SCHEDULER, "Siân Pritchard-Cole", Role.SCHEDULE_MANAGER),
    (DESK, "Jonas Weidmann", Role.BOOKINGS_ADMIN),
    (TEACHER, NAMES[TEACHER], Role.LEADER),
)


def load(*, now: datetime) -> None:
    """Load the demo as it would be at an aware instant; if it is there, go on with its classes.

    The logins are as announced afterwards. Whatever else people changed stays as they left it.
    """
    with transaction.atomic():
        owner = restore_logins()
        account = Account.objects.filter(slug=SLUG).first()
        if account is None:
            _load(owner, now=now)
            return
        restore_team(account, owner)
        programme.go_on(account, now=now)
    let_offers_lapse(account, now=now)


def _load(owner: User, *, now: datetime) -> None:
    rng = Random(SEED)  # noqa: S311 - the same demo every time; nothing here is secret
    account, pages = _open(owner)
    with acting(owner, at=now - AGE):
        groups = clubs.found(account, now=now)
    with acting(User.objects.get(email=SCHEDULER), at=now - AGE + timedelta(hours=3)):
        programme.put_on(pages, groups, now=now)
        faces.put_on(account, now=now)
    offered = now - timedelta(days=300)
    with acting(owner, at=offered):
        clubs.open_offers(groups, pages, now=offered)
    keen = {MEMBER: NAMES[MEMBER], AT_THE_LIMIT: "Oluwaseun Adebayo"}
    crowd = clubs.gather_crowd(account, groups, keen, rng=rng, now=now)
    _live(account, crowd, rng=rng, now=now)
    attendance.mark_past(account, User.objects.get(email=DESK), now=now)
    programme.ask_for_money(account)
    with acting(owner, at=now - AGE + timedelta(hours=4)):
        books.keep_books(account)
    with acting(User.objects.get(email=SCHEDULER), at=now - timedelta(days=9)):
        term.put_on(next(page for page in pages.values() if page.slug != programme.WORKSHOPS), now=now)
    till.take_at_the_door(account, now=now)
    with acting(owner, at=now - timedelta(days=9)):
        classes = next(page for page in pages.values() if page.slug != programme.WORKSHOPS)
        brand.show_brand(account, classes, owner=owner, now=now - timedelta(days=9))
    desk.answer_the_telephone(account, now=now)
    acquaintance.get_acquainted(account, now=now)
    lists.import_people(account, now=now)
    invitations.invite(account, now=now)
    messages.write(account, now=now)
    desk.let_two_come_by(account, now=now)
    books.issue_receipts(account, now=now)
    _age(account, now=now)
    _sort_letters(account)


def _open(owner: User) -> tuple[Account, dict[str, SchedulePage]]:
    studio = Studio("Riverside Movement Studio", SLUG, "Europe/London", "GBP", Plan.STANDARD)
    account = create_account(studio, owner=owner)
    account.announces_resets = True
    account.save(update_fields=["announces_resets"])
    classes = account.pages.get()
    classes.description = (
        "Yoga, Pilates, dance and handstands in an old sail loft by the river. Beginners are welcome everywhere; "
        "showers, mats and tea are here already."
    )
    classes.accent = Accent.TEAL
    workshops = SchedulePage(
        account=account,
        slug=programme.WORKSHOPS,
        title="Workshops & Retreats",
        description="Longer afternoons, quiet evenings and days away.",
        accent=Accent.VIOLET,
    )
    for page in (classes, workshops):
        save_page(page)
    for email, name, role in TEAM:
        user, _made = User.objects.get_or_create(email=email, defaults={"name": name, "password": "!"})
        Staff.objects.create(account=account, user=user, role=role)
    return account, {page.slug: page for page in (classes, workshops)}


def _live(account: Account, crowd: Crowd, *, rng: Random, now: datetime) -> None:
    member, limit = (Customer.objects.get(account=account, email=email) for email in (MEMBER, AT_THE_LIMIT))
    ten = crowd.clubs[programme.Club.TEN]
    ten[:] = [customer for customer in ten if customer not in (member, limit)]  # what these two book is chosen below
    season = Season(account, crowd, rng=rng, now=now)
    days = timedelta(days=1)
    theirs = {
        name: [each for each in season.between(since * days, until * days) if each.has(programme.MEMBER.name)]
        for name, since, until in (("before", -26, -17), ("lately", -10, -1), ("soon", 1, 12), ("later", 22, 40))
    }
    booked = [*theirs["before"][1:8:3], *theirs["lately"][1:6:4], *theirs["soon"][2:7:4], theirs["later"][3]]
    season.note_regular(member, booked, cancels=theirs["soon"][4])
    season.note_regular(limit, [*theirs["lately"][:5], *theirs["soon"][:5]])
    season.note_everyday()
    full = season.next_of("Reformer Pilates", without=booked)  # the member waits there
    season.note_filling(full, leave=0)
    season.note_filling(season.next_of("Sound Bath & Deep Rest"), leave=0)
    season.note_filling(season.next_of("Saturday Vinyasa"), leave=1)
    season.note_filling(season.next_of("Pilates Mat"), leave=2)
    season.note_filling(season.next_of("Restorative Evening by Candlelight"), leave=1)
    stretch = season.next_of("Lunchtime Stretch", number=1)
    season.note_filling(stretch, leave=stretch.plan.places - 4)
    season.note_cancelled_entry(stretch)
    season.live()
    let_some_wait(full, member, crowd, now=now)
    let_two_wait_together(season.next_of("Saturday Vinyasa"), crowd, now=now)


def _age(account: Account, *, now: datetime) -> None:
    """Make everything as old as it is said to be; by the same age `programme.go_on` knows the demo's own series."""
    opened = now - AGE
    Account.objects.filter(pk=account.pk).update(created_at=opened)
    for model in (SchedulePage, Staff, Series, Ticket):
        model._base_manager.filter(account=account).update(created_at=opened)  # noqa: SLF001


def _sort_letters(account: Account) -> None:
    """Keep the newest letters alone, most of them as sent long since: nobody wants a thousand e-mails at once."""
    messages.send_out(account)
    others = Letter.objects.filter(account=account, mailing__isnull=True)
    newest = list(others.order_by("-created_at", "-pk").values_list("pk", flat=True))
    Letter.objects.filter(pk__in=newest[LETTERS:]).delete()
    Letter.objects.filter(pk__in=newest[UNSENT:LETTERS]).update(sent_at=F("created_at"), attempts=1)
    # Nor are five hundred tasks wanted that find nothing to send: the worker's sweep sends what is left.
    connection.run_on_commit.clear()
