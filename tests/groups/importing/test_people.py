"""Lists of people: read, judged, added and taken back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.imports.services import decide_row
from accounts.models import Account, Customer, Letter, ListFile
from groups.models import Group, Member, Standing
from groups.services import add_customers
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import bring, judge, read, reasons, states, undo

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


def choices(account: Account, *names: str) -> dict[str, dict[str, str]]:
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
