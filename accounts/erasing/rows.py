"""What `accounts` keeps of somebody: letters, blocked addresses, lists that came in, files that go out, the history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.contacts import in_care_of
from accounts.erasing.parts import ErasePart, Erasing, Known, Obstacle
from accounts.history.forgetting import forget_person, opened_history
from accounts.mailings.following import erase_from_messages
from accounts.models import (
    Account,
    AuditEntry,
    Customer,
    EmailBlock,
    ExportFile,
    ExportPart,
    FormerStripeCustomer,
    Letter,
    ListFile,
    ListImport,
    ListImportRow,
    MergedCustomer,
    ReminderStop,
    StripeCustomer,
)
from accounts.models.operations import WORKED_OFF
from accounts.operations.services import cancel_operation
from bookwhen.payments.forgetting import forget_at_stripe

NAMED: Final = 10
"""How many of those whose emails somebody gets are named."""
LETTER_TEXTS: Final = ("subject", "text", "html", "calendar")


def hold_rows(customer: Customer, now: datetime) -> None:
    """Delete the rows of lists that are theirs: a worker that is importing one has ended by then, or finds it gone."""
    del now
    emails = list(customer.addresses.values_list("email", flat=True))
    rows = ListImportRow.objects.filter(account=customer.account_id)
    rows.filter(Q(person__in=emails) | Q(after__customer=customer.pk)).delete()


def list_being_read(customer: Customer, now: datetime) -> Iterable[Obstacle]:
    """A file that is just being read may have them in it."""
    del now
    files = ListFile.objects.filter(account=customer.account_id, list_import__operation__state__in=WORKED_OFF)
    if files.exists():
        yield Obstacle(_("A list is being read. That takes a minute or two."), "list_imports")


def erase_lists(erasing: Erasing) -> None:
    """Lists: rows went before; the samples of a list, and files that were never read."""
    account, known = erasing.account, erasing.known
    ListFile.objects.filter(account=account).delete()
    lists = ListImport.objects.filter(account=account, forgotten_at=None).only("pk", "found", "mapping", "account")
    for each in lists:
        found = known.out_of_json(each.found, erasing.name)
        if found != each.found:
            ListImport.objects.filter(account=account, pk=each.pk).update(found=found)


def erase_files(erasing: Erasing) -> None:
    """Files that were prepared for downloading: they are of everybody, and are made anew when they are asked for."""
    files = ExportFile.objects.filter(account=erasing.account).select_related("operation")
    for file in files.filter(forgotten_at=None):
        cancel_operation(file.operation, now=erasing.now)
        ExportPart.objects.filter(account=erasing.account, export_file=file).delete()
        ExportFile.objects.filter(account=erasing.account, pk=file.pk).update(forgotten_at=erasing.now)
    for file in files.annotate(words=Cast("asked", TextField())).filter(erasing.known.texts("words", "name")):
        asked = erasing.known.out_of_json(file.asked, erasing.name)
        files.filter(pk=file.pk).update(asked=asked, name=erasing.known.out_of(file.name, erasing.name))


def erase_letters(erasing: Erasing) -> None:
    """Emails to them are deleted, and those to others that speak of them name nobody."""
    account, known = erasing.account, erasing.known
    erase_from_messages(erasing)
    Letter.objects.filter(account=account, recipient__in=known.addresses).delete()
    EmailBlock.objects.filter(account=account, email__in=known.addresses).delete()
    ReminderStop.objects.filter(account=account, email__in=known.addresses).delete()
    spoken = Letter.objects.filter(account=account).annotate(words=Cast("facts", TextField()))
    for letter in spoken.filter(known.texts("words", *LETTER_TEXTS)).iterator(chunk_size=100):
        cleared = {name: known.out_of(getattr(letter, name), erasing.name) for name in LETTER_TEXTS}
        cleared["subject"] = cleared["subject"][:250]
        facts = known.out_of_json(letter.facts, erasing.name)
        Letter.objects.filter(account=account, pk=letter.pk).update(**cleared, facts=facts)


def erase_from_history(erasing: Erasing) -> None:
    """The history: what colleagues did stays theirs, and names nobody."""
    forget_person(erasing.customer, erasing.left, erasing.known.exact)
    account, known = erasing.account, erasing.known
    lines = AuditEntry.objects.filter(account=account).annotate(words=Cast("changes", TextField()))
    for line in list(lines.filter(known.texts("words", "label", "beside"))):
        _rewrite(account, line, known, erasing.name)


def _rewrite(account: Account, line: AuditEntry, known: Known, name: str) -> None:
    cleared = {column: known.out_of(getattr(line, column), name)[:200] for column in ("label", "beside")}
    with opened_history():
        AuditEntry.objects.filter(account=account, pk=line.pk).update(
            **cleared, changes=known.out_of_json(line.changes, name)
        )


def erase_at_stripe(erasing: Erasing) -> None:
    """What Stripe told us of them. The number by which the books know them there stays."""
    theirs = StripeCustomer.objects.filter(account=erasing.account, customer=erasing.customer)
    for connection, stripe_id in theirs.values_list("connection", "stripe_id"):
        erasing.note_at_stripe(connection, [stripe_id])
    theirs.update(customer=erasing.left)
    former = FormerStripeCustomer.objects.filter(account=erasing.account, customer=erasing.customer)
    for connection, stripe_id in former.values_list("connection", "stripe_id"):
        erasing.note_at_stripe(connection, [stripe_id])
    former.update(customer=erasing.left)
    MergedCustomer.objects.filter(account=erasing.account, customer=erasing.customer).update(customer=erasing.left)
    connections = {connection for connection, _id in erasing.at_stripe} | {erasing.account.connection_id}
    forget_at_stripe([each for each in connections if each], erasing.at_stripe, sorted(erasing.known.addresses))


def gets_emails_for_others(customer: Customer, now: datetime) -> Iterable[Obstacle]:
    """Somebody without an address would be reached by nobody."""
    del now
    for each in in_care_of(customer)[:NAMED]:
        words = _("They get emails for %(name)s. Give them their own address, or choose who gets their emails.")
        yield Obstacle(words % {"name": each}, "customer_contact", each.pk)


def _goes_with_them(_erasing: Erasing) -> None:
    """Who got their emails is told by their own row, which goes."""


CONTACT: Final = ErasePart(erase=_goes_with_them, obstacles=gets_emails_for_others)
LISTS: Final = ErasePart(erase=erase_lists, obstacles=list_being_read, hold=hold_rows)
FILES: Final = ErasePart(erase=erase_files)
LETTERS: Final = ErasePart(erase=erase_letters)
HISTORY: Final = ErasePart(erase=erase_from_history)
AT_STRIPE: Final = ErasePart(erase=erase_at_stripe)
"""The last part: the others say what is theirs at Stripe."""
