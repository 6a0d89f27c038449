"""Of every table that is an account's: where it is in the archive, or why it is not in it.

`tests/tickets/dashboard/exports/test_archive.py` finds every such table by Django itself, so that one of the future
has to be named here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

INTERNAL: Final = frozenset({"account_id", "account", "key", "revision", "folded", "stands_until"})
"""Columns of several tables that say nothing to anybody else."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the archive: `label` as Django has it, the file, and columns that are left out of it.

    `account` is the path to its account. Left out is what opens something to anyone who knows it, or is ours alone.
    """

    label: str
    file: str
    without: frozenset[str] = frozenset()
    account: str = "account"
    more: tuple[str, ...] = ()
    """What is said of a row besides, by paths."""

    @property
    def path(self) -> str:
        """Where it is in the ZIP."""
        return f"data/{self.file}.json"


def _table(label: str, file: str, without: str = "", more: str = "", account: str = "account") -> Table:
    return Table(label, file, frozenset(without.split()), account, tuple(more.split()))


TABLES: Final = (
    _table("accounts.Account", "settings", "connection_id opened_by_id", account="pk"),
    _table("accounts.SchedulePage", "pages"),
    _table("accounts.Staff", "team", more="user__email user__name"),
    _table("accounts.Customer", "customers", "user_id other_addresses"),
    _table("accounts.CustomerAddress", "customer-addresses"),
    _table("accounts.StripeCustomer", "stripe-customers", "connection_id"),
    _table("accounts.FormerStripeCustomer", "former-stripe-customers", "connection_id"),
    _table("accounts.MergedCustomer", "merged-customers"),
    _table("accounts.Retention", "kept-for", "customers_by_id walked_at walked_id due_at"),
    _table("accounts.Erasure", "erasures", "is_kept"),
    _table("accounts.EmailBlock", "email-blocks"),
    _table("accounts.ReminderStop", "reminder-stops"),
    _table("accounts.LetterWording", "email-texts", "changed_by_id"),
    _table("accounts.Logo", "logos"),
    # What an email says may hold links that open something to anyone who has them.
    _table(
        "accounts.Letter",
        "emails",
        "dedupe text html calendar facts due_at attempts message_id is_metered metered_on held_until reply_to",
    ),
    _table("accounts.Mailing", "messages", "operation_id said"),
    _table("accounts.MailingRecipient", "message-recipients"),
    _table("accounts.AuditEntry", "history", "seen_by"),
    _table("groups.Group", "groups"),
    _table("groups.Member", "group-members"),
    _table("groups.Standing", "group-standings"),
    # Anyone who knows its token joins by it.
    _table("groups.InvitationLink", "invitation-links", "token"),
    _table("groups.JoinRequest", "join-requests"),
    _table("offers.Offer", "offers", "carrying"),
    _table("offers.UsagePeriod", "usage-periods"),
    _table("offers.OfferUse", "uses"),
    _table("offers.ExtraUses", "extra-uses"),
    _table("memberships.Membership", "memberships"),
    _table("memberships.Membership.pages", "membership-pages", account="membership__account"),
    _table("memberships.Price", "membership-prices"),
    _table("memberships.Subscription", "subscriptions", "session synced_at compared_at"),
    _table("memberships.Invoice", "invoices", "compared_at"),
    _table("memberships.Milestone", "subscription-history"),
    _table("tickets.Leader", "leaders"),
    _table("tickets.Location", "locations"),
    _table("tickets.Tag", "tags"),
    _table("tickets.Picture", "pictures"),
    _table("tickets.Series", "series"),
    _table("tickets.SeriesDate", "series-dates", account="account_id"),
    _table("tickets.Entry", "entries"),
    _table("tickets.EntryOverride", "entry-changes", account="account_id"),
    _table("tickets.EntryLeader", "entry-leaders", "page_id starts_at"),
    _table("tickets.EntryTag", "entry-tags", "page_id starts_at"),
    _table("tickets.EntryCancellation", "entry-cancellations"),
    _table("tickets.EntryReminder", "entry-reminders"),
    _table("tickets.EntryPlaces", "entry-spaces", account="account_id"),
    _table("tickets.Ticket", "tickets"),
    _table("tickets.Ticket.groups", "ticket-groups", account="ticket__account"),
    _table("tickets.TicketPlaces", "ticket-spaces", account="account_id"),
    _table("tickets.Coverage", "offer-coverage"),
    _table("tickets.DiscountCode", "discount-codes"),
    _table("tickets.CodeCoverage", "discount-code-coverage"),
    _table("tickets.CodeUses", "discount-code-counts", account="account_id"),
    _table("tickets.CodeCustomer", "discount-code-customers", account="account_id"),
    _table("tickets.CodeRedemption", "discount-code-uses"),
    # The uuid of a booking opens its page to anyone who knows it; its first letters are its reference.
    _table("tickets.Booking", "bookings", "uuid held_until hold_limit held_from", more="reference"),
    _table("tickets.Seat", "seats"),
    _table("tickets.ImportedSeat", "imported-spaces"),
    _table("tickets.Party", "parties", account="account_id"),
    _table("tickets.Attendance", "attendance", more="marked_by__email"),
    _table("tickets.Payment", "payments", "connection_id"),
    _table("tickets.Refund", "refunds", "tries due_at"),
    _table("tickets.RefundedSeat", "refunded-seats"),
    _table("tickets.VatRate", "vat-rates"),
    _table("tickets.ReceiptSettings", "receipt-settings"),
    _table("tickets.ReceiptCounter", "receipt-counter"),
    _table("tickets.Receipt", "receipts"),
    _table("tickets.ReceiptLine", "receipt-lines"),
    _table("tickets.Dispute", "disputes", "connection_id"),
    _table("tickets.InvoiceRefund", "invoice-refunds"),
    _table("tickets.StudioPayment", "studio-payments", "uuid", more="taken_by__email"),
    _table("tickets.StudioPaymentLine", "studio-payment-lines"),
    _table("tickets.LedgerLine", "ledger"),
    _table("tickets.Payout", "payouts", "connection_id revision"),
    _table("tickets.PayoutLine", "payout-lines", "is_waiting"),
    _table("tickets.WaitlistRequest", "waiting-list", "uuid look_at"),
    _table("tickets.WaitlistAlternative", "waiting-list-tickets"),
)

LEFT_OUT: Final[Mapping[str, str]] = {
    "accounts.AuditObject": "It only finds lines of the history; each of them names what it is about.",
    "accounts.ExportFile": "The archive would hold itself.",
    "accounts.ExportPart": "The archive would hold itself.",
    "accounts.LetterQuota": "It only counts emails of a day.",
    "accounts.ListFile": "It came from the studio, and is deleted once it was read or imported.",
    "accounts.ListImport": "What an import made is among the customers and groups.",
    "accounts.ListImportRow": "What an import made is among the customers and groups.",
    "accounts.Operation": "How far a background task is is of no use anywhere else.",
    "groups.MemberChange": "The history tells it; what it changed is among the group standings.",
    "groups.MemberChangeRow": "The history tells it; what it changed is among the group standings.",
    "groups.PastedList": "What it made is among the customers and groups.",
    "groups.PastedPart": "What it made is among the customers and groups.",
    "memberships.Difference": "It only tells what comparing with Stripe found.",
    "memberships.LeftOut": "It only names subscriptions in Stripe that aren’t the studio’s here.",
    "tickets.Finding": "It only tells what a check of our own records found.",
    "tickets.MoveNotice": "It only tells who is still to be emailed.",
    "tickets.ReceiptDue": "It only tells which receipts are still to be issued.",
    "tickets.Release": "It only tells what is still to be cancelled; the seats say what was.",
}
"""The tables that are not in it, and why: the manifest says so too."""
