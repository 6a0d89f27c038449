"""Lists that come in: *Import from Stripe* by its three steps, and addresses that are pasted into a group."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

from django.utils import timezone

from accounts.imports.files import begin_from_file
from accounts.imports.services import begin_import, confirm_import, map_import
from accounts.models import Account, ListImport, OperationState, Plan, RowState
from accounts.operations.running import run_operation
from accounts.services import Studio, create_account
from accounts.stripe_connection import connect_account
from bench import targets
from bench.client import FOUND, OK, UnexpectedAnswerError, Visitor
from bench.report import Row
from bench.workbench import Workbench
from groups.catalogue import create_group
from groups.importing.people import COLUMNS, DAY_ORDER, FIXED_GROUP
from groups.importing.source import PEOPLE
from groups.models import Group, Member
from memberships.importing.source import STRIPE

SUBSCRIPTIONS: Final = 200
PASTED: Final = 2000
LISTED: Final = 5000
PATIENCE: Final = 120.0
KEY: Final = "sk_test_elsewhere"
HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def from_stripe(bench: Workbench) -> Iterator[Row]:
    """Subscriptions that began elsewhere, with another studio's account at Stripe: rows a second, step by step."""
    bench.shop.at_stripe("faults", kind="drop", times=1)
    studio = Studio("Elsewhere", "elsewhere", "Europe/London", "GBP", Plan.STANDARD)
    account = create_account(studio, owner=bench.world.owner)
    product = _have_subscriptions(bench.site.stripe)
    now = timezone.now()
    connect_account(account, KEY, now=now)
    account = Account.objects.with_connection().get(pk=account.pk)
    with bench.site.worker():
        began = time.perf_counter()
        found = begin_import(account, STRIPE, who="Ada", key=uuid4(), now=now)
        yield _step("read", found, OperationState.WAITING, began)
        began = time.perf_counter()
        map_import(_fresh(found), {"choices": {f"product:{product}": "new"}}, now=timezone.now())
        yield _step("judged", found, OperationState.WAITING, began)
        began = time.perf_counter()
        confirm_import(_fresh(found), now=timezone.now())
        yield _step("applied", found, OperationState.DONE, began)


def from_list(bench: Workbench) -> Iterator[Row]:
    """People whom the owner imports from a file into a group: rows a second, step by step."""
    group = create_group(bench.world.account, name="Listed", description="")
    with bench.site.worker():
        began = time.perf_counter()
        found = _begin_list(bench, "listed")
        yield _step("read", found, OperationState.WAITING, began, what="a list", rows=LISTED)
        began = time.perf_counter()
        map_import(_fresh(found), _mapping(found, group), now=timezone.now())
        yield _step("judged", found, OperationState.WAITING, began, what="a list", rows=LISTED)
        began = time.perf_counter()
        confirm_import(_fresh(found), now=timezone.now())
        yield _step("applied", found, OperationState.DONE, began, what="a list", rows=LISTED)


def processor(bench: Workbench) -> Iterator[Row]:
    """The same in this process: seconds of a worker's processor for a hundred thousand rows, PostgreSQL's apart."""
    group = create_group(bench.world.account, name="Counted", description="")
    took: list[float] = []

    def measured(act: Callable[[], ListImport]) -> ListImport:
        began = time.process_time()
        found = act()
        _work_off(found)
        took.append((time.process_time() - began) * 100_000 / LISTED)
        return found

    found = measured(lambda: _begin_list(bench, "counted"))
    measured(lambda: _mapped(found, group))
    measured(lambda: _confirmed(found))
    if (count := found.rows.filter(state=RowState.APPLIED).count()) != LISTED:
        message = f"{count} rows were applied, not {LISTED}."
        raise UnexpectedAnswerError(message)
    yield Row("Import from a list, 100,000 rows: a worker’s processor", sum(took), "s", targets.LIST_PROCESSOR)
    for name, seconds in zip(("read", "judged", "applied"), took, strict=True):
        yield Row(f"  {name}", seconds, "s")


def _mapped(found: ListImport, group: Group) -> ListImport:
    map_import(_fresh(found), _mapping(found, group), now=timezone.now())
    return found


def _confirmed(found: ListImport) -> ListImport:
    confirm_import(_fresh(found), now=timezone.now())
    return found


