"""Deed and line are one; nobody changes a line; it goes only when it is old, or must."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.customers import correct_name
from accounts.history.acting import acting, acting_for, current_actor
from accounts.history.forgetting import erase_colleague, forget_history
from accounts.history.recording import NOTHING, About, Change, record
from accounts.models import AuditEntry, AuditObject, Deed, Operation, Role, Thing, User
from accounts.operations.running import run_operation
from accounts.services import add_staff, change_plan, save_settings
from bookwhen.jobs.run import Run
from groups.catalogue import create_group, delete_group, edit_group
from groups.services import add_customers
from offers.services import offer_terms
from tests.browsing import open_browser
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory, UserFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.joining import begin_pasted
from tickets.schedule.coverage import CoverageChoice, edit_offer
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db

MANY: Final = 20_000
LINES: Final = """
INSERT INTO accounts_auditentry (account_id, at, actor_id, actor_name, action, seen_by, kind, object_id, label, beside,
    changes)
SELECT %(account)s, %(at)s + n * interval '1 minute', %(actor)s, 'Maya', 'group.changed', 'customers', 'group', n, 'x',
    '', '[]'
FROM generate_series(1, %(many)s) n
"""


@pytest.fixture
def maya() -> User:
    return UserFactory.create(email="maya@example.org", name="Maya Okafor")


def told() -> list[tuple[str, str, str, list[list[str]]]]:
    lines = AuditEntry.objects.order_by("pk")
    return list(lines.values_list("action", "label", "beside", "changes"))


def told_by() -> list[tuple[int | None, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "actor_name"))


def test_a_line_says_who_did_what_when_and_what_it_was_before(maya: User) -> None:
    group = GroupFactory.create(name="Gold", description="")
    with acting(maya, at=NOW):
        edit_group(group, name="Silver", description="")

    line = AuditEntry.objects.get()
    assert (line.account, line.actor, line.actor_name, line.at) == (group.account, maya, "Maya Okafor", NOW)
    assert (line.action, line.kind, line.object_id, line.label) == ("group.changed", "group", group.pk, "Silver")
    assert line.changes == [["Group name", "Gold", "Silver"]]
    assert list(AuditObject.objects.values_list("kind", "object_id")) == [("group", group.pk)]


def test_a_colleague_without_a_name_is_known_by_the_address() -> None:
    with acting(UserFactory.create(email="leo@example.org", name=""), at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
    assert AuditEntry.objects.get().actor_name == "leo@example.org"


def test_what_nobody_of_the_team_does_is_not_recorded() -> None:
    group = GroupFactory.create()
    edit_group(group, name="Silver", description="")
    assert (current_actor(), AuditEntry.objects.count()) == (None, 0)


def test_who_acted_acts_no_more_afterwards_even_where_it_failed(maya: User) -> None:
    with pytest.raises(ZeroDivisionError), acting(maya, at=NOW):
        raise ZeroDivisionError
    assert current_actor() is None


def test_a_form_that_changes_nothing_leaves_no_line(maya: User) -> None:
    group = GroupFactory.create(name="Gold", description="x")
    with acting(maya, at=NOW):
        edit_group(group, name="Gold", description="x")
        change_plan(group.account, group.account.plan)  # type: ignore[arg-type]
        save_settings(group.account, {"name": "Name"})
    assert told() == []


def test_of_something_new_only_what_it_has_is_told(maya: User) -> None:
    facts = [
        Change("Name", "", "Gold"),
        Change("Note", "", NOTHING),
        Change("From", NOTHING, "1"),
        Change("To", "2", NOTHING),
    ]
    with acting(maya, at=NOW):
        record(Deed.GROUP_CREATED, About(Thing.GROUP, 1, "Gold"), account=AccountFactory.create(), changes=facts)
    [(*_line, changes)] = told()
    assert changes == [["Name", "", "Gold"], ["From", NOTHING, "1"], ["To", "2", NOTHING]]


def test_deed_and_line_are_one(maya: User) -> None:
    group = GroupFactory.create(name="Gold")
    with acting(maya, at=NOW), transaction.atomic():
        edit_group(group, name="Silver", description="")
        transaction.set_rollback(True)
    group.refresh_from_db()
    assert (group.name, told()) == ("Gold", [])


def test_many_customers_are_one_line_that_each_of_them_has(maya: User) -> None:
    group = GroupFactory.create(name="Gold")
    with acting(maya, at=NOW), CaptureQueriesContext(connection) as few:
        add_customers(group, {"a@example.org": "A"}, now=NOW)
    with acting(maya, at=NOW), CaptureQueriesContext(connection) as many:
        added = add_customers(group, {f"{n}@example.org": "" for n in range(300)}, now=NOW)

    assert len(many) == len(few)
    assert told()[1] == ("customers.added", "Gold", "", [["Customers", "", "300"]])
    concerned = AuditObject.objects.filter(entry=AuditEntry.objects.latest("pk"), kind=Thing.CUSTOMER)
    assert set(concerned.values_list("object_id", flat=True)) == {customer.pk for customer in added.new}


@pytest.mark.usefixtures("_at_noon")
def test_a_long_list_is_one_line_however_many_parts_it_has(maya: User) -> None:
    group = GroupFactory.create(name="Gold")
    with acting(maya, at=NOW):
        operation = begin_pasted(
            group, "\n".join(f"{n:030}@example.org" for n in range(1300)), tell=False, who="Maya", key=uuid4(), now=NOW
        )
    while run_operation(operation.pk):
        pass

    operation.refresh_from_db()
    assert (operation.state, operation.began_by) == ("done", maya)
    assert told() == [("customers.list_added", "Gold", "", [["Lines", "", "1300"]])]
    assert AuditObject.objects.filter(kind=Thing.CUSTOMER).count() == 1300


def test_a_long_job_goes_on_as_who_began_it(maya: User) -> None:
    operation = Operation(began_by=maya, who="maya@example.org")
    with acting_for(operation, at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
    with acting_for(Operation(who="Leo, who left"), at=NOW):
        create_group(AccountFactory.create(), name="Silver", description="")
    with acting_for(Operation(), at=NOW):
        create_group(AccountFactory.create(), name="Bronze", description="")

    lines = AuditEntry.objects.order_by("pk").values_list("label", "actor", "actor_name")
    assert list(lines) == [("Gold", maya.pk, "Maya Okafor"), ("Silver", None, "Leo, who left")]


def test_a_cancelled_entry_is_one_line_on_the_pages_of_all_who_had_booked(maya: User) -> None:
    entry = EntryFactory.create(title="Flow")
    ticket = TicketFactory.create(entry=entry)
    seats = [book_seat_manually(entry, ticket, name) for name in ("Ada", "Bob")]
    with acting(maya, at=NOW):
        cancel_entry(entry, now=NOW)

    assert [(action, changes) for action, _, _, changes in told()] == [
        ("entry.cancelled", [["Spaces cancelled", "", "2"]])
    ]
    concerned = set(AuditObject.objects.values_list("kind", "object_id"))
    assert concerned == {("entry", entry.pk)} | {
        each for seat in seats for each in (("booking", seat.booking_id), ("customer", seat.customer_id))
    }


def test_spaces_of_several_bookings_cancelled_at_once_are_one_line(maya: User) -> None:
    entry = EntryFactory.create(title="Flow")
    ticket = TicketFactory.create(entry=entry)
    seats = [book_seat_manually(entry, ticket, name) for name in ("Ada", "Bob", "Cyd")]
    with acting(maya, at=NOW):
        cancel_by_studio([seat.pk for seat in seats], now=NOW)

    assert told() == [("booking.spaces_cancelled", "Ada and 2 others", "Flow", [["Spaces", "", "3"]])]


def test_where_a_customer_books_and_cancels_the_history_is_neither_read_nor_written() -> None:
    entry = EntryFactory.create()
    with CaptureQueriesContext(connection) as asked:
        seat = book_member_seat(entry)
        cancel_by_customer(seat.booking, [seat.pk], now=NOW)
    assert [query["sql"] for query in asked if "audit" in query["sql"]] == []


@pytest.mark.parametrize("model", [AuditEntry, AuditObject])
def test_the_database_refuses_to_change_or_delete_a_line(model: type[Model], maya: User) -> None:
    with acting(maya, at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
    lines: QuerySet[Model] = QuerySet(model)
    with pytest.raises(IntegrityError, match="the history is only added to"), transaction.atomic():
        lines.update(object_id=7)
    with pytest.raises(IntegrityError, match="the history is only added to"), transaction.atomic():
        lines.all().delete()
    assert lines.count() == 1


def test_even_who_did_it_cannot_be_changed_to_somebody_else(maya: User) -> None:
    with acting(maya, at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(actor=UserFactory.create())
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(actor=None, actor_name="Somebody else")


def test_a_login_that_is_deleted_leaves_its_name(maya: User) -> None:
    with acting(maya, at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
    maya.delete()
    assert told_by() == [(None, "Maya Okafor")]


def test_the_history_goes_with_its_account_and_no_other(maya: User) -> None:
    going, staying = AccountFactory.create(), AccountFactory.create()
    with acting(maya, at=NOW):
        for account in (going, staying):
            record(Deed.PLAN_CHANGED, About(Thing.ACCOUNT, account.pk), account=account)
    going.delete()

    assert list(AuditEntry.objects.values_list("account", flat=True)) == [staying.pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_what_is_old_is_forgotten_by_the_night(maya: User, settings: object) -> None:
    settings.HISTORY_KEPT_DAYS = 100  # type: ignore[attr-defined]
    account = AccountFactory.create()
    for days in (101, 99):
        with acting(maya, at=NOW - timedelta(days=days)):
            record(Deed.PLAN_CHANGED, About(Thing.ACCOUNT, account.pk, f"{days}"), account=account)
    forget_history(Run("history", now=NOW))

    assert list(AuditEntry.objects.values_list("label", flat=True)) == ["99"]
    assert AuditObject.objects.count() == 1


def test_what_is_old_is_found_by_an_index(maya: User) -> None:
    account = AccountFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(LINES, {"account": account.pk, "at": NOW, "actor": maya.pk, "many": MANY})
        cursor.execute("ANALYZE accounts_auditentry")
    # Whatever else could find them: where there are many accounts, only this index does.
    old = AuditEntry.objects.filter(at__lt=NOW + timedelta(minutes=5)).order_by("at")[:1000]
    assert "Index Scan using audit_oldest" in old.explain()


def test_a_customer_who_asks_for_it_is_erased_by_name(maya: User) -> None:
    group = GroupFactory.create(name="Gold")
    customer = CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada")
    other = CustomerFactory.create(account=group.account, name="Bob")
    with acting(maya, at=NOW):
        correct_name(customer, "Ada Lovelace")
        correct_name(other, "Bobby")
        add_customers(group, {"ada@example.org": ""}, now=NOW)
    call_command("erase_from_history", "ada@example.org", "--account", group.account.slug)

    assert [(action, label, changes) for action, label, _, changes in told()] == [
        ("customer.renamed", "", []),
        ("customer.renamed", "Bobby", [["Name", "Bob", "Bobby"]]),
        ("customers.added", "Gold", [["Customers", "", "1"]]),
    ]
    with pytest.raises(CommandError, match="Nobody here has the address"):
        call_command("erase_from_history", "nobody@example.org")


def test_a_colleague_who_asks_for_it_is_erased_by_name(maya: User) -> None:
    with acting(maya, at=NOW):
        create_group(AccountFactory.create(), name="Gold", description="")
        staff = add_staff(AccountFactory.create(plan="plus"), email="maya@example.org", role=Role.LEADER, now=NOW)
    assert (staff.user, erase_colleague(maya)) == (maya, 3)
    assert (told_by(), [label for _, label, _, _ in told()]) == ([(None, ""), (None, "")], ["Gold", ""])


def test_the_database_keeps_names_on_one_line() -> None:
    account = AccountFactory.create()
    for column in ("actor_name", "label", "beside"):
        with pytest.raises(IntegrityError, match="audit_text"), transaction.atomic():
            AuditEntry.objects.create(account=account, at=NOW, object_id=1, **{column: "a\nb"})


def test_long_texts_are_cut(maya: User) -> None:
    account = AccountFactory.create()
    with acting(maya, at=NOW):
        record(
            Deed.PLAN_CHANGED,
            About(Thing.ACCOUNT, account.pk, "x" * 300),
            account=account,
            changes=[Change("What", "y" * 600, "z")],
        )
    [(_, label, _, [[_, before, _]])] = told()
    assert (label, before) == (f"{'x' * 199}…", f"{'y' * 499}…")


def test_a_deleted_group_keeps_its_name_in_the_history(maya: User) -> None:
    group = GroupFactory.create(name="Gold")
    with acting(maya, at=NOW):
        delete_group(group)
    assert told() == [("group.deleted", "Gold", "", [])]


def test_another_ticket_of_very_many_leaves_a_line_although_the_offer_reads_as_before(maya: User) -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    tickets = [TicketFactory.create(entry=entry, group=group, name="Mat").pk for _turn in range(6)]
    offer = OfferFactory.create(group=group, page=None)
    edit_offer(offer, offer_terms(offer), CoverageChoice(tickets=frozenset(tickets[:5])))
    with acting(maya, at=NOW):
        edit_offer(offer, offer_terms(offer), CoverageChoice(tickets=frozenset(tickets[1:])))
        edit_offer(offer, offer_terms(offer), CoverageChoice(tickets=frozenset(tickets[1:])))
    assert [(action, changes) for action, _, _, changes in told()] == [("offer.changed", [])]


def test_the_dashboards_access_check_says_who_acts() -> None:
    staff = StaffFactory.create()
    browser = open_browser(staff.user)
    browser.post(f"/dashboard/{staff.account.slug}/settings/plan/", {"plan": "plus"})
    line = AuditEntry.objects.get()
    assert (line.action, line.actor, line.account) == ("plan.changed", staff.user, staff.account)
    assert current_actor() is None
