"""Every form of the dashboard that changes something leaves a line in the history.

It finds pages by the site's addresses and forms in the pages' HTML, sends each with other values than it had, and looks
at what the database was told: so what is new is tried without anybody thinking of it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve
from time_machine import travel

from accounts.models import AuditEntry
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.fuzz.forms import PageForm, read_forms
from tests.fuzz.world import OWNER, FuzzWorld, routes
from tests.history.prepared import PREPARED, QUERY

pytestmark = pytest.mark.django_db

ROUTES: Final = sorted(route for route in set(routes()) if route.startswith("dashboard/<"))
WRITES: Final = re.compile(r'(?:INSERT INTO|(?<!FOR )(?<!KEY )UPDATE|DELETE FROM) "?(\w+)"?')
NOBODYS: Final = frozenset({"accounts_auditentry", "accounts_auditobject", "django_session", "accounts_loginsession"})
"""Tables of which a change is nobody's deed."""


def names(words: str) -> frozenset[str]:
    return frozenset(words.split())


ONLY_SHOWN: Final = names(
    "leaders leader_archived locations location_archived tags tag_archived"
    " attendees_csv attendees_print entry_waiting booking bookings books check_access customer customer_book"
    " customer_merge customers letter_texts"
    " discount_codes discount_code_uses"
    " dispute_list emails entry group group_link group_link_code group_customers group_memberships group_offers"
    " group_tickets groups groups_archived history history_of member_change membership memberships"
    " old_groups operation operation_file operations overview pages pasted_list payment payment_list"
    " to_collect cash_book cash_book_csv customer_money studio_payment"
    " payments_differences payments_event payments_health list_import list_import_refused list_import_rows"
    " messages message message_csv message_people moving_in receipt receipt_list vat_summary"
    " register_scan report_fullness report_fullness_csv report_income report_income_csv report_ledger"
    " report_payout report_payout_csv report_payouts report_payouts_csv"
    " report_member_names report_members report_members_csv report_uses report_uses_csv reports"
    " schedule stripe_import stripe_import_rows subscribers"
    " subscription subscriptions team"
)
"""Pages on which nothing is done: what is sent to them changes nothing."""


@dataclass
class Done:
    """What came of a form: the answer's status, which tables were written to, and what the history tells of it."""

    status: int = 0
    written: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)


@pytest.fixture
def world(stripe_here: Sandbox) -> Iterator[FuzzWorld]:
    with travel(NOW):
        yield FuzzWorld()


def name_at(path: str) -> str:
    return str(resolve(path.partition("?")[0].partition("#")[0]).url_name)


def addresses(world: FuzzWorld) -> dict[str, str]:
    found = [world.address(route) for route in ROUTES]
    return {name_at(address): address for address in found}


def forms_by_page(world: FuzzWorld, client: Client) -> dict[str, list[PageForm]]:
    """The forms that are sent to each page (its name), wherever they stand."""
    found = defaultdict[str, list[PageForm]](list)
    for address in addresses(world).values():
        page = client.get(address, {"seat": world.studio.seat})
        if page.status_code == 200 and not page.streaming:
            for form in read_forms(page.content.decode(), address):
                if form.method == "post" and form.path.startswith("/dashboard/"):
                    found[name_at(form.path)].append(form)
    return found


def with_other_values(form: PageForm) -> dict[str, Any]:
    kept: dict[str, Any] = form.switched_on
    for name, kind in form.kinds.items():
        if kind in {"text", "textarea"} and kept.get(name):
            kept[name] = [f"{kept[name][0]} x"]
        if kind == "number" and kept.get(name) and kept[name][0].isdigit():
            kept[name] = [str(int(kept[name][0]) + 1)]
    return kept


def do(client: Client, address: str, sent: Mapping[str, Any]) -> Done:
    """Send something, see what came of it, and take it back."""
    done = Done()

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        done.written.update(set(WRITES.findall(sql)) - NOBODYS)
        return execute(sql, *rest)

    known = set(AuditEntry.objects.values_list("pk", flat=True))
    # Not `atomic`: Stripe is not asked while a transaction of ours is open.
    saved = transaction.savepoint()
    with connection.execute_wrapper(watch):
        done.status = client.post(address, sent).status_code
    done.told = list(AuditEntry.objects.exclude(pk__in=known).order_by("pk").values_list("action", flat=True))
    transaction.savepoint_rollback(saved)
    return done


def test_no_form_of_the_dashboard_changes_anything_without_a_line(world: FuzzWorld) -> None:
    client, told, written = world.browsers[OWNER], set[str](), dict[str, set[str]]()
    forms = forms_by_page(world, client)
    for name, address in addresses(world).items():
        sends = [(form.action, sent) for form in forms[name][:2] for sent in (with_other_values(form), form.fields)]
        tried = [do(client, *send) for send in sends or [(address, {})]]
        told |= {name for done in tried if done.told}
        written[name] = {table for done in tried for table in done.written}

    assert {name: tables for name, tables in written.items() if tables and name not in told | set(PREPARED)} == {}
    assert told | ONLY_SHOWN | set(PREPARED) == set(addresses(world))
    assert ONLY_SHOWN & (told | set(PREPARED)) == set()


@pytest.mark.parametrize("name", sorted(PREPARED))
def test_what_has_to_be_prepared_leaves_a_line_too(name: str, world: FuzzWorld) -> None:
    sent = dict(PREPARED[name](world))
    done = do(world.browsers[OWNER], addresses(world)[name] + sent.pop(QUERY, ""), sent)
    assert done.told != [], f"{done.status}: {sorted(done.written)}"
