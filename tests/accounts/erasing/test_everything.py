"""Every relation to a customer and every column that could hold a person is thought of: a new one fails here."""

from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, CharField, Field, GenericIPAddressField, JSONField, TextField

from accounts.models import Customer

LABELS = {"payments", "accounts", "groups", "offers", "memberships", "tickets"}
MOVED = """
    accounts.StripeCustomer.customer groups.Member.customer groups.JoinRequest.customer
    memberships.Subscription.customer tickets.Booking.customer tickets.Seat.customer tickets.Seat.self_attendee
    tickets.Party.customer tickets.Receipt.customer tickets.WaitlistRequest.customer accounts.MergedCustomer.customer
    accounts.FormerStripeCustomer.customer tickets.StudioPayment.customer tickets.LedgerLine.customer
    tickets.CodeCustomer.customer tickets.CodeRedemption.customer
"""
"""They point to nobody from then on."""
GOES = "accounts.CustomerAddress.customer accounts.MailingRecipient.customer tickets.Finding.customer"
"""Their rows are deleted."""
MADE = "accounts.Erasure.left"
IN_THE_WAY = "accounts.Customer.contact"
"""Who gets somebody's emails is not erased before another gets them."""

CLEARED = """
    accounts.Customer.email accounts.Customer.name accounts.Customer.note accounts.Customer.phone
    accounts.Customer.other_addresses accounts.Customer.contact_email accounts.CustomerAddress.email
    accounts.AuditEntry.label accounts.AuditEntry.beside accounts.AuditEntry.changes
    accounts.EmailBlock.email accounts.EmailBlock.detail accounts.ReminderStop.email
    accounts.ExportFile.name accounts.ExportFile.asked accounts.ExportPart.data
    accounts.ExportPart.records
    accounts.Letter.recipient accounts.Letter.subject accounts.Letter.text accounts.Letter.html
    accounts.Letter.calendar accounts.Letter.facts accounts.Letter.error
    accounts.ListFile.name accounts.ListFile.data accounts.ListImport.found
    accounts.Mailing.subject accounts.Mailing.text accounts.Mailing.audience_name accounts.Mailing.asked
    accounts.Mailing.said accounts.MailingRecipient.email
    accounts.ListImportRow.key accounts.ListImportRow.raw accounts.ListImportRow.what accounts.ListImportRow.person
    accounts.ListImportRow.target accounts.ListImportRow.decided accounts.ListImportRow.why
    accounts.ListImportRow.before accounts.ListImportRow.after accounts.ListImportRow.error
    groups.PastedPart.text groups.PastedPart.left_over
    memberships.Milestone.who offers.ExtraUses.reason payments.StripeEvent.payload
    tickets.Booking.booker_name tickets.Booking.booker_email tickets.Booking.held_from
    tickets.ImportedSeat.reference tickets.Seat.attendee_name tickets.Seat.attendee_email tickets.Finding.name
    tickets.StudioPayment.note tickets.WaitlistRequest.names tickets.WaitlistRequest.email
"""
"""Nothing of them is left in it."""
AT_STRIPE = """
    accounts.FormerStripeCustomer.stripe_id
    accounts.StripeCustomer.stripe_id payments.ErasedAtStripe.stripe_id payments.StripeEvent.stripe_id
    payments.StripeEvent.subject memberships.Difference.stripe_id memberships.Difference.ours
    memberships.Difference.stripes memberships.Invoice.stripe_id memberships.Invoice.number
    memberships.Invoice.hosted_url memberships.Invoice.pdf_url memberships.LeftOut.stripe_id
    memberships.Subscription.stripe_id memberships.Subscription.session memberships.Subscription.schedule
    tickets.Payment.session tickets.Payment.intent tickets.Refund.stripe_id tickets.Dispute.stripe_id
    tickets.Dispute.intent tickets.InvoiceRefund.stripe_id tickets.Payout.stripe_id tickets.PayoutLine.stripe_id
    tickets.PayoutLine.source tickets.PayoutLine.intent
"""
"""By this the books are found at Stripe: it names nobody by itself, and the law wants it kept with the amounts."""
THE_LAWS = """
    tickets.Receipt.name
"""
"""What was issued stays as it was issued: who paid is on it."""
COLLEAGUES = """
    accounts.Staff.invited_email
    accounts.AuditEntry.actor_name accounts.Operation.who offers.ExtraUses.by_name accounts.Letter.reply_to
    accounts.Mailing.who
    accounts.Account.contact_email tickets.Leader.name tickets.Leader.folded
"""
"""Who works there (`erase_from_history --colleague` is for them)."""
OWN_LOGIN = """
    accounts.User.email accounts.User.name accounts.User.password accounts.LoginSession.session_key
    accounts.LoginSession.user_agent accounts.LoginSession.address
"""
"""A login is the person's own, in every studio at once: none erases it."""
STUDIOS_WORDS = """
    accounts.Account.accent accounts.LetterWording.closing accounts.LetterWording.opening accounts.LetterWording.subject
    accounts.SchedulePage.accent
    accounts.Account.name accounts.Account.slug accounts.SchedulePage.slug accounts.SchedulePage.title
    accounts.SchedulePage.description accounts.ListImport.mapping groups.Group.name groups.Group.description
    groups.InvitationLink.token
    memberships.Membership.title memberships.Membership.description memberships.Membership.product
    memberships.Milestone.about memberships.Price.title memberships.Price.stripe_id offers.Offer.name
    tickets.DiscountCode.code tickets.DiscountCode.folded tickets.DiscountCode.note
    tickets.Entry.title tickets.Entry.description tickets.Entry.location tickets.EntryCancellation.reason
    tickets.EntryCancellation.message tickets.Location.name tickets.Location.folded tickets.Location.address
    tickets.Location.map_link tickets.Location.link tickets.MoveNotice.location tickets.Picture.alt tickets.Tag.name
    tickets.Tag.folded tickets.Ticket.name tickets.Ticket.description
    tickets.VatRate.name tickets.ReceiptSettings.business_name tickets.ReceiptSettings.business_address
    tickets.ReceiptSettings.vat_number tickets.ReceiptSettings.prefix tickets.Receipt.prefix
    tickets.Receipt.business_name tickets.Receipt.business_address tickets.Receipt.vat_number
    tickets.ReceiptLine.text tickets.ReceiptLine.detail tickets.ReceiptLine.vat_name
"""
"""What a studio says of itself and of what it sells, to everybody."""
MACHINES_WORDS = """
    accounts.Account.currency accounts.Account.time_zone accounts.Account.locale accounts.AuditEntry.action
    accounts.AuditEntry.seen_by accounts.AuditEntry.kind accounts.AuditObject.kind accounts.Letter.kind
    accounts.Letter.dedupe accounts.LetterWording.kind accounts.Letter.message_id accounts.ListImport.source
    accounts.ListImport.made
    accounts.ListImport.counts accounts.ListImportRow.currency accounts.MailOutage.error accounts.Operation.kind
    accounts.Operation.lane accounts.Operation.phase accounts.Operation.cursor accounts.Operation.error
    accounts.Mailing.audience
    memberships.Difference.field memberships.Invoice.status memberships.Invoice.currency memberships.Price.currency
    memberships.Invoice.settlement memberships.Subscription.cancel_reason memberships.Subscription.collection_method
    memberships.Subscription.cost_basis memberships.Subscription.currency memberships.Subscription.next_price
    memberships.Subscription.pause_behavior memberships.Subscription.pending_price
    memberships.Subscription.cancels_at_price offers.OfferUse.why payments.Comparison.cursors
    payments.Comparison.trouble payments.Connection.encrypted_key payments.Connection.key_hint
    payments.Connection.stripe_account payments.Connection.name payments.Connection.currency
    payments.Connection.webhook_endpoint payments.Connection.webhook_events payments.Connection.portal_configuration
    payments.Connection.trouble payments.EndpointSecret.encrypted_secret payments.FailedCall.wish
    payments.StripeEvent.type payments.StripeEvent.api_version payments.StripeEvent.error tickets.Dispute.status
    tickets.Dispute.reason tickets.Dispute.currency tickets.EntryOverride.fields tickets.Finding.counted
    tickets.Receipt.currency tickets.Receipt.reference
    tickets.Payout.currency tickets.Payout.failure tickets.PayoutLine.currency
    tickets.Finding.should_be tickets.LedgerLine.currency tickets.Payment.currency
    tickets.StudioPayment.currency tickets.Refund.trouble tickets.Series.rule
    tickets.WaitlistRequest.skipped
"""
"""States, names of kinds, and what a machine answered: nobody is in it."""


def fields() -> "list[Field[Any, Any]]":
    ours = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in LABELS]
    return [field for model in ours for field in model._meta.local_fields]


def called(field: "Field[Any, Any]") -> str:
    return f"{field.model._meta.label}.{field.name}"


def test_every_relation_to_a_customer_is_thought_of() -> None:
    found = {called(field) for field in fields() if field.remote_field and field.remote_field.model is Customer}

    assert found == set((f"{MOVED} {GOES} {MADE} {IN_THE_WAY}").split())


def test_every_column_that_can_hold_a_text_is_thought_of() -> None:
    texts = (CharField, TextField, JSONField, BinaryField, ArrayField, GenericIPAddressField)
    found = {called(field) for field in fields() if isinstance(field, texts) and not field.choices}
    told = CLEARED, AT_STRIPE, THE_LAWS, COLLEAGUES, OWN_LOGIN, STUDIOS_WORDS, MACHINES_WORDS
    said = [each for words in told for each in words.split()]

    assert len(said) == len(set(said))
    assert (found - set(said), set(said) - found) == (set(), set())
