"""Who gets a message, and who does not and why: as the page says before, and as it is sent."""

from typing import Any

import pytest

from accounts.mailings.audiences import audience_of
from accounts.mailings.results import forecast
from accounts.models import Account, Customer, EmailBlock, LeftOut, Letter
from tests.accounts.mailings.acts import draft, outcomes, send_all
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(name="River")


def customer(account: Account, name: str, *, block: str = "", **facts: Any) -> Customer:
    made = CustomerFactory.create(account=account, name=name, email=f"{name.lower()}@example.org", **facts)
    if block:
        EmailBlock.objects.create(account=account, email=made.email, reason=block, created_at=NOW)
    return made


def wants_news(account: Account, name: str, **facts: Any) -> Customer:
    return customer(account, name, news_since=NOW, news_source="person", **facts)


def said_before(account: Account, kind: str) -> tuple[int, dict[LeftOut, int]]:
    mailing = draft(account, kind=kind)
    found = audience_of(mailing, now=NOW)
    assert found
    coming = forecast(mailing, found, now=NOW)
    return coming.gets.counted, {reason: count.counted for reason, count in coming.left_out.items()}


def check(account: Account, kind: str, expected: dict[str, str]) -> None:
    """The page says beforehand what then happens."""
    gets, left_out = said_before(account, kind)
    sent = send_all(account, kind=kind)
    assert outcomes(sent) == expected
    reasons = [each for each in expected.values() if each != "written"]
    assert (gets, left_out) == (len(expected) - len(reasons), {LeftOut(each): reasons.count(each) for each in reasons})
    assert (sent.gets, sent.left_out) == (len(expected) - len(reasons), len(reasons))
    assert Letter.objects.filter(mailing=sent).count() == len(expected) - len(reasons)


def test_news_goes_to_customers_who_agreed_to_it(studio: Account) -> None:
    wants_news(studio, "Ada")
    customer(studio, "Bob", seen_at=NOW)
    customer(studio, "Cleo", news_ended_at=NOW)
    wants_news(studio, "Dan", block="unsubscribed")
    wants_news(studio, "Eve", block="bounced")
    wants_news(studio, "Finn", block="complained")

    expected = {"Ada": "written", "Bob": "no_consent", "Cleo": "unsubscribed", "Dan": "unsubscribed"}
    check(studio, "news", expected | {"Eve": "bounced", "Finn": "complained"})


def test_what_is_about_bookings_goes_to_those_who_want_no_news_too(studio: Account) -> None:
    customer(studio, "Ada")
    customer(studio, "Bob", seen_at=NOW, block="unsubscribed")
    customer(studio, "Cleo", block="unsubscribed")
    customer(studio, "Dan", seen_at=NOW, block="bounced")
    customer(studio, "Eve", seen_at=NOW, block="complained")

    expected = {"Ada": "written", "Bob": "written", "Cleo": "unsubscribed", "Dan": "bounced", "Eve": "complained"}
    check(studio, "service", expected)


def test_two_at_one_address_get_it_once(studio: Account) -> None:
    child = customer(studio, "Child")
    mother = customer(studio, "Mother")
    CustomerFactory.create(account=studio, name="Baby", email="", contact=mother)
    child.addresses.all().delete()
    Customer.objects.filter(pk=child.pk).update(email="", contact=mother)

    check(studio, "service", {"Child": "same_address", "Mother": "written", "Baby": "same_address"})


def test_one_of_two_at_an_address_gets_it_if_the_other_may_not(studio: Account) -> None:
    """The mother unsubscribed from what she never caused; her son has booked here himself."""
    mother = customer(studio, "Mother", block="unsubscribed")
    CustomerFactory.create(account=studio, name="Daughter", email="", contact=mother)
    CustomerFactory.create(account=studio, name="Son", email="", contact=mother, seen_at=NOW)
    CustomerFactory.create(account=studio, name="Baby", email="", contact=mother, seen_at=NOW)

    expected = {"Mother": "unsubscribed", "Daughter": "unsubscribed", "Son": "written", "Baby": "same_address"}
    check(studio, "service", expected)


def test_somebody_in_another_s_care_gets_news_only_if_neither_said_no(studio: Account) -> None:
    mother = customer(studio, "Mother")
    CustomerFactory.create(account=studio, name="Child", email="", contact=mother, news_since=NOW, news_source="studio")
    father = customer(studio, "Father", news_ended_at=NOW)
    CustomerFactory.create(account=studio, name="Son", email="", contact=father, news_since=NOW, news_source="studio")

    expected = {"Mother": "no_consent", "Child": "written", "Father": "unsubscribed", "Son": "unsubscribed"}
    check(studio, "news", expected)
    assert Letter.objects.get().recipient == "mother@example.org"


def test_whom_the_studio_only_added_is_counted_and_can_unsubscribe(studio: Account) -> None:
    customer(studio, "Ada")
    customer(studio, "Bob", seen_at=NOW)

    send_all(studio)

    found = Letter.objects.order_by("recipient").values_list("recipient", "kind", "is_metered")
    assert list(found) == [("ada@example.org", "message_unasked", True), ("bob@example.org", "message", False)]
