"""A long list of customers is added in the background: part by part, once, and what could not be read is told."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from accounts.models import Customer, Letter, Operation
from accounts.operations.running import LEASE, run_operation
from accounts.operations.services import cancel_operation
from groups.models import Group, Member, PastedList, PastedPart, Standing
from tests.browsing import page_text
from tests.factories.schedule import GroupFactory
from tests.poison import poison
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets import joining, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "AT_ONCE", 5)
    monkeypatch.setattr(joining, "PART", 60)


def paste(dashboard: Dashboard, group: Group, emails: str, **more: Any) -> Operation:
    response = dashboard.post("customers_add", {"emails": emails, **more}, pk=group.pk)
    operation = Operation.objects.latest("pk")
    assert response["Location"] == dashboard.url("pasted_list", pk=operation.pk)
    return operation


def work(operation: Operation) -> None:
    while run_operation(operation.pk):
        pass


def addresses(group: Group) -> list[str]:
    found = Member.objects.filter(group=group, standings__until=None)
    return sorted(found.values_list("customer__email", flat=True))


def test_a_long_list_is_added_part_by_part_and_its_page_says_what_came_of_it(
    group: Group, dashboard: Dashboard
) -> None:
    rows = [f"Ann {number};ann{number}@x.org" for number in range(12)]
    rows[7] = "Ann 7;ann7.x.org"
    operation = paste(dashboard, group, "Name;Email\n" + "\n".join([*rows, rows[0]]), tell="on")
    assert addresses(group) == []
    assert "Waiting to start" in page_text(dashboard.get("pasted_list", pk=operation.pk))

    work(operation)

    assert len(addresses(group)) == 11
    assert set(Customer.objects.values_list("name", flat=True)) == {f"Ann {n}" for n in range(12) if n != 7}
    assert Letter.objects.filter(kind="added").count() == 11
    page = page_text(dashboard.get("pasted_list", pk=operation.pk))
    assert "11 customers were added." in page
    assert "“ Ann 7;ann7.x.org ” has no @" in page
    assert not PastedPart.objects.exclude(text="").exists()
    form = dashboard.get("customers_add", {"list": operation.pk}, pk=group.pk)
    assert form.context["form"]["emails"].value() == "Ann 7;ann7.x.org"


def test_the_same_form_sent_twice_begins_one_job(group: Group, dashboard: Dashboard) -> None:
    emails, key = "\n".join(f"a{number}@x.org" for number in range(6)), str(uuid4())
    assert paste(dashboard, group, emails, key=key) == paste(dashboard, group, emails, key=key)
    assert PastedList.objects.count() == 1


def test_a_worker_killed_between_two_parts_is_gone_on_for(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = paste(dashboard, group, "\n".join(f"somebody{number}@example.org" for number in range(9)))
    add, parts = joining._add, iter(range(9))  # noqa: SLF001 - where it dies

    def dies(*given: Any, **more: Any) -> None:
        add(*given, **more)
        if next(parts) == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(joining, "_add", dies)
        with pytest.raises(KeyboardInterrupt):
            work(operation)
    assert 0 < len(addresses(group)) < 9
    with travel(timezone.now() + LEASE + timedelta(seconds=1)):
        work(operation)
    assert len(addresses(group)) == 9
    assert Standing.objects.count() == 9
    assert sum(PastedPart.objects.values_list("new", flat=True)) == 9


def test_one_that_cannot_be_added_stops_no_other(group: Group, dashboard: Dashboard) -> None:
    bad = Customer.objects.create(account=group.account, email="a3@x.org", name="", name_confirmed=False)
    poison(bad)
    operation = paste(dashboard, group, "\n".join(f"Ann {number} <a{number}@x.org>" for number in range(7)))
    work(operation)
    assert addresses(group) == [f"a{number}@x.org" for number in range(7) if number != 3]
    operation.refresh_from_db()
    assert operation.state == "done"
    assert "“ a3@x.org ” couldn’t be added" in page_text(dashboard.get("pasted_list", pk=operation.pk))


def test_cancelled_or_archived_the_rest_is_not_added_and_the_page_says_so(group: Group, dashboard: Dashboard) -> None:
    emails = "\n".join(f"somebody{number}@example.org" for number in range(9))
    cancelled = paste(dashboard, group, emails)
    cancel_operation(cancelled, now=timezone.now())
    work(cancelled)
    archived = paste(dashboard, group, emails)
    Group.objects.update(archived_at=timezone.now())
    work(archived)
    assert addresses(group) == []
    for each in (cancelled, archived):
        assert "Not the whole list was added." in page_text(dashboard.get("pasted_list", pk=each.pk))


def test_what_could_not_be_read_is_forgotten_after_a_month(group: Group, dashboard: Dashboard) -> None:
    operation = paste(dashboard, group, "nobody\n" + "\n".join(f"a{number}@x.org" for number in range(6)))
    work(operation)
    tasks.forget_pasted()
    assert PastedPart.objects.exclude(left_over=[]).count() == 1
    with travel(timezone.now() + joining.KEPT + timedelta(minutes=1)):
        tasks.forget_pasted()
    assert not PastedPart.objects.exclude(left_over=[]).exists()


def test_very_many_lines_that_name_nobody_keep_no_address_out(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "PART", 50_000)
    operation = paste(dashboard, group, "nobody\n" * 5200 + "\n".join(f"a{number}@x.org" for number in range(6)))
    work(operation)
    assert addresses(group) == [f"a{number}@x.org" for number in range(6)]
    page = dashboard.get("pasted_list", pk=operation.pk)
    assert (len(page.context["left_over"]), page.context["more"]) == (20, 5180)
    form = dashboard.get("customers_add", {"list": operation.pk}, pk=group.pk)
    assert form.context["form"]["emails"].value() == "\n".join(["nobody"] * 5200)


def test_a_list_is_not_for_other_studios(group: Group, dashboard: Dashboard) -> None:
    operation = paste(dashboard, group, "nobody\n" + "\n".join(f"a{number}@x.org" for number in range(6)))
    work(operation)
    other = open_dashboard(GroupFactory.create().account)
    assert other.get("pasted_list", pk=operation.pk).status_code == 404
    add = other.get("customers_add", {"list": operation.pk}, pk=GroupFactory.create(account=other.account).pk)
    assert not add.context["form"]["emails"].value()


def test_as_many_statements_for_many_as_for_few(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for count in (10, 400):
        monkeypatch.setattr(joining, "PART", 100_000)
        text = "\n".join(f"Ann{count}x{number} <a{count}x{number}@x.org>" for number in range(count))
        operation = joining.begin_pasted(group, text, tell=True, who="", key=uuid4(), now=timezone.now())
        with CaptureQueriesContext(connection) as statements:
            work(operation)
        taken.append(len(statements))
    assert taken[0] == taken[1]


@pytest.mark.parametrize(("size", "status"), [(3_000_000, 302), (21_000_000, 400)])
def test_a_long_body_is_taken_on_this_page_alone(group: Group, dashboard: Dashboard, size: int, status: int) -> None:
    body = b"emails=" + b"a%40x.org%0A" * (size // 12)
    post: Any = dashboard.client.post
    sent: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}
    assert post(dashboard.url("customers_add", pk=group.pk), body, **sent).status_code == status
    assert post(dashboard.url("group_new"), body, **sent).status_code == 400
    assert Client().post(dashboard.url("customers_add", pk=group.pk), body, **sent).status_code in {302, 400}
