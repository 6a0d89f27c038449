"""Every form of the dashboard that changes something leaves a line in the history."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve
from time_machine import travel

from accounts.models import AuditEntry
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.fuzz.forms import PageForm, read_forms
from tests.fuzz.world import OWNER, FuzzWorld, routes

pytestmark = pytest.mark.django_db

ROUTES: Final = sorted(route for route in set(routes()) if route.startswith("dashboard/<"))


@pytest.fixture
def world(stripe_here: Sandbox) -> Iterator[FuzzWorld]:
    with travel(NOW):
        yield FuzzWorld()


def name_at(path: str) -> str:
    return str(resolve(path.partition("?")[0].partition("#")[0]).url_name)


def forms_by_name(world: FuzzWorld, client: Client) -> dict[str, list[PageForm]]:
    found = defaultdict[str, list[PageForm]](list)
    for route in ROUTES:
        address = world.address(route)
        page = client.get(address, {"seat": world.studio.seat})
        if page.status_code == 200 and not page.streaming:
            for form in read_forms(page.content.decode(), address):
                if form.method == "post" and form.path.startswith("/dashboard/"):
                    found[name_at(form.path)].append(form)
    return found


def changed(form: PageForm) -> dict[str, Any]:
    kept = dict(form.switched_on)
    for name, kind in form.kinds.items():
        if kind in {"text", "textarea"} and name in kept:
            kept[name] = [f"{kept[name][0]} x"]
        if kind == "number" and name in kept and kept[name][0].isdigit():
            kept[name] = [str(int(kept[name][0]) + 1)]
    return kept


def deeds_of(client: Client, address: str, sent: Any) -> tuple[int, list[str]]:
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    # Not `atomic`: while a transaction of ours is open, Stripe is not asked.
    saved = transaction.savepoint()
    answer = client.post(address, sent)
    found = list(AuditEntry.objects.exclude(pk__in=before).values_list("action", flat=True))
    transaction.savepoint_rollback(saved)
    return answer.status_code, found


def test_explore(world: FuzzWorld) -> None:
    client = world.browsers[OWNER]
    forms = forms_by_name(world, client)
    names = {}
    for route in ROUTES:
        names[name_at(world.address(route))] = world.address(route)
    for name, address in sorted(names.items()):
        tries = []
        for form in forms[name][:2]:
            tries.append(("as is", deeds_of(client, form.action, form.fields)))
            tries.append(("changed", deeds_of(client, form.action, changed(form))))
        if not tries:
            tries.append(("bare", deeds_of(client, address, {})))
        print(name, tries)
    assert 0
