"""The pages of the history: who sees what of it, by which filters, and what that costs."""

import csv
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.history.acting import acting
from accounts.history.recording import About, Change, record
from accounts.models import Account, Deed, Role, Thing, User
from accounts.services import remove_staff
from groups.catalogue import create_group, delete_group, edit_group
from tests.browsing import next_page, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory, UserFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory, load_entry
from tests.plans import reading
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.schedule.entries import cancel_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

MANY: Final = 20_000
ODD: Final = ("x", "0", "9" * 30, "9" * 5000, "-1", "line-", "line-x", "line-0", "line-" + "9" * 5000)
LINES: Final = """
WITH line AS (
    INSERT INTO accounts_auditentry (account_id, at, actor_id, actor_name, action, seen_by, kind, object_id, label,
        beside, changes)
    SELECT %(account)s, %(at)s - n * interval '1 minute', CASE WHEN n %% 5000 = 0 THEN %(rare)s ELSE %(actor)s END,
        'Somebody', 'group.changed', CASE WHEN n %% 5000 = 0 THEN 'schedule' ELSE 'customers' END,
        CASE WHEN n %% 5000 = 0 THEN 'entry' ELSE 'group' END, 1 + n %% 2, 'x', '', '[]'
    FROM generate_series(1, %(many)s) n
    RETURNING id, kind, object_id
)
INSERT INTO accounts_auditobject (account_id, entry_id, kind, object_id)
SELECT %(account)s, id, kind, object_id FROM line
"""


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(time_zone="Europe/London")


@pytest.fixture
def maya(studio: Account) -> User:
    user: User = UserFactory.create(email="maya@example.org", name="Maya Okafor")
    StaffFactory.create(account=studio, user=user, role=Role.BOOKINGS_ADMIN)
    return user


def line_count(dashboard: Dashboard, **query: Any) -> int:
    return len(dashboard.get("history", query).context["rows"])


def hers(user: User) -> int:
    return user.staff.get().pk


def do_something(studio: Account, user: User, *, days_ago: int = 0, thing: Thing = Thing.GROUP) -> None:
    with acting(user, at=NOW - timedelta(days=days_ago)):
        record(Deed.GROUP_CHANGED, About(thing, 1, "Gold"), account=studio, changes=[Change("Group name", "A", "B")])


def test_the_history_names_colleagues_and_what_it_was_before(studio: Account, maya: User) -> None:
    group = GroupFactory.create(account=studio, name="Gold", description="")
    with acting(maya, at=NOW):
        edit_group(group, name="Silver", description="")
    dashboard = open_dashboard(studio)
    page = dashboard.get("history")

    assert "Maya Okafor changed the group “ Silver ” Group name: Gold → Silver" in page_text(page)
    assert f'href="{dashboard.url("group", pk=group.pk)}"' in page.content.decode()
    [row] = page.context["rows"]
    assert f'href="{dashboard.url("history")}?who=line-{row.line.pk}"' in page.content.decode()


def test_a_new_studio_is_told_what_will_be_here(studio: Account) -> None:
    dashboard = open_dashboard(studio)
    assert "Nothing has been done yet" in page_text(dashboard.get("history"))
    assert "Clear filter" in page_text(dashboard.get("history", {"kind": "group"}))


def test_what_strangers_typed_is_text(studio: Account, maya: User) -> None:
    with acting(maya, at=NOW):
        create_group(studio, name="<script>alert(1)</script> {who} %(who)s", description="")
    page = open_dashboard(studio).get("history").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {who} %(who)s" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("role", "things"),
    [
        (Role.OWNER, {"group", "entry", "account"}),
        (Role.BOOKINGS_ADMIN, {"group", "entry"}),
        (Role.SCHEDULE_MANAGER, {"entry"}),
        (Role.LEADER, {"entry"}),
    ],
)
def test_a_role_sees_the_history_of_what_it_may_see(role: Role, things: set[str], studio: Account, maya: User) -> None:
    for thing in (Thing.GROUP, Thing.ENTRY, Thing.ACCOUNT):
        do_something(studio, maya, thing=thing)
    dashboard = open_dashboard(studio, role)
    page = dashboard.get("history")

    assert {row.line.kind for row in page.context["rows"]} == things
    assert things <= set(dict(page.context["filter"].fields["kind"].choices))
    answers = {
        kind: dashboard.get("history_of", kind=kind, object=1).status_code for kind in ("group", "entry", "account")
    }
    assert {kind for kind, status in answers.items() if status == 200} == things
    assert line_count(dashboard, kind="account") == (len(things) if "account" not in things else 1)


