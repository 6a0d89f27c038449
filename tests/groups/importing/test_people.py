"""Lists of people: read, judged, added and taken back."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.imports import phases
from accounts.imports.files import begin_from_file, read_file
from accounts.imports.services import confirm_import, decide_row, map_import
from accounts.models import Account, Customer, CustomerAddress, Letter, ListFile
from groups.importing.columns import TITLES
from groups.importing.source import PEOPLE
from groups.models import Group, Member, Standing
from groups.services import add_customers
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import bring, judge, read, reasons, run, states, undo

pytestmark = pytest.mark.django_db

LIST = """Members of Studio North;;;;
;;;;
First name;Last name;E-Mail;Group;Member since
Ada;Lovelace;Ada@Example.org;Gold;03/04/2024
Bea;Ray;bea@example.org;Gold, Silver;17/04/2024
;;;;
Total;2;;;
"""


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


def groups_of(email: str) -> dict[str, date]:
    found = Standing.objects.filter(member__customer__email=email)
    return dict(found.values_list("member__group__name", "anchor"))


def choices(account: Account, *names: str) -> dict[str, Any]:
    keys = {name.lower(): name for name in names}
    return {"groups": dict.fromkeys(keys, "new"), "group_names": keys}


def test_people_come_in_with_their_groups_and_start_dates(account: Account) -> None:
    done = bring(account, LIST, **choices(account, "Gold", "Silver"))

    assert done.operation.state == "done"
    assert reasons(done) == {"new": 2, "total": 1}
    assert dict(Customer.objects.values_list("email", "name")) == {
        "ada@example.org": "Ada Lovelace",
        "bea@example.org": "Bea Ray",
    }
    assert groups_of("ada@example.org") == {"Gold": date(2024, 4, 3)}
    assert groups_of("bea@example.org") == {"Gold": date(2024, 4, 17), "Silver": date(2024, 4, 17)}
    assert not Letter.objects.exists()
    assert ListFile.objects.get().size == 0


def test_the_same_list_again_changes_nothing(account: Account) -> None:
    bring(account, LIST, **choices(account, "Gold", "Silver"))
    before = list(Standing.objects.order_by("pk").values())

    gold, silver = Group.objects.order_by("name")
    again = bring(account, LIST, groups={"gold": str(gold.pk), "silver": str(silver.pk)})

    assert reasons(again) == {"same": 2, "total": 1}
    assert list(Standing.objects.order_by("pk").values()) == before


def test_undoing_leaves_nothing_of_it(account: Account) -> None:
    group = GroupFactory.create(account=account, name="Bronze")
    add_customers(group, {"old@example.org": "Old Hand"}, now=timezone.now())
    unnamed = Customer.objects.create(account=account, email="bea@example.org", name="bee", name_confirmed=False)

    done = bring(account, LIST, **choices(account, "Gold", "Silver"))
    assert Customer.objects.get(pk=unnamed.pk).name == "Bea Ray"
    undone = undo(done)

    assert states(undone) == {"undone": 2, "read": 1}
    assert list(Customer.objects.order_by("email").values_list("email", "name", "name_confirmed")) == [
        ("bea@example.org", "bee", False),
        ("old@example.org", "Old Hand", True),
    ]
    assert list(Group.objects.values_list("name", flat=True)) == ["Bronze"]
    assert Member.objects.count() == Standing.objects.count() == 1


def test_a_person_on_several_rows_is_in_every_group_of_them(account: Account) -> None:
    text = "Name,Email,Group\nAda,ada@example.org,Gold\nAda,ada@example.org,Silver\nAda,ada@example.org,Gold\n"
    done = bring(account, text, **choices(account, "Gold", "Silver"))

    assert reasons(done) == {"new": 1, "more": 1, "repeated": 1}
    assert set(groups_of("ada@example.org")) == {"Gold", "Silver"}
    assert Customer.objects.count() == 1


def test_mother_and_daughter_with_one_address_are_to_be_checked(account: Account) -> None:
    text = "Name,Email,Group\nAnn Ray,ray@example.org,Gold\nMia Ray,ray@example.org,Kids\n"
    done = judge(account, text, **choices(account, "Gold", "Kids"))
    assert reasons(done) == {"new": 1, "shared_address": 1}

    row = done.rows.get(why="shared_address")
    decide_row(row, {"email": "mia@example.org"}, chosen=True, now=timezone.now())

    assert reasons(done) == {"new": 2}


def test_a_last_day_is_inclusive_and_local(account: Account) -> None:
    day = timezone.now().date() + timedelta(days=40)
    past = "2020-01-31"
    text = f"Name,Email,Until\nAda,ada@example.org,{day}\nBea,bea@example.org,{past}\n"
    group = GroupFactory.create(account=account)
    done = bring(account, text, group=str(group.pk))

    assert reasons(done) == {"new": 1, "ended": 1}
    until = Standing.objects.get().until
    assert until is not None
    assert until.astimezone(account.zone).replace(tzinfo=None).isoformat() == f"{day + timedelta(days=1)}T00:00:00"


def test_who_is_in_the_group_up_to_a_day_stays_so_whatever_a_list_says(account: Account) -> None:
    group, until = GroupFactory.create(account=account), timezone.now() + timedelta(days=9)
    add_customers(group, {"ada@example.org": "Ada"}, now=timezone.now(), until=until)

    done = bring(account, "Name,Email,Phone\nAda,ada@example.org,07911 123456\n", group=str(group.pk))

    assert reasons(done) == {"more": 1}
    assert (Standing.objects.get().until, Customer.objects.get().phone) == (until, "+447911123456")


@pytest.mark.parametrize(
    "status", ["L", "cancelled", "Canceled (unpaid)", "INACTIVE", "Gekündigt", "Annulé", "not active"]
)
def test_who_was_cancelled_is_left_out_or_comes_in_without_a_group(account: Account, status: str) -> None:
    group = GroupFactory.create(account=account)
    text = f"Name,Email,Status\nAda,ada@example.org,Active\nBea,bea@example.org,{status}\nCy,cy@example.org,\n"

    done = bring(account, text, group=str(group.pk))

    assert reasons(done) == {"new": 2, "inactive": 1}
    inside = set(Standing.objects.values_list("member__customer__name", flat=True))
    assert (inside, Customer.objects.count()) == ({"Ada", "Cy"}, 2)


def test_who_was_cancelled_comes_in_without_a_group_where_the_operator_chooses_so(account: Account) -> None:
    group = GroupFactory.create(account=account)
    done = judge(account, "Name,Email,Status\nBea,bea@example.org,Cancelled\n", group=str(group.pk))

    decide_row(done.rows.get(), {}, chosen=True, now=timezone.now())
    confirm_import(done, now=timezone.now())
    run(done)

    assert (Customer.objects.get().email, Standing.objects.exists()) == ("bea@example.org", False)


def test_an_old_pass_of_somebody_keeps_no_later_row_of_theirs_out(account: Account) -> None:
    """One row for each pass, as WellnessLiving has them."""
    done = bring(account, "Name,Email,Status\nBea,bea@example.org,L\nBea,bea@example.org,Active\n")

    assert (reasons(done), Customer.objects.get().email) == ({"inactive": 1, "new": 1}, "bea@example.org")


def test_people_are_told_once_if_the_operator_wants_it(account: Account) -> None:
    text = "Name,Email\nAda,ada@example.org\nBea,bea@example.org\nAda,ada@example.org\n"
    group = GroupFactory.create(account=account)
    add_customers(group, {"bea@example.org": "Bea"}, now=timezone.now())
    done = bring(account, text, letter=True, group=str(group.pk))

    assert list(Letter.objects.values_list("recipient", flat=True)) == ["ada@example.org"]
    assert list(done.rows.filter(after__told=True).values_list("number", flat=True)) == [1]


def test_a_file_that_cannot_be_read_on_keeps_what_came_before(account: Account) -> None:
    text = "Name,Email\nAda,ada@example.org\n" + '"Bea' + "x" * 200_000
    found = read(account, text)
    assert found.operation.state == "waiting"
    assert found.rows.count() == 1
    assert found.found["trouble"] == (
        "We couldn’t read on after row 3. Perhaps a quotation mark there is never closed."
    )


def test_what_the_studio_knows_comes_along_and_replaces_nothing(account: Account) -> None:
    known = CustomerFactory.create(account=account, email="ada@example.org", name="Ada", note="Knee", phone="")
    gone = CustomerFactory.create(account=account, email="bea@example.org", name="Bea", news_ended_at=timezone.now())
    text = (
        "Name,Email,Mobile,Notes,Marketing,Consent date\n"
        "Ada,ada@example.org,7911 123456,Likes mats,yes,2024-02-01\n"
        "Bea,bea@example.org,447911123457,,yes,\n"
        "Cem,cem@example.org,4.47911E+11,,no,\n"
    )
    done = bring(account, text)

    assert reasons(done) == {"more": 2, "odd_phone": 1}
    known.refresh_from_db()
    gone.refresh_from_db()
    assert (known.phone, known.note, known.news_source) == ("+447911123456", "Knee\nLikes mats", "import")
    assert known.news_since == datetime(2024, 2, 1, tzinfo=account.zone)
    assert (gone.phone, gone.news_since) == ("+447911123457", None)

    undone = undo(done)

    assert states(undone) == {"undone": 2, "read": 1}
    known.refresh_from_db()
    assert (known.phone, known.note, known.news_source) == ("", "Knee", "")
    assert Customer.objects.filter(pk=known.pk, news_since=None).exists()


def test_what_stands_for_nothing_is_nothing_to_check(account: Account) -> None:
    text = (
        "Name,Email,Home Phone,Mobile (preferred),Group,Since,Paid until\n"
        "Ada,ada@example.org,n/a,-,None,00/00/0000,never\n"
        "Bea,bea@example.org,,447911123456.0,–,N/A,Ongoing\n"
        "Cem,cem@example.org,unknown,07911 123457 (mum),#N/A,20240131,-\n"
        "Dee,n/a,,,,,\n"
    )
    done = bring(account, text)

    assert dict(done.rows.values_list("number", "why")) == {1: "new", 2: "new", 3: "new", 4: "no_address"}
    assert list(Customer.objects.order_by("email").values_list("phone", flat=True)) == [
        "", "+447911123456", "+447911123457",
    ]  # fmt: skip
    assert not Group.objects.exists()


def test_a_name_that_stands_beside_its_address_is_kept(account: Account) -> None:
    bring(account, "Name,Email\n,Ada Lovelace <ada@example.org>\nBea,B <bea@example.org>\n")
    assert dict(Customer.objects.values_list("email", "name")) == {
        "ada@example.org": "Ada Lovelace", "bea@example.org": "Bea",
    }  # fmt: skip


@pytest.mark.parametrize("written", ["Sinéad O’Brien", "O'Brien, Sinead", "Sinead OBrien", "SINÉAD O`BRIEN"])
def test_somebody_whose_apostrophe_is_written_otherwise_is_no_other_person(account: Account, written: str) -> None:
    CustomerFactory.create(account=account, email="sinead@example.org", name="Sinéad O'Brien", name_confirmed=True)
    assert reasons(judge(account, f'Name,Email\n"{written}",sinead@example.org\n')) == {"same": 1}


def test_what_the_studio_changed_since_is_kept(account: Account) -> None:
    group = GroupFactory.create(account=account)
    done = bring(account, "Name,Email,Notes\nAda,ada@example.org,Mat\nBea,bea@example.org,Mat\n", group=str(group.pk))
    Customer.objects.filter(email="ada@example.org").update(note="Mat and block")
    Standing.objects.filter(member__customer__email="bea@example.org").update(anchor=date(2020, 1, 1), until=None)
    CustomerAddress.objects.create(
        account=account,
        customer=Customer.objects.get(email="ada@example.org"),
        email="ada@home.example.org",
        created_at=timezone.now(),
    )

    undone = undo(done)

    assert dict(undone.rows.values_list("person", "state")) == {"ada@example.org": "kept", "bea@example.org": "undone"}
    assert list(Customer.objects.values_list("email", "note")) == [("ada@example.org", "Mat and block")]
    assert not Standing.objects.exists()


def test_somebody_known_by_another_address_is_no_second_person(account: Account) -> None:
    ada = CustomerFactory.create(account=account, email="ada@example.org", name="Ada")
    CustomerAddress.objects.create(
        account=account, customer=ada, email="ada@home.example.org", created_at=timezone.now()
    )
    group = GroupFactory.create(account=account)
    done = bring(account, "Name,Email\nAda,ada@home.example.org\n", group=str(group.pk))

    assert reasons(done) == {"more": 1}
    assert Member.objects.get().customer == ada
    assert reasons(judge(account, "Name,Email\nAda,ada@example.org\n", group=str(group.pk))) == {"same": 1}


def test_a_row_that_fails_stops_no_other(account: Account) -> None:
    group, other = GroupFactory.create_batch(2, account=account)
    text = "Name,Email,Group\nAda,ada@example.org,A\nBea,bea@example.org,B\nCem,cem@example.org,A\n"
    found = judge(account, text, groups={"a": str(group.pk), "b": str(other.pk)})
    Group.objects.filter(pk=other.pk).update(archived_at=timezone.now())
    confirm_import(found, now=timezone.now())
    done = run(found)

    assert dict(done.rows.values_list("person", "state")) == {
        "ada@example.org": "applied",
        "bea@example.org": "failed",
        "cem@example.org": "applied",
    }
    assert done.rows.get(state="failed").error == "Its group is archived or deleted. Restore it and import again."


def test_a_batch_costs_as_many_statements_as_another(account: Account) -> None:
    """What a thousand rows cost, ten do."""
    group = GroupFactory.create(account=account)
    counted = []
    for number in (1, 10):
        people = (f"N{each},n{number}x{each}@example.org" for each in range(number))
        lines = "".join(f"{who},+447911123456,3/4/2024\n" for who in people)
        found = judge(account, f"Name,Email,Mobile,Since\n{lines}", group=str(group.pk))
        confirm_import(found, now=timezone.now())
        with CaptureQueriesContext(connection) as context:
            run(found)
        counted.append(len(context))
    assert counted[0] == counted[1]


def test_a_worker_that_dies_after_reading_costs_nothing(account: Account) -> None:
    now = timezone.now()
    found = begin_from_file(account, PEOPLE, LIST.encode(), "list.csv", who="Ada", key=uuid4(), now=now)
    read_file(found, TITLES)
    before = list(found.rows.order_by("number").values())

    again = run(found)

    assert again.operation.state == "waiting"
    assert again.found["guessed"] == ["first", "last", "email", "group", "since"]
    assert list(again.rows.order_by("number").values()) == before


def test_an_identifier_of_the_old_system_makes_no_doubles(account: Account) -> None:
    """Admidio #1500."""
    bring(account, "Client ID,Name,Email\n100,Ada,ada@example.org\n")
    again = bring(account, "Client ID,Name,Email\n7,Ada,ADA@example.org\n")

    assert reasons(again) == {"same": 1}
    assert Customer.objects.count() == 1


