"""How to get in, written again: to whom, to whom not and why, and what is kept of it."""

from datetime import timedelta

import pytest

from accounts.customers import recognise_customer
from accounts.models import Account, Customer, EmailBlock, Letter
from groups.models import Group, Member
from groups.services import add_customers
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member
from tickets.inviting import invite, invite_customer, preview_customers
from tickets.joining import add_and_tell

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return AccountFactory.create(name="River")


def person(account: Account, name: str, **fields: object) -> Customer:
    email = f"{name.lower()}@example.org"
    made: Customer = CustomerFactory.create(account=account, name=name, email=email, **fields)
    return made


def told() -> list[str]:
    return sorted(Letter.objects.values_list("recipient", flat=True))


def test_who_has_not_logged_in_is_told_and_the_day_is_kept(account: Account) -> None:
    ada = person(account, "Ada")

    assert invite(account, [ada], now=NOW) == {ada.pk}

    ada.refresh_from_db()
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.is_metered) == ("added", "ada@example.org", True)
    assert letter.subject == "You can now book members’ tickets at River"
    assert ada.invited_at == NOW


def test_who_is_not_told_and_why(account: Account) -> None:
    seen = person(account, "Seen", seen_at=NOW - DAY)
    bounced, gone, spam = (person(account, name) for name in ("Bounced", "Gone", "Spam"))
    for each, reason in ((bounced, "bounced"), (gone, "unsubscribed"), (spam, "complained")):
        EmailBlock.objects.create(account=account, email=each.email, reason=reason, created_at=NOW)
    lately = person(account, "Lately", invited_at=NOW - timedelta(hours=23))
    ada, bea = person(account, "Ada"), person(account, "Bea", invited_at=NOW - DAY)
    everybody = [seen, bounced, gone, spam, lately, ada, bea]

    preview = preview_customers(account, everybody, now=NOW)

    assert [(str(each.customer), each.why) for each in preview.skipped] == [
        ("Seen", "Has logged in"),
        ("Bounced", "Emails bounce"),
        ("Gone", "Unsubscribed"),
        ("Spam", "Reported as spam"),
        ("Lately", "Emailed within the last day"),
    ]
    assert preview.gets.counted == 2
    assert invite(account, everybody, now=NOW) == {ada.pk, bea.pk}
    assert told() == ["ada@example.org", "bea@example.org"]


def test_nobody_is_told_twice_within_a_day(account: Account) -> None:
    ada = person(account, "Ada")
    assert [bool(invite(account, [ada], now=NOW + hours * timedelta(hours=1))) for hours in (0, 1, 23, 24)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert len(told()) == 2


def test_a_customer_of_another_account_is_not_told(account: Account) -> None:
    assert invite(account, [CustomerFactory.create()], now=NOW) == set()
    assert told() == []


def test_who_was_told_when_they_were_added_is_not_told_again_that_day() -> None:
    group = GroupFactory.create()
    add_and_tell(group, {"ada@example.org": "Ada", "bea@example.org": ""}, tell=True, now=NOW)
    customers = list(Customer.objects.all())
    assert {each.invited_at for each in customers} == {NOW}
    assert invite(group.account, customers, now=NOW + timedelta(hours=1)) == set()
    assert invite_customer(customers[0], now=NOW + DAY)


def seen(group: Group) -> set[object]:
    return set(Member.objects.filter(group=group).values_list("seen_at", flat=True))


def test_a_member_is_seen_when_their_customer_is() -> None:
    """The database keeps it, whichever comes first."""
    group = GroupFactory.create()
    ada = person(group.account, "Ada")
    add_member(group, ada)
    assert seen(group) == {None}

    Customer.objects.filter(pk=ada.pk).update(seen_at=NOW)
    assert seen(group) == {NOW}

    Customer.objects.filter(pk=ada.pk).update(seen_at=None)
    assert seen(group) == {None}
    bea = person(group.account, "Bea", seen_at=NOW - DAY)
    add_customers(group, {bea.email: ""}, now=NOW)
    assert seen(group) == {None, NOW - DAY}


def test_the_customer_whom_a_member_comes_to_be_says_whether_they_are_seen() -> None:
    group = GroupFactory.create()
    member = add_member(group, person(group.account, "Ada"))
    other = recognise_customer(group.account, "bea@example.org", "Bea", confirmed=True)
    Customer.objects.filter(pk=other.pk).update(seen_at=NOW)
    Member.objects.filter(pk=member.pk).update(customer=other)
    assert seen(group) == {NOW}