@pytest.mark.usefixtures("new_files")
def test_the_history_is_found_by_colleague_kind_and_day(studio: Account, maya: User) -> None:
    leo = UserFactory.create(name="Leo")
    do_something(studio, maya, days_ago=2)
    do_something(studio, leo, thing=Thing.ENTRY)
    dashboard, hers = open_dashboard(studio), studio.staff.get(user=maya).pk

    assert line_count(dashboard) == 2
    assert line_count(dashboard, who=hers) == 1
    assert line_count(dashboard, kind="entry") == 1
    assert line_count(dashboard, who=hers, kind="entry") == 0
    assert line_count(dashboard, until="2030-01-14") == 1
    assert line_count(dashboard, until="2030-01-15") == 2
    assert [line_count(dashboard, who=odd) for odd in ODD] == [2] * len(ODD)


def test_the_team_is_listed_by_address_and_who_left_by_name(studio: Account, maya: User) -> None:
    do_something(studio, maya)
    dashboard = open_dashboard(studio)

    page, hers = dashboard.get("history"), str(studio.staff.get(user=maya).pk)
    assert ("", "Everyone") in page.context["filter"].fields["who"].choices
    assert (hers, "maya@example.org") in page.context["filter"].fields["who"].choices
    [row] = page.context["rows"]
    asked = {"who": f"line-{row.line.pk}"}
    assert (asked["who"], "maya@example.org") in dashboard.get("history", asked).context["filter"].fields["who"].choices

    remove_staff(studio.staff.get(user=maya))
    page = dashboard.get("history", asked)
    assert (asked["who"], "Maya Okafor") in page.context["filter"].fields["who"].choices
    assert (len(page.context["rows"]), line_count(dashboard, who=hers)) == (1, 1)


def test_somebody_elses_line_names_nobody(studio: Account, maya: User) -> None:
    with acting(maya, at=NOW):
        other = AccountFactory.create()
        line = record(Deed.PLAN_CHANGED, About(Thing.ACCOUNT, other.pk), account=other)
    assert line is not None
    page = open_dashboard(studio).get("history", {"who": f"line-{line.pk}"})
    assert "Maya Okafor" not in page.content.decode()


def test_what_is_deleted_has_no_link_but_its_history(studio: Account, maya: User) -> None:
    group = GroupFactory.create(account=studio, name="Gold")
    with acting(maya, at=NOW):
        edit_group(group, name="Silver", description="")
        delete_group(group)
    dashboard, pk = open_dashboard(studio), 1
    page = dashboard.get("history")
    assert [row.line.action for row in page.context["rows"]] == ["group.deleted", "group.changed"]
    assert "/groups/" not in page.content.decode().partition("<main")[2]
    pk = page.context["rows"][0].line.object_id
    assert page_text(dashboard.get("history_of", kind="group", object=pk)).startswith(
        "History History Customer group · Silver"
    )


def test_later_pages_of_one_things_history_go_on_where_the_first_ended(studio: Account, maya: User) -> None:
    for _turn in range(60):
        do_something(studio, maya)
    dashboard = open_dashboard(studio)
    first = dashboard.get("history_of", kind="group", object=1)
    second = dashboard.get("history_of", next_page(first), kind="group", object=1)

    seen = [row.line.pk for page in (first, second) for row in page.context["rows"]]
    assert (len(set(seen)), seen == sorted(seen, reverse=True)) == (60, True)


@pytest.mark.parametrize(
    ("kind", "key"), [("group", 10**6), ("nonsense", 1), ("group", 10**30), ("email_address", 1), ("stripe", 1)]
)
def test_what_the_account_never_had_does_not_exist(kind: str, key: int, studio: Account) -> None:
    assert open_dashboard(studio).get("history_of", kind=kind, object=key).status_code == 404


def test_a_thing_that_nobody_touched_says_so(studio: Account) -> None:
    customer = CustomerFactory.create(account=studio)
    page = open_dashboard(studio).get("history_of", kind="customer", object=customer.pk)
    assert "Nothing has been done here yet" in page_text(page)