def test_a_note_with_signs_that_turn_the_direction_of_writing_spoils_no_list(account: Account) -> None:
    """They come along when a number is copied from a telephone; the whole list couldn’t be looked through."""
    text = "Name,Email,Phone,Notes\nAda,ada@example.org,\u202a+44 7911 123456\u202c,\u202adoor \ufffd \u202eleft\n"
    done = bring(account, f"{text}Bea,bea@example.org,,\n")
    assert states(done) == {"applied": 2}
    assert list(Customer.objects.order_by("pk").values_list("phone", "note")) == [
        ("+447911123456", "door  left"),
        ("", ""),
    ]


def test_who_pauses_elsewhere_is_to_be_checked(account: Account) -> None:
    """They aren’t to book with a membership that gives nothing at the moment."""
    words = ("Paused", "On hold", "Frozen until 3/4/2027", "Not a member", "En pause", "pausiert")
    rows = "".join(f"n{number}@example.org,{word},Gold\n" for number, word in enumerate(words))
    found = judge(account, f"Email,Status,Group\n{rows}act@example.org,Active,Gold\n", **choices(account, "Gold"))
    assert reasons(found) == {"inactive": len(words), "new": 1}


def test_whose_last_day_has_passed_becomes_a_customer_and_joins_no_group(account: Account) -> None:
    """So the page says; the rows failed instead, whatever else there was to check about them."""
    text = "Name,Email,Phone,Until,Group\nAda,ada@example.org,,1/2/2025,Gold\nBea,bea@example.org,12,1/2/2025,Gold\n"
    found = judge(account, f"{text}Cem,cem@example.org,,,Gold\n", **choices(account, "Gold"))
    assert reasons(found) == {"ended": 1, "odd_phone": 1, "new": 1}
    assert list(found.rows.order_by("number").values_list("target", flat=True)) == ["", "", "new#0"]
    found.rows.update(chosen=True)
    confirm_import(found, now=timezone.now())
    assert states(run(found)) == {"applied": 3}
    assert Customer.objects.count() == 3
    assert [each.member.customer.email for each in Standing.objects.all()] == ["cem@example.org"]