def _begin_list(bench: Workbench, name: str) -> ListImport:
    text = "First name,Last name,Email,Mobile,Start date,Notes\n" + "".join(
        f"Lisa,Listed{number},{name}{number}@example.org,07911 {number:06},3/4/2024,Mat {number}\n"
        for number in range(LISTED)
    )
    account, now = bench.world.account, timezone.now()
    return begin_from_file(account, PEOPLE, text.encode(), "list.csv", who="Ada", key=uuid4(), now=now)


def _mapping(found: ListImport, group: Group) -> dict[str, Any]:
    return {COLUMNS: _fresh(found).found["guessed"], DAY_ORDER: "dmy", FIXED_GROUP: str(group.pk)}


def _work_off(found: ListImport) -> None:
    while run_operation(found.operation_id):
        pass


def pasted(bench: Workbench) -> Iterator[Row]:
    """Addresses that the owner pastes into a group, until all of them are members."""
    group = create_group(bench.world.account, name="Pasted", description="")
    owner = Visitor(bench.site.port, bench.world.cookies(bench.world.owner), timeout=PATIENCE, once=True)
    path = f"/dashboard/{bench.world.account.slug}/groups/{group.pk}/customers/add/"
    text = "\n".join(f"Somebody {number} <pasted{number}@example.org>" for number in range(PASTED))
    with bench.site.worker():
        form = owner.get(path)
        began = time.perf_counter()
        answer = owner.post(path, dict(HIDDEN.findall(form.text)) | {"emails": text})
        if answer.status not in {OK, FOUND}:
            message = f"POST {path}: {answer.status} {answer.text[:200]}"
            raise UnexpectedAnswerError(message)
        _wait(lambda: Member.objects.filter(group=group).count() >= PASTED, "pasted addresses")
        yield Row(f"{PASTED:,} pasted addresses", PASTED / (time.perf_counter() - began), "/s")


def _step(  # noqa: PLR0917 - what was measured, by whom and how
    name: str,
    list_import: ListImport,
    state: OperationState,
    began: float,
    what: str = "Stripe",
    rows: int = SUBSCRIPTIONS,
) -> Row:
    """Wait until the import's job is in a state, and has left the one that it was in."""

    def is_there() -> bool:
        found = _fresh(list_import).operation.state
        if found == OperationState.FAILED:
            message = f"The import failed: {_fresh(list_import).operation.error}"
            raise UnexpectedAnswerError(message)
        return bool(found == state)

    _wait(is_there, name)
    seconds = time.perf_counter() - began
    if (count := list_import.rows.count()) != rows:
        message = f"{count} rows were {name}, not {rows}."
        raise UnexpectedAnswerError(message)
    return Row(f"Import from {what}, {rows} rows: {name}", rows / seconds, "/s")


def _fresh(list_import: ListImport) -> ListImport:
    return ListImport.objects.select_related("operation", "account__connection").get(pk=list_import.pk)


def _wait(is_there: Callable[[], bool], what: str) -> None:
    until = time.perf_counter() + PATIENCE
    while not is_there():
        if time.perf_counter() > until:
            message = f"After {PATIENCE:.0f} s: {what} not done."
            raise UnexpectedAnswerError(message)
        time.sleep(0.02)


def _have_subscriptions(stripe: str) -> str:
    """Let so many people subscribe to one product at Stripe, by another system's hand; returns the product."""
    product = str(_ask(stripe, "products", {"name": "Gold"})["id"])
    terms = {"product": product, "unit_amount": 4000, "currency": "gbp", "recurring[interval]": "month"}
    price = _ask(stripe, "prices", terms)["id"]
    for number in range(SUBSCRIPTIONS):
        who = {"email": f"elsewhere{number}@example.org", "name": f"Elsa {number}", "payment_method": "pm_card_visa"}
        who["invoice_settings[default_payment_method]"] = "pm_card_visa"
        customer = _ask(stripe, "customers", who)["id"]
        _ask(stripe, "subscriptions", {"customer": customer, "items[0][price]": price})
    return product


def _ask(stripe: str, what: str, given: Mapping[str, object]) -> dict[str, Any]:
    request = Request(f"{stripe}/v1/{what}", urlencode(given).encode(), {"Authorization": f"Bearer {KEY}"})  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310 - the stand-in
        found: dict[str, Any] = json.loads(answer.read())
    return found