def test_a_line_of_a_newer_release_is_shown_as_well_as_can_be(studio: Account, maya: User) -> None:
    with acting(maya, at=NOW):
        line = record(Deed.GROUP_CHANGED, About(Thing.GROUP, 1, "Gold"), account=studio)
    assert line is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bookwhen.history', 'open', true)")
        cursor.execute("UPDATE accounts_auditentry SET action = 'x.new', kind = 'x' WHERE id = %s", [line.pk])
    dashboard = open_dashboard(studio)
    assert "Maya Okafor changed “ Gold ”" in page_text(dashboard.get("history"))
    assert "changed “Gold”" in b"".join(dashboard.get("history_csv").streaming_content).decode()


def test_the_file_has_what_the_page_has(studio: Account, maya: User) -> None:
    do_something(studio, maya)
    do_something(studio, maya, thing=Thing.ENTRY)
    dashboard = open_dashboard(studio)
    sent = b"".join(dashboard.get("history_csv", {"kind": "group"}).streaming_content).decode()

    assert list(csv.reader(sent.removeprefix("\ufeff").splitlines())) == [
        ["Date", "Team member", "What was done", "Kind", "Changes"],
        [
            "2030-01-15 12:00",
            "Maya Okafor",
            "Maya Okafor changed the group “Gold”",
            "Customer group",
            "Group name: A → B",
        ],
    ]


def test_the_studio_is_a_colleague_to_colleagues(studio: Account, maya: User) -> None:
    entry = EntryFactory.create(account=studio, title="Flow")
    ticket = TicketFactory.create(entry=entry)
    before = book_seat_manually(entry, ticket, "Old")
    with acting(maya, at=NOW):
        seat = book_seat_manually(entry, ticket, "Ada")
        gone = book_seat_manually(entry, ticket, "Bob")
        cancel_by_studio([gone.pk], now=NOW + timedelta(seconds=2))
    dashboard = open_dashboard(studio)

    assert "· by Maya Okafor" in page_text(dashboard.get("booking", pk=seat.booking_id))
    assert "· by the studio" in page_text(dashboard.get("booking", pk=before.booking_id))
    assert "Cancelled by Maya Okafor" in page_text(dashboard.get("booking", pk=gone.booking_id))
    listed = page_text(dashboard.get("bookings"))
    assert (listed.count("by Maya Okafor"), listed.count("by the studio")) == (2, 1)
    with acting(maya, at=NOW):
        cancel_entry(load_entry(entry), now=NOW)
    assert "Cancelled by Maya Okafor" in page_text(dashboard.get("booking", pk=before.booking_id))


def test_one_line_and_three_cost_the_same_statements(studio: Account, maya: User) -> None:
    dashboard = open_dashboard(studio)

    def statements() -> list[int]:
        counts = []
        pages = [dashboard.url("history"), dashboard.url("history_of", kind="group", object=1)]
        for address in [*pages, dashboard.url("history_csv")]:
            with CaptureQueriesContext(connection) as asked:
                answer: Any = dashboard.client.get(address)
                if answer.streaming:
                    list(answer.streaming_content)
            counts.append(len(asked))
        return counts

    do_something(studio, maya)
    one = statements()
    do_something(studio, maya)
    do_something(studio, maya, thing=Thing.ENTRY)
    assert (one, statements()) == ([6, 6, 5], [6, 6, 5])


@pytest.mark.usefixtures("new_files")
def test_a_long_history_is_read_as_quickly_as_a_short_one(studio: Account, maya: User) -> None:
    rare = UserFactory.create()
    StaffFactory.create(account=studio, user=rare)
    with connection.cursor() as cursor:
        cursor.execute(LINES, {"account": studio.pk, "at": NOW, "actor": maya.pk, "rare": rare.pk, "many": MANY})
        cursor.execute("ANALYZE accounts_auditentry, accounts_auditobject")
    owner, leader = open_dashboard(studio), open_dashboard(studio, Role.LEADER)
    queries: list[dict[str, Any]] = [{}, {"kind": "entry"}, {"kind": "group"}, {"who": hers(rare)}, {"who": hers(maya)}]
    queries += [{"until": "2030-01-05"}, next_page(owner.get("history"))]
    slow: list[str] = []
    for who in (owner, leader):
        for query in queries:
            with reading() as found:
                assert who.get("history", query).status_code == 200
            slow += [sql for sql, blocks in zip(found.statements, found.blocks, strict=True) if blocks > 60]
    with reading() as found:
        assert owner.get("history_of", kind="group", object=1).status_code == 200
    assert slow == []
    # Fifty lines, each looked up by its number.
    assert found.most <= 250
