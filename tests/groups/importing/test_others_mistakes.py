"""What other systems' imports got wrong, each by its name: none of it here."""

import pytest
from django.utils import timezone

from accounts.models import Account, Customer
from groups.models import Group, Standing
from groups.services import add_customers
from tests.browsing import open_browser
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import bring, reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(account=StaffFactory.create().account, name="Gold")


def exported(group: Group) -> bytes:
    """The file of a group's members, as its owner downloads it."""
    owner = group.account.staff.get().user
    answer = open_browser(owner).get(f"/dashboard/{group.account.slug}/groups/{group.pk}/customers.csv")
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def standings(account: Account) -> list[tuple[str, str, object]]:
    found = Standing.objects.filter(account=account).order_by("pk")
    return list(found.values_list("member__customer__email", "member__group__name", "until"))


def test_a_first_row_shorter_than_the_rest_decides_no_columns(group: Group) -> None:
    """Ghost #29511."""
    text = "Name,Email\nAda,ada@example.org,Note of Ada\nBea,bea@example.org,,Note of Bea\n"
    done = bring(group.account, text, columns=["name", "email", "note", "note"])
    assert reasons(done) == {"new": 2}
    assert list(Customer.objects.order_by("pk").values_list("note", flat=True)) == ["Note of Ada", "Note of Bea"]


def test_what_was_escaped_against_formulas_comes_back_without_its_apostrophe(group: Group) -> None:
    """Ghost #29511."""
    add_customers(
        group,
        {"ada@example.org": "=HYPERLINK Ada", "bea@example.org": "+Bea", "cy@example.org": "-@Cy"},
        now=timezone.now(),
    )
    data = exported(group)
    assert b"'=HYPERLINK" in data
    Customer.objects.filter(account=group.account).update(name="", name_confirmed=False)

    bring(group.account, data)

    names = list(Customer.objects.order_by("email").values_list("name", flat=True))
    assert "'" not in "".join(names)
    # A name begins with no sign either; what matters is that none was added.
    assert names[0] == "HYPERLINK Ada"


def test_the_same_file_twice_ends_and_begins_nothing(group: Group) -> None:
    """pmpro-import-users #21."""
    text = "Name,Email,Until\nAda,ada@example.org,31/12/2099\nBea,bea@example.org,\n"
    bring(group.account, text, group=str(group.pk))
    before = standings(group.account)

    again = bring(group.account, text, group=str(group.pk))

    assert (reasons(again), standings(group.account)) == ({"same": 2}, before)


def test_our_own_export_can_be_imported_and_changes_nothing(group: Group) -> None:
    """tendenci #584."""
    add_customers(group, {"ada@example.org": "Ada Lovelace", "bea@example.org": "Bea"}, now=timezone.now())
    before = standings(group.account)

    done = bring(group.account, exported(group), group=str(group.pk))

    assert (reasons(done), standings(group.account)) == ({"same": 2}, before)
    assert done.rows.count() == 2


def test_our_own_export_brings_everybody_to_another_studio(group: Group) -> None:
    """tendenci #584."""
    add_customers(group, {"ada@example.org": "Ada Lovelace"}, now=timezone.now())
    elsewhere = GroupFactory.create(name="Silver")

    done = bring(elsewhere.account, exported(group), group=str(elsewhere.pk))

    assert reasons(done) == {"new": 1}
    assert standings(elsewhere.account) == [("ada@example.org", "Silver", None)]
    assert Customer.objects.get(account=elsewhere.account).name == "Ada Lovelace"


def test_one_person_in_several_groups_is_in_all_of_them(group: Group) -> None:
    """avni-server #1054."""
    text = "Name,Email,Group\nAda,ada@example.org,Gold\nAda,ada@example.org,Kids\nAda,ada@example.org,Gold; Evening\n"
    names = {name.lower(): name for name in ("Gold", "Kids", "Evening")}
    choices = {"gold": str(group.pk), "kids": "new", "evening": "new"}
    bring(group.account, text, groups=choices, group_names=names)
    assert {name for _email, name, _until in standings(group.account)} == {"Gold", "Kids", "Evening"}
    assert Customer.objects.filter(account=group.account).count() == 1
