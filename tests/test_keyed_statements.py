"""Every statement begins with its account, or with the key of a row that was read through it.

Found in the source: each query of a tenant’s table, and by what it is narrowed. A primary key, or the key of what a row
belongs to, is unique in the whole database; it was read through the account before (`fetch_entry` and its like), and
its index leads to the same rows as one that begins with the account would, without a second column in each entry. So
those are accepted, by name. What is narrowed by neither says here why it may.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.apps import apps

ROOT: Final = Path(__file__).parent.parent
APPS: Final = ("accounts", "bookwhen", "groups", "memberships", "offers", "tickets")
KEYS: Final = {
    "pk": "the row’s own, read through its account before",
    "uuid": "the row’s own, a secret or read before",
    "booking": "its seats",
    "code": "of one account",
    "connection": "one account’s at Stripe",
    "customer": "of one account",
    "entry": "its seats, places, leaders, tags and waiting list",
    "filled_by": "what somebody has in their baskets, in whatever studio",
    "leader": "of one account",
    "offer": "of one account",
    "page": "its entries",
    "payment": "its seats",
    "payout": "its lines",
    "purchase": "of one customer",
    "request": "the tickets of one request",
    "series": "its entries and tickets",
    "tag": "of one account",
    "ticket": "its places, seats and waiting list",
    "use": "of one member’s periods",
    "venue": "of one account",
}
"""By these, and by what is said of what they lead to (`entry__in`), a statement may begin instead."""
LATER: Final = "narrowed by its account or key in a later line"
PREFETCHED: Final = "read along with what it belongs to, by its keys"
OF_ALL: Final = "of every studio, by an index of what is due"
ELSEWHERE: Final = {
    ("bookwhen/installation/dashboard/state.py", "Booking"): OF_ALL,
    ("bookwhen/installation/dashboard/state.py", "Finding"): OF_ALL,
    ("bookwhen/installation/dashboard/state.py", "Refund"): OF_ALL,
    ("bookwhen/installation/dashboard/state.py", "Release"): OF_ALL,
    ("tickets/booking/reminders.py", "Entry"): "one entry, by its key",
    ("groups/dashboard/audience.py", "Seat"): LATER,
    ("tickets/booking/changed_membership.py", "Coverage"): PREFETCHED,
    ("tickets/booking/move.py", "Entry"): LATER,
    ("tickets/checkout/adoption.py", "Payment"): OF_ALL,
    ("tickets/checkout/adoption.py", "Refund"): OF_ALL,
    ("tickets/consistency/__init__.py", "Finding"): OF_ALL,
    ("tickets/keeping.py", "Dispute"): LATER,
    ("tickets/money/receipts/documents.py", "ReceiptLine"): PREFETCHED,
    ("tickets/pictures/keeping.py", "Picture"): OF_ALL,
    ("tickets/public/booking/booking_view.py", "Refund"): PREFETCHED,
    ("tickets/public/my_bookings.py", "Seat"): PREFETCHED,
    ("tickets/public/my_bookings.py", "WaitlistRequest"): "of whom a login is, and of those they book for",
    ("tickets/public/pages.py", "Entry"): LATER,
    ("tickets/public/schedule/programme.py", "Entry"): "only its order is read of it, not one row",
    ("tickets/schedule/entries.py", "Entry"): LATER,
    ("tickets/schedule/moving.py", "Seat"): LATER,
}
"""What is narrowed by none of them, and why."""
CALLS: Final = frozenset({"bulk_create", "bulk_update", "create", "none"})
"""What names its rows one by one, or reads none."""


def tenant_models() -> set[str]:
    """The models whose rows are an account’s."""
    found = set()
    for model in apps.get_models():
        columns = {field.attname for field in model._meta.concrete_fields}
        if model._meta.app_label == "tickets" and "account_id" in columns:
            found.add(model.__name__)
    return found


def names_of(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> set[str]:
    """By what a query is narrowed, as far as its expression goes, or that of the `get_object_or_404` that it is for."""
    names, current = set[str](), node
    while isinstance(above := parents.get(current), ast.Attribute | ast.Call):
        if isinstance(above, ast.Call):
            is_argument = above.func is not current
            called = getattr(above.func, "id" if is_argument else "attr", "")
            if is_argument and called != "get_object_or_404":
                break
            if called in CALLS:
                return {"pk"}
            names |= {each.arg for each in above.keywords if each.arg}
            names |= {word for each in above.args for word in names_in(each)} if called == "filter" else set()
        current = above
    return names


def names_in(argument: ast.AST) -> set[str]:
    """What a condition names: the keywords of `Q(…)`, and the column of `IsOneOf("entry", …)`."""
    found = set[str]()
    for each in ast.walk(argument):
        if isinstance(each, ast.keyword) and each.arg:
            found.add(each.arg)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            found.add(each.value)
    return found


def queries() -> Iterator[tuple[str, str, set[str]]]:
    """Every query of a tenant’s table: where, of what, and by what it is narrowed."""
    models = tenant_models()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if {"migrations", "sandbox"} & set(path.parts):
                continue
            tree = ast.parse(path.read_text())
            parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr == "objects" and ast.unparse(node.value) in models:
                    yield str(path.relative_to(ROOT)), ast.unparse(node.value), names_of(node, parents)


def is_keyed(names: set[str]) -> bool:
    """Whether it begins with an account, or with a key."""
    return any(name.startswith("account") or name.partition("__")[0] in KEYS for name in names)


def test_every_statement_begins_with_its_account_or_with_a_key() -> None:
    found = list(queries())
    assert len(found) > 200
    loose = {(path, model) for path, model, names in found if not is_keyed(names)}
    assert loose - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - loose == set()


def test_each_key_is_of_use() -> None:
    used = {each for _path, _model, names in queries() for name in names for each in (name, name.partition("__")[0])}
    assert KEYS.keys() - used == set()
