"""Mother and daughter with one address: the daughter comes in as a second person, is known again, and is taken back."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.contacts import add_without_address
from accounts.imports.services import choose_rows, confirm_import, decide_row
from accounts.models import Account, Customer, Letter, ListImport
from groups.importing.seconds import SECOND
from groups.models import Group, Standing
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.worlds.listed import judge, reasons, run, states, undo

pytestmark = pytest.mark.django_db

FAMILY = "family@example.org"
LIST = f"""Name,Email,Group,Phone,Note
Mary Ray,{FAMILY},Gold,020 7946 0018,
Ann Ray,{FAMILY},Kids,020 7946 0019,Left-handed
Ben Ray,{FAMILY},Kids,,
Zoe Other,zoe@example.org,Gold,,
"""
TWO: dict[str, Any] = {"groups": {"gold": "new", "kids": "new"}, "group_names": {"gold": "Gold", "kids": "Kids"}}


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


def to_known_groups(account: Account) -> dict[str, Any]:
    return {"groups": {group.name.lower(): str(group.pk) for group in Group.objects.filter(account=account)}}


def confirm(found: ListImport, *, letter: bool = False) -> ListImport:
    confirm_import(found, now=timezone.now(), letter=letter)
    return run(found)


def all_second(found: ListImport, why: str = "shared_address") -> ListImport:
    choose_rows(found, why=why, chosen=True, decided={SECOND: True}, now=timezone.now())
    return run(found)


def people() -> list[tuple[str, str, str, str, str]]:
    found = Customer.objects.order_by("name")
    return [(each.name, each.email, each.reached_at, each.phone, each.note) for each in found]


def groups() -> list[tuple[str, str]]:
    found = Standing.objects.order_by("member__customer__name", "member__group__name")
    return list(found.values_list("member__customer__name", "member__group__name"))


MARY = ("Mary Ray", FAMILY, FAMILY, "+442079460018", "")
ANN = ("Ann Ray", "", FAMILY, "+442079460019", "Left-handed")
BEN = ("Ben Ray", "", FAMILY, "", "")
ZOE = ("Zoe Other", "zoe@example.org", "zoe@example.org", "", "")


def test_undecided_they_are_left_out(account: Account) -> None:
    done = confirm(judge(account, LIST, **TWO))
    assert reasons(done) == {"new": 2, "shared_address": 2}
    assert people() == [MARY, ZOE]


def test_all_of_them_become_people_of_their_own(account: Account) -> None:
    found = all_second(judge(account, LIST, **TWO))
    assert reasons(found) == {"new": 2, "second_person": 2}

    done = confirm(found)
    assert states(done) == {"applied": 4}
    assert people() == [ANN, BEN, MARY, ZOE]
    assert groups() == [("Ann Ray", "Kids"), ("Ben Ray", "Kids"), ("Mary Ray", "Gold"), ("Zoe Other", "Gold")]


def test_one_is_a_second_person_and_another_only_a_name(account: Account) -> None:
    found = judge(account, LIST, **TWO)
    ann, ben = found.rows.filter(why="shared_address").order_by("number")
    decide_row(ann, {SECOND: True}, chosen=True, now=timezone.now())
    decide_row(ben, {}, chosen=True, now=timezone.now())
    assert reasons(found) == {"new": 2, "second_person": 1, "shared_address": 1}

    confirm(found)
    assert people() == [ANN, MARY, ZOE]
    assert groups() == [("Ann Ray", "Kids"), ("Mary Ray", "Gold"), ("Mary Ray", "Kids"), ("Zoe Other", "Gold")]


def test_said_to_be_second_people_they_can_be_said_to_be_none(account: Account) -> None:
    found = all_second(judge(account, LIST, **TWO))
    choose_rows(found, why="second_person", chosen=True, decided={SECOND: False}, now=timezone.now())
    assert reasons(run(found)) == {"new": 2, "shared_address": 2}
    assert found.rows.wanted().count() == 4


def test_the_same_list_again_doubles_nobody(account: Account) -> None:
    confirm(all_second(judge(account, LIST, **TWO)))
    standings = list(Standing.objects.order_by("pk").values())

    again = judge(account, LIST, **to_known_groups(account))
    assert reasons(again) == {"same": 4}
    confirm(again)
    assert people() == [ANN, BEN, MARY, ZOE]
    assert list(Standing.objects.order_by("pk").values()) == standings


def test_what_is_new_of_a_second_person_is_theirs(account: Account) -> None:
    confirm(all_second(judge(account, LIST, **TWO)))
    more = f"Name,Email,Phone\nRay  Ánn,{FAMILY},\nBen Ray,{FAMILY},020 7946 0020\n"
    again = judge(account, more)
    assert reasons(again) == {"same": 1, "more": 1}

    confirm(again)
    assert people() == [ANN, (*BEN[:3], "+442079460020", ""), MARY, ZOE]
    undo(again)
    assert people() == [ANN, BEN, MARY, ZOE]


def test_who_is_here_already_gets_the_emails_of_a_second_person(account: Account) -> None:
    CustomerFactory.create(account=account, email=FAMILY, name="Mary Ray")
    found = judge(account, f"Name,Email\nAnn Ray,{FAMILY}\n")
    assert reasons(found) == {"other_name": 1}

    confirm(all_second(found, "other_name"))
    assert [each[:3] for each in people()] == [ANN[:3], ("Mary Ray", FAMILY, FAMILY)]


def test_undone_nobody_is_left_but_who_was_there(account: Account) -> None:
    mary = CustomerFactory.create(account=account, email=FAMILY, name="Mary Ray")
    lou = add_without_address(mary, "Lou Ray")
    done = confirm(all_second(judge(account, LIST, **TWO)))
    assert Customer.objects.count() == 5

    assert states(undo(done)) == {"undone": 4}
    assert set(Customer.objects.all()) == {mary, lou}
    assert not Standing.objects.exists()
    assert not Group.objects.exists()


def test_undone_whole_families_go(account: Account) -> None:
    assert states(undo(confirm(all_second(judge(account, LIST, **TWO))))) == {"undone": 4}
    assert not Customer.objects.exists()


def test_a_first_person_whom_another_list_brought_stays_while_a_second_one_does(account: Account) -> None:
    first = confirm(judge(account, f"Name,Email\nMary Ray,{FAMILY}\n"))
    second = confirm(all_second(judge(account, f"Name,Email\nAnn Ray,{FAMILY}\n"), "other_name"))

    assert states(undo(first)) == {"kept": 1}
    assert states(undo(second)) == {"undone": 1}
    assert [each[1] for each in people()] == [FAMILY]


def test_without_the_first_person_the_second_has_the_address(account: Account) -> None:
    found = all_second(judge(account, LIST, **TWO))
    mary = found.rows.get(number=1)
    decide_row(mary, {}, chosen=False, now=timezone.now())
    assert reasons(found) == {"new": 3, "second_person": 1}

    confirm(found)
    assert [each[:3] for each in people()] == [("Ann Ray", FAMILY, FAMILY), BEN[:3], ZOE[:3]]


def test_their_letter_goes_to_the_first_and_says_whom_it_is_for(account: Account) -> None:
    confirm(all_second(judge(account, LIST, **TWO)), letter=True)
    found = list(Letter.objects.filter(recipient=FAMILY).order_by("pk").values_list("text", flat=True))
    assert len(found) == 3
    assert sum("has given you access" in text for text in found) == 1
    assert sum("has given Ann Ray access" in text for text in found) == 1
    assert sum("choose Ben Ray under" in text for text in found) == 1


def test_who_has_the_address_was_not_imported_after_all(account: Account) -> None:
    found = all_second(judge(account, LIST, **TWO))
    found.rows.filter(number=1).update(target="gone", verdict="refused")

    done = confirm(found)
    assert states(done) == {"applied": 1, "failed": 2, "read": 1}
    why = set(done.rows.filter(state="failed").values_list("error", flat=True))
    assert why == {"The first person at this address wasn’t imported. Import them first."}
    assert people() == [ZOE]
