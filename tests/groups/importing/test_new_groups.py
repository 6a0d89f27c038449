"""Groups that a list names and nobody has: whatever they are called."""

import pytest
from django.utils import timezone

from accounts.imports.services import confirm_import, map_import
from accounts.models import Account
from groups.importing.summary import names_of_groups
from groups.models import Group, Standing
from tests.factories.accounts import AccountFactory
from tests.worlds.listed import guessed, judge, read, run, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


@pytest.mark.parametrize(
    ("cell", "called"),
    [
        ('"Yoga, Kids; Gold"', {"Yoga, Kids", "Gold"}),
        ('"""Yoga, 7+""; Gold"', {"Yoga, 7+", "Gold"}),
        ("G" * 400, {"G" * 200}),
        ("\u202eGold\u202c", {"Gold"}),
        ("Go\ufffdld", {"Gold"}),
        ("'", set()),
        ("12", {"12"}),
        ("new", {"new"}),
        ("leave", {"leave"}),
        ("Gold; gold; GOLD ", {"Gold"}),
        ("Straße; strasse", {"Straße"}),
        (";".join(f"Group number {n} of them" for n in range(30)), {f"Group number {n} of them" for n in range(30)}),
    ],
)
def test_they_are_made_and_joined(account: Account, cell: str, called: set[str]) -> None:
    found = read(account, f"Email,Group\nada@example.org,{cell}\nbea@example.org,\n")
    columns = guessed(found)
    names = names_of_groups(found, columns)
    map_import(found, {**columns, "groups": dict.fromkeys(names, "new"), "group_names": names}, now=timezone.now())
    found = run(found)
    confirm_import(found, now=timezone.now())
    found = run(found)

    assert (found.operation.state, states(found)) == ("done", {"applied": 2}), list(found.rows.values_list("error"))
    assert set(Group.objects.values_list("name", flat=True)) == called
    assert Standing.objects.count() == len(called)


def test_what_was_checked_by_the_release_before_comes_in(account: Account) -> None:
    """It wrote the key of a group's name where now its place stands."""
    found = judge(account, "Email,Group\nada@example.org,Gold\n", groups={"gold": "new"}, group_names={"gold": "Gold"})
    found.rows.update(target="new:gold")
    confirm_import(found, now=timezone.now())
    assert states(run(found)) == {"applied": 1}
    assert Standing.objects.get().member.group.name == "Gold"
