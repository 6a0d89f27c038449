"""What goes from the history: what is old, and what somebody has a right to have erased. Nothing else ever does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account, AuditEntry, AuditObject, Customer, Thing, User
from bookwhen.jobs.retention import forget
from bookwhen.jobs.run import Run

if TYPE_CHECKING:
    from django.db.models import QuerySet

CALLED_BY_CUSTOMER: Final = (Thing.BOOKING, Thing.CUSTOMER, Thing.PAYMENT)
"""What is called by the name, or the address, of the customer whose it is."""


@contextmanager
def opened_history() -> Iterator[None]:
    """Let lines be changed and deleted within: in this transaction, and by nobody else at the time."""
    with transaction.atomic():
        _set_open("open")
        yield
        _set_open("")


def forget_history(run: Run) -> None:
    """Forget what was done more days ago than are kept (settings), oldest first."""
    before = run.now - timedelta(days=settings.HISTORY_KEPT_DAYS)
    forget(run, AuditEntry.objects.filter(at__lt=before), "at", act=forget_lines)


def forget_lines(keys: Sequence[int]) -> int:
    """Delete lines by their keys; how many."""
    with opened_history():
        AuditObject.objects.filter(entry__in=keys).delete()
        return AuditEntry.objects.filter(pk__in=keys).delete()[0]


def erase_customer(customer: Customer) -> int:
    """Take a customer’s name, and what was changed about them, out of their account’s history; how many lines.

    The lines stay: what a colleague did is theirs. Safe to repeat.
    """
    theirs = AuditObject.objects.filter(account=customer.account_id, kind=Thing.CUSTOMER, object_id=customer.pk)
    lines = AuditEntry.objects.filter(account=customer.account_id, pk__in=theirs.values("entry"))
    named = _blank(lines.filter(kind__in=CALLED_BY_CUSTOMER), label="", changes=[])
    for email in customer.addresses.values_list("email", flat=True):
        named += _blank(_called(customer.account_id, Thing.EMAIL_ADDRESS, email), label="")
    return named + _blank(lines.filter(kind=Thing.SUBSCRIPTION), beside="")


def forget_person(customer: Customer, left: Customer, names: Sequence[str]) -> None:
    """The same for somebody whose row goes: their lines are about what is `left` of them from now on.

    And where a line is called by nothing but one of their names or addresses, it is called by none.
    """
    erase_customer(customer)
    lines = AuditEntry.objects.filter(account=customer.account_id)
    for column in ("label", "beside"):
        _blank(lines.filter((f"{column}__in", names)), **{column: ""})
    _blank(lines.filter(kind=Thing.CUSTOMER, object_id=customer.pk), object_id=left.pk)
    theirs = AuditObject.objects.filter(account=customer.account_id, kind=Thing.CUSTOMER, object_id=customer.pk)
    with opened_history():
        theirs.update(object_id=left.pk)


def erase_colleague(user: User) -> int:
    """Take a login’s name out of every history; how many lines. What they did stays, as nobody’s. Safe to repeat."""
    lines = _blank(AuditEntry.objects.filter(actor=user), actor=None, actor_name="")
    emails = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    for account in Account.objects.order_by("pk").values_list("pk", flat=True):
        for email in emails:
            lines += _blank(_called(account, Thing.STAFF, email), label="")
    return lines


def let_account_go(*, instance: Account, **_more: object) -> None:
    """An account is about to be deleted, and its history with it (Django’s `pre_delete`, in its transaction)."""
    del instance
    _set_open("open")


def close_again(*, instance: Account, **_more: object) -> None:
    """The account is deleted (`post_delete`)."""
    del instance
    _set_open("")


def _called(account: int, thing: Thing, label: str) -> "QuerySet[AuditEntry]":
    return AuditEntry.objects.filter(account=account, kind=thing, label=label)


def _blank(lines: "QuerySet[AuditEntry]", **facts: object) -> int:
    with opened_history():
        return lines.update(**facts)


def _set_open(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bookwhen.history', %s, true)", [how])