def test_who_ends_between_checking_and_importing_joins_no_group_any_more(account: Account, time_machine: Any) -> None:
    now = timezone.now()
    today = now.astimezone(account.zone).date()
    found = judge(account, f"Email,Until,Group\nada@example.org,{today},Gold\n", **choices(account, "Gold"))
    time_machine.move_to(now + timedelta(days=2))
    confirm_import(found, now=timezone.now())
    assert states(run(found)) == {"applied": 1}
    assert (Customer.objects.count(), Standing.objects.count()) == (1, 0)


def test_a_later_row_of_who_has_ended_brings_them_into_the_group(account: Account, monkeypatch: Any) -> None:
    """Also where it is looked at with other rows than the first one was."""
    monkeypatch.setattr(phases, "JUDGED_TOGETHER", 1)
    text = "Email,Until,Group\nada@example.org,1/2/2025,Gold\nada@example.org,1/2/2099,Gold\n"
    found = judge(account, text, **choices(account, "Gold"))
    found.rows.filter(why="ended").update(chosen=True)
    map_import(found, found.mapping, now=timezone.now())
    found = run(found)
    assert reasons(found) == {"ended": 1, "more": 1}
    confirm_import(found, now=timezone.now())
    assert states(run(found)) == {"applied": 2}
    assert Standing.objects.get().until is not None
