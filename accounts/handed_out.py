"""What the accounts app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.contacts import in_care_of
from accounts.details import phone_text
from accounts.handing_out import Clock, Said, Section, each_row
from accounts.imports.files import CELLS
from accounts.models import (
    AuditEntry,
    Customer,
    CustomerAddress,
    EmailBlock,
    FormerStripeCustomer,
    Letter,
    ListImport,
    ListImportRow,
    MailingRecipient,
    MergedCustomer,
    ReminderStop,
    StripeCustomer,
    Thing,
)
from accounts.models.history import AuditObject


def _customer(customer: Customer) -> QuerySet[Customer]:
    return Customer.objects.filter(account=customer.account_id, pk=customer.pk).select_related("contact")


def _said_of_customer(customer: Customer, clock: Clock) -> Said:
    return {
        _("Name"): customer.name,
        _("Name confirmed"): customer.name_confirmed,
        _("Email address"): customer.email,
        _("Gets emails through"): str(customer.contact) if customer.contact else "",
        _("Phone"): phone_text(customer.phone),
        _("Note by the studio"): customer.note,
        _("Told how to get in"): clock(customer.invited_at),
        _("Wants news since"): clock(customer.news_since),
        _("Known from"): customer.get_news_source_display() if customer.news_source else "",
        _("Wants no news since"): clock(customer.news_ended_at),
        _("First logged in"): clock(customer.seen_at),
        _("Known since"): clock(customer.created_at),
    }


def _addresses(customer: Customer) -> QuerySet[CustomerAddress]:
    return CustomerAddress.objects.filter(account=customer.account_id, customer=customer)


def _said_of_address(address: CustomerAddress, clock: Clock) -> Said:
    return {
        _("Email address"): address.email,
        _("Known since"): clock(address.created_at),
        _("Confirmed"): clock(address.proved_at),
    }


def _said_of_cared_for(customer: Customer, clock: Clock) -> Said:
    """By name alone: the rest is theirs."""
    return {_("Name"): customer.name, _("Known since"): clock(customer.created_at)}


def _at_stripe(customer: Customer) -> QuerySet[StripeCustomer]:
    return StripeCustomer.objects.filter(account=customer.account_id, customer=customer)


def _said_of_stripe(found: StripeCustomer, _clock: Clock) -> Said:
    return {_("Stripe customer"): found.stripe_id}


def _formerly_at_stripe(customer: Customer) -> QuerySet[FormerStripeCustomer]:
    return FormerStripeCustomer.objects.filter(account=customer.account_id, customer=customer)


def _said_of_former_stripe(found: FormerStripeCustomer, _clock: Clock) -> Said:
    return {_("Stripe customer"): found.stripe_id}


def _merged(customer: Customer) -> QuerySet[MergedCustomer]:
    return MergedCustomer.objects.filter(account=customer.account_id, customer=customer)


def _said_of_merged(found: MergedCustomer, clock: Clock) -> Said:
    return {_("Former customer number"): found.former, _("Merged"): clock(found.created_at)}


def _known_addresses(customer: Customer) -> list[str]:
    return list(_addresses(customer).values_list("email", flat=True))


def _letters(customer: Customer) -> QuerySet[Letter]:
    theirs = Letter.objects.filter(account=customer.account_id, recipient__in=_known_addresses(customer))
    return theirs.defer("html", "calendar", "facts")


def _said_of_letter(letter: Letter, clock: Clock) -> Said:
    return {
        _("Sent to"): letter.recipient,
        _("Subject"): letter.subject,
        _("Written"): clock(letter.created_at),
        _("Sent"): clock(letter.sent_at),
        _("Not delivered"): clock(letter.bounced_at or letter.failed_at),
    }


def _messages(customer: Customer) -> QuerySet[MailingRecipient]:
    theirs = MailingRecipient.objects.filter(account=customer.account_id, customer=customer)
    return theirs.select_related("mailing")


def _said_of_message(recipient: MailingRecipient, clock: Clock) -> Said:
    return {
        _("Subject"): recipient.mailing.subject,
        _("Sent to"): recipient.email,
        _("What was done"): recipient.get_reason_display() if recipient.reason else recipient.get_state_display(),
        _("When"): clock(recipient.mailing.began_at),
    }


def _blocks(customer: Customer) -> QuerySet[EmailBlock]:
    return EmailBlock.objects.filter(account=customer.account_id, email__in=_known_addresses(customer))


def _said_of_block(block: EmailBlock, clock: Clock) -> Said:
    return {
        _("Email address"): block.email,
        _("Why it gets no news"): block.get_reason_display(),
        _("Since"): clock(block.created_at),
    }


def _stops(customer: Customer) -> QuerySet[ReminderStop]:
    return ReminderStop.objects.filter(account=customer.account_id, email__in=_known_addresses(customer))


def _said_of_stop(stop: ReminderStop, clock: Clock) -> Said:
    return {_("Email address"): stop.email, _("Wants no reminders since"): clock(stop.created_at)}


def _history(customer: Customer) -> QuerySet[AuditEntry]:
    about = AuditObject.objects.filter(account=customer.account_id, kind=Thing.CUSTOMER, object_id=customer.pk)
    return AuditEntry.objects.filter(account=customer.account_id, pk__in=about.values("entry"))


def _said_of_history(line: AuditEntry, clock: Clock) -> Said:
    """Without the name of who did it, which is somebody else's."""
    sentence = line.deed.label if line.deed else line.action
    return {
        _("When"): clock(line.at),
        _("What was done"): str(sentence).format(who=_("The team"), what=line.label, beside=line.beside),
        _("Changes"): [
            f"{what}: {before} → {after}" if before else f"{what}: {after}" for what, before, after in line.changes
        ],
    }


