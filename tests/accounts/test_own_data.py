"""What a studio keeps of a customer as a file: for them, and for nobody else."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import handing_out
from accounts.addresses import add_address
from accounts.contacts import add_without_address
from accounts.handing_out import sections
from accounts.models import Account, AuditEntry, Customer, ExportFile, Operation, Role
from accounts.operations.running import run_operation
from accounts.tasks import forget_exports
from tests.accounts.letters import create_letter
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    add_member,
    book_member_place,
    create_customer_with_login,
)
from tests.worlds.dashboard import open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

NOT_HANDED_OUT = {
    "accounts.Erasure.left": "Who was erased is nobody any more, so that nobody can ask.",
    "tickets.LedgerLine.customer": "It tells of payments and refunds, which are told.",
    "tickets.Finding.customer": "It tells what a check of our own records found; the records themselves are told.",
}


@pytest.fixture
def ada() -> Customer:
    found = create_customer_with_login(AccountFactory.create(name="River", slug="river"), name="Ada")
    Customer.objects.filter(pk=found.pk).update(note="Bad knee", phone="+442079460018")
    add_address(found, "second@example.org", now=NOW)
    create_letter(account=found.account, recipient="second@example.org", subject="Your booking", text="https://secret")
    group = GroupFactory.create(account=found.account, name="Gold")
    add_member(group, found)
    book_member_place(group, found)
    return found


@pytest.fixture
def browser(ada: Customer) -> Client:
    return open_browser(ada)


def work() -> Operation:
    operation = Operation.objects.latest("pk")
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    assert operation.state == "done", operation.error
    return operation


def asked(browser: Client, slug: str = "river") -> Any:
    fields = form_fields(browser.get(reverse("my_data")))
    return browser.post(reverse("my_data_ask", kwargs={"account": slug}), fields)


def data_of(browser: Client, slug: str = "river") -> dict[str, Any]:
    asked(browser, slug)
    work()
    answer = browser.get(reverse("my_data_file", kwargs={"account": slug}))
    assert answer["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.getvalue())
    return found


def test_every_relation_to_customers_is_handed_out_or_not_for_a_reason() -> None:
    relations = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Customer
    }
    covered = [name for section in sections() for name in section.covers]

    assert sorted([*covered, *NOT_HANDED_OUT]) == sorted(relations)


def test_somebody_asks_for_their_data_and_fetches_it(ada: Customer, browser: Client) -> None:
    assert "River" in page_text(browser.get(reverse("my_data")))
    assert asked(browser)["Location"] == reverse("my_data")
    waiting = browser.get(reverse("my_data"))
    assert ("Being prepared" in page_text(waiting), waiting["Refresh"]) == (True, "5")

    work()

    assert "Ready" in page_text(browser.get(reverse("my_data")))
    found = json.loads(browser.get(reverse("my_data_file", kwargs={"account": "river"})).getvalue())
    assert (found["Studio"], found["Time zone"]) == ("River", ada.account.time_zone)
    [about] = found["About you"]
    assert (about["Name"], about["Note by the studio"], about["Phone"]) == ("Ada", "Bad knee", "+44 20 7946 0018")
    assert [each["Email address"] for each in found["Your email addresses"]] == [ada.email, "second@example.org"]
    assert [each["Customer group"] for each in found["Customer groups"]] == ["Gold"]
    assert [each["For"] for each in found["Spaces booked"]] == ["Ada"]
    assert [each["Subject"] for each in found["Emails to you"] if each["Sent to"] == "second@example.org"] == [
        "Your booking"
    ]
    assert len(found["Uses of offers"]) == 1
    assert found["Disputes"] == []
    assert "https://secret" not in json.dumps(found)


def test_who_gets_emails_for_somebody_is_told_by_name(ada: Customer, browser: Client) -> None:
    ann = add_without_address(ada, "Ann")

    assert [each["Name"] for each in data_of(browser)["Whose emails you get"]] == ["Ann"]

    owner = open_dashboard(ada.account)
    owner.post("customer_data", pk=ann.pk)
    file = owner.get("operation_file", pk=work().pk)
    [about] = json.loads(file.getvalue())["About you"]
    assert (about["Name"], about.get("Email address"), about["Gets emails through"]) == ("Ann", None, "Ada")


def test_it_is_the_same_in_parts(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = data_of(browser)
    ExportFile.objects.update(forgotten_at=NOW)
    monkeypatch.setattr(handing_out, "ROWS", 1)

    assert data_of(browser) == whole


def test_nothing_of_another_studio_or_customer_is_in_it(ada: Customer) -> None:
    other = create_customer_with_login(AccountFactory.create(slug="hill"), name="Zed")
    CustomerFactory.create(account=other.account, name="Ada")

    found = data_of(open_browser(other), "hill")

    assert [each["Name"] for each in found["About you"]] == ["Zed"]
    assert [name for name, rows in found.items() if isinstance(rows, list) and rows] == [
        "About you",
        "Your email addresses",
    ]


def test_a_stranger_and_another_customer_find_none_of_it(ada: Customer, browser: Client) -> None:
    data_of(browser)
    stranger = open_browser(create_customer_with_login(AccountFactory.create(slug="hill")))
    another = open_browser(create_customer_with_login(ada.account, name="Bea"))
    addresses = [reverse(name, kwargs={"account": "river"}) for name in ("my_data_ask", "my_data_file")]

    assert stranger.post(addresses[0]).status_code == 404
    assert stranger.get(addresses[1]).status_code == 404
    assert "River" not in page_text(stranger.get(reverse("my_data")))
    assert another.get(addresses[1])["Location"] == reverse("my_data")
    assert Client().get(addresses[1]).status_code == 302


def test_many_studios_take_as_many_statements_as_one(ada: Customer, browser: Client) -> None:
    def statements() -> int:
        browser.get(reverse("my_data"))
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("my_data"))
        return len(asked)

    one = statements()
    for _number in range(3):
        CustomerFactory.create(user=ada.user, email=ada.email)

    assert statements() == one


def mail_links(browser: Client) -> list[str]:
    found = re.findall(r'href="(mailto:[^"]*)"', browser.get(reverse("my_data")).content.decode())
    return [unescape(each) for each in found]


def test_it_says_whom_to_ask_to_have_it_deleted(ada: Customer, browser: Client) -> None:
    """Only the studio can erase somebody (docs/decisions/0074): the page leads there, with the address it knows."""
    owner = StaffFactory.create(account=ada.account, role=Role.OWNER).user
    Account.objects.filter(pk=ada.account_id).update(contact_email="")
    [link] = mail_links(browser)
    assert link.startswith(f"mailto:{owner.email}?subject=Please%20delete%20my%20data&body=")

    Account.objects.filter(pk=ada.account_id).update(contact_email="hello+you@river.example")
    [link] = mail_links(browser)
    assert link.startswith("mailto:hello%2Byou@river.example?")
    assert ada.email.replace("@", "%40") in link


def test_it_is_made_once_a_week_and_then_gone(ada: Customer, browser: Client, time_machine: Any) -> None:
    data_of(browser)
    asked(browser)
    assert Operation.objects.count() == 1

    time_machine.move_to(NOW + timedelta(days=8))
    forget_exports()

    assert "Prepare file" in page_text(browser.get(reverse("my_data")))
    assert browser.get(reverse("my_data_file", kwargs={"account": "river"}))["Location"] == reverse("my_data")
    asked(browser)
    assert Operation.objects.count() == 2


def test_the_studio_hands_it_out_which_its_history_tells(ada: Customer) -> None:
    owner, desk = open_dashboard(ada.account), open_dashboard(ada.account, Role.BOOKINGS_ADMIN)
    page = owner.get("customer_data", pk=ada.pk)
    assert "Waiting lists" in page_text(page)
    answer = owner.post("customer_data", {"key": form_fields(page)["key"]}, pk=ada.pk)
    operation = work()
    assert answer["Location"] == owner.url("operation", pk=operation.pk)

    file = owner.get("operation_file", pk=operation.pk)

    assert json.loads(file.getvalue())["About you"][0]["Name"] == "Ada"
    assert AuditEntry.objects.latest("pk").action == "file.asked"
    assert [
        each.status_code
        for each in (
            desk.get("customer_data", pk=ada.pk),
            desk.post("customer_data", pk=ada.pk),
            desk.get("operation_file", pk=operation.pk),
        )
    ] == [404] * 3
    other = open_dashboard(AccountFactory.create())
    assert other.get("customer_data", pk=ada.pk).status_code == 404


def test_what_a_customer_asked_for_is_not_among_the_teams_files(ada: Customer, browser: Client) -> None:
    data_of(browser)

    assert "Your last files" not in page_text(open_dashboard(ada.account).get("exports"))


def test_what_the_studio_asked_for_is_not_the_customers(ada: Customer, browser: Client) -> None:
    owner = open_dashboard(ada.account)
    owner.post("customer_data", pk=ada.pk)
    work()

    assert "Prepare file" in page_text(browser.get(reverse("my_data")))