def _listed(customer: Customer) -> QuerySet[ListImportRow]:
    imports = ListImport.objects.filter(account=customer.account_id)
    theirs = ListImportRow.objects.filter(account=customer.account_id, list_import__in=imports)
    return theirs.filter(person__in=_known_addresses(customer)).select_related("list_import")


def _said_of_listed(row: ListImportRow, clock: Clock) -> Said:
    return {_("Imported"): clock(row.list_import.created_at), _("What the list said"): row.raw.get(CELLS, [])}


SECTIONS: Final = (
    Section(gettext_lazy("About you"), each_row(_customer, _said_of_customer)),
    Section(
        gettext_lazy("Your email addresses"),
        each_row(_addresses, _said_of_address),
        covers=("accounts.CustomerAddress.customer",),
    ),
    Section(
        gettext_lazy("Whose emails you get"),
        each_row(in_care_of, _said_of_cared_for),
        covers=("accounts.Customer.contact",),
    ),
    Section(
        gettext_lazy("What Stripe calls you"),
        each_row(_at_stripe, _said_of_stripe),
        covers=("accounts.StripeCustomer.customer",),
    ),
    Section(
        gettext_lazy("What Stripe called you before a merge"),
        each_row(_formerly_at_stripe, _said_of_former_stripe),
        covers=("accounts.FormerStripeCustomer.customer",),
    ),
    Section(
        gettext_lazy("Customers merged into you"),
        each_row(_merged, _said_of_merged),
        covers=("accounts.MergedCustomer.customer",),
    ),
    Section(gettext_lazy("Emails to you"), each_row(_letters, _said_of_letter)),
    Section(
        gettext_lazy("Messages to many that you were among"),
        each_row(_messages, _said_of_message),
        covers=("accounts.MailingRecipient.customer",),
    ),
    Section(gettext_lazy("Addresses that get no news"), each_row(_blocks, _said_of_block)),
    Section(gettext_lazy("Addresses that get no reminders"), each_row(_stops, _said_of_stop)),
    Section(gettext_lazy("Lists that named you"), each_row(_listed, _said_of_listed)),
    Section(gettext_lazy("What the studio did"), each_row(_history, _said_of_history)),
)
