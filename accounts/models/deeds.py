"""What a team member does in the dashboard, and what it is done to."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SeenBy(StrEnum):
    """Whose business a line of the history is; which roles that are, `accounts.history.reading` says."""

    SCHEDULE = "schedule"
    CUSTOMERS = "customers"
    ACCOUNT = "account"


class Thing(TextChoices):
    """What a line of the history is about."""

    ACCOUNT = "account", _("Account")
    BOOKING = "booking", _("Booking")
    CUSTOMER = "customer", _("Customer")
    DISCOUNT_CODE = "discount_code", _("Discount code")
    EMAIL_ADDRESS = "email_address", _("Email address")
    ENTRY = "entry", _("Entry")
    GROUP = "group", _("Customer group")
    LEADER = "leader", _("Leader")
    LOCATION = "location", _("Location")
    MEMBERSHIP = "membership", _("Membership")
    MESSAGE = "message", _("Message")
    OFFER = "offer", _("Offer")
    OPERATION = "operation", _("Background task")
    PAGE = "page", _("Schedule page")
    PAYMENT = "payment", _("Payment")
    STAFF = "staff", _("Team member")
    STRIPE = "stripe", _("Stripe")
    SUBSCRIPTION = "subscription", _("Customer’s membership")
    TAG = "tag", _("Tag")
    TICKET = "ticket", _("Ticket")

    @property
    def seen_by(self) -> SeenBy:
        """Whose business it is."""
        match self:
            case Thing.ACCOUNT | Thing.PAGE | Thing.STAFF:
                return SeenBy.ACCOUNT
            case Thing.ENTRY | Thing.TICKET | Thing.LEADER | Thing.LOCATION | Thing.TAG:
                return SeenBy.SCHEDULE
            case _:
                return SeenBy.CUSTOMERS


class Deed(TextChoices):
    """Everything that a team member does, with the sentence that colleagues read.

    `who` did it; `what` it was done to and `beside`, something else that the sentence names, are as they were called.
    """

    SETTINGS_CHANGED = "settings.changed", _("{who} changed the account’s settings")
    RETENTION_CHANGED = "retention.changed", _("{who} changed how long data is kept")
    BRANDING_CHANGED = "branding.changed", _("{who} changed the logo or the colours")
    WORDING_CHANGED = "wording.changed", _("{who} changed the email text “{beside}”")
    RECEIPTS_CHANGED = "receipts.changed", _("{who} changed the settings of receipts and VAT")
    VAT_RATE_ADDED = "vat_rate.added", _("{who} added the VAT rate “{beside}”")
    VAT_RATE_CHANGED = "vat_rate.changed", _("{who} changed the VAT rate “{beside}”")
    VAT_RATE_RETIRED = "vat_rate.retired", _("{who} retired the VAT rate “{beside}”")
    VAT_RATE_RESTORED = "vat_rate.restored", _("{who} restored the VAT rate “{beside}”")
    PLAN_CHANGED = "plan.changed", _("{who} changed the plan")
    PAGE_CREATED = "page.created", _("{who} created the schedule page “{what}”")
    PAGE_CHANGED = "page.changed", _("{who} changed the schedule page “{what}”")
    STAFF_ADDED = "staff.added", _("{who} added {what} to the team")
    STAFF_CHANGED = "staff.changed", _("{who} changed the role of {what}")
    STAFF_REMOVED = "staff.removed", _("{who} removed {what} from the team")
    STRIPE_CONNECTED = "stripe.connected", _("{who} connected Stripe")
    STRIPE_KEY_CHANGED = "stripe.key_changed", _("{who} changed the key for Stripe")
    STRIPE_DISCONNECTED = "stripe.disconnected", _("{who} disconnected Stripe")
    STRIPE_NAMED = "stripe.named", _("{who} named the Stripe account “{what}”")
    STRIPE_TESTED = "stripe.tested", _("{who} tested the connection to Stripe")
    STRIPE_ENDPOINT = "stripe.endpoint", _("{who} created the webhook endpoint in Stripe again")
    STRIPE_CAUGHT_UP = "stripe.caught_up", _("{who} asked Stripe for missed updates")
    STRIPE_COMPARED = "stripe.compared", _("{who} compared every membership with Stripe")
    STRIPE_REPLAYED = "stripe.replayed", _("{who} replayed an event from Stripe")
    EMAILS_RETRIED = "emails.retried", _("{who} allowed emails to {what} again")
    FILE_ASKED = "file.asked", _("{who} asked for the file “{what}”")
    TASK_CANCELLED = "task.cancelled", _("{who} cancelled the background task “{what}”")
    TASK_RETRIED = "task.retried", _("{who} retried the background task “{what}”")
    IMPORT_BEGUN = "import.begun", _("{who} started “{what}”")
    IMPORT_MAPPED = "import.mapped", _("{who} chose what becomes of what in “{what}”")
    IMPORT_ROW = "import.row", _("{who} decided on one row of “{what}”")
    IMPORT_ROWS = "import.rows", _("{who} decided on rows of “{what}”")
    IMPORT_CONFIRMED = "import.confirmed", _("{who} confirmed “{what}”")
    IMPORT_UNDONE = "import.undone", _("{who} undid “{what}”")
    GROUP_CREATED = "group.created", _("{who} created the group “{what}”")
    GROUP_CHANGED = "group.changed", _("{who} changed the group “{what}”")
    GROUP_ARCHIVED = "group.archived", _("{who} archived the group “{what}”")
    GROUP_RESTORED = "group.restored", _("{who} restored the group “{what}”")
    GROUP_DELETED = "group.deleted", _("{who} deleted the group “{what}”")
    CUSTOMERS_ADDED = "customers.added", _("{who} added customers to the group “{what}”")
    LIST_ADDED = "customers.list_added", _("{who} added a long list of customers to the group “{what}”")
    MEMBERS_REMOVED = "members.removed", _("{who} removed customers from the group “{what}”")
    MEMBERS_START_CHANGED = (
        "members.start_changed",
        _("{who} changed the start date of customers in the group “{what}”"),
    )
    MEMBERS_END_CHANGED = "members.end_changed", _("{who} changed the last day of customers in the group “{what}”")
    MEMBERS_COPIED = "members.copied", _("{who} added customers of the group “{what}” to the group “{beside}”")
    MEMBERS_UNDONE = "members.undone", _("{who} undid a change to customers of the group “{what}”")
    MEMBERS_INVITED = "members.invited", _("{who} emailed customers of the group “{what}” how to get in")
    CUSTOMER_INVITED = "customer.invited", _("{who} emailed {what} how to get in")
    LINK_MADE = "link.made", _("{who} created an invitation link for the group “{what}”")
    LINK_CHANGED = "link.changed", _("{who} changed the invitation link of the group “{what}”")
    LINK_STOPPED = "link.stopped", _("{who} stopped the invitation link of the group “{what}”")
    JOIN_ACCEPTED = "join.accepted", _("{who} approved {what} for the group “{beside}”")
    JOIN_DECLINED = "join.declined", _("{who} declined the request of {what} to join the group “{beside}”")
    CUSTOMER_REMOVED = "customer.removed", _("{who} removed {what} from the group “{beside}”")
    CUSTOMER_CHANGED = "customer.changed", _("{who} changed the details of {what}")
    NOTE_CHANGED = "customer.note_changed", _("{who} changed the note about {what}")
    ADDRESS_ADDED = "customer.address_added", _("{who} added an email address of {what}")
    ADDRESS_REMOVED = "customer.address_removed", _("{who} removed an email address of {what}")
    ADDRESS_CHOSEN = "customer.address_chosen", _("{who} changed the main email address of {what}")
    CUSTOMERS_MERGED = "customer.merged", _("{who} merged another customer into {what}")
    CUSTOMER_ADDED = "customer.added", _("{who} added {what} without an email address")
    CONTACT_CHANGED = "customer.contact_changed", _("{who} changed who gets emails for {what}")
    CUSTOMER_RENAMED = "customer.renamed", _("{who} changed the name of {what}")
    CUSTOMER_ERASED = "customer.erased", _("{who} erased a customer")
    START_CHANGED = "customer.start_changed", _("{who} changed the start date of {what} in the group “{beside}”")
    END_CHANGED = "customer.end_changed", _("{who} changed the end date of {what} in the group “{beside}”")
    USES_GIVEN = "uses.given", _("{who} gave {what} extra uses in the group “{beside}”")
    USES_TAKEN_BACK = "uses.taken_back", _("{who} took back extra uses of {what} in the group “{beside}”")
    OFFER_CREATED = "offer.created", _("{who} added an offer to the group “{beside}”")
    OFFER_CHANGED = "offer.changed", _("{who} changed an offer of the group “{beside}”")
    OFFER_REPLACED = "offer.replaced", _("{who} replaced an offer of the group “{beside}”")
    OFFER_DELETED = "offer.deleted", _("{who} deleted an offer of the group “{beside}”")
    MEMBERSHIP_CREATED = "membership.created", _("{who} created the membership “{what}”")
    MEMBERSHIP_CHANGED = "membership.changed", _("{who} changed the membership “{what}”")
    MEMBERSHIP_DELETED = "membership.deleted", _("{who} deleted the membership “{what}”")
    PRICE_ADDED = "price.added", _("{who} added the price “{beside}” to the membership “{what}”")
    PRICE_CHANGED = "price.changed", _("{who} changed the price “{beside}” of the membership “{what}”")
    PRICE_ARCHIVED = "price.archived", _("{who} archived the price “{beside}” of the membership “{what}”")
    PRICE_RESTORED = "price.restored", _("{who} restored the price “{beside}” of the membership “{what}”")
    SUBSCRIPTION_ENDING = "subscription.ending", _("{who} asked to end “{what}” of {beside} at period end")
    SUBSCRIPTION_STOPPED = "subscription.stopped", _("{who} asked to end “{what}” of {beside} immediately")
    SUBSCRIPTION_KEPT = "subscription.kept", _("{who} asked to keep “{what}” of {beside}")
    SUBSCRIPTION_PAUSED = "subscription.paused", _("{who} asked to pause “{what}” of {beside}")
    SUBSCRIPTION_RESUMED = "subscription.resumed", _("{who} asked to resume “{what}” of {beside}")
    SUBSCRIPTION_LET_IN = "subscription.let_in", _("{who} gave {beside} access during the pause of “{what}”")
    SUBSCRIPTION_LET_OUT = "subscription.let_out", _("{who} withdrew {beside}’s access during the pause of “{what}”")
    SUBSCRIPTION_CHANGING = "subscription.changing", _("{who} asked to change “{what}” of {beside}")
    SUBSCRIPTION_UNCHANGED = "subscription.unchanged", _("{who} undid the scheduled change of “{what}” of {beside}")
    ENTRY_CREATED = "entry.created", _("{who} created the entry “{what}”")
    ENTRY_REPEATED = "entry.repeated", _("{who} added more entries after “{what}”")
    DATE_ADDED = "entry.date_added", _("{who} added the date “{what}”")
    DATE_SKIPPED = "entry.date_skipped", _("{who} removed the date “{what}”")
    SERIES_SPLIT = "entry.series_split", _("{who} split “{what}” from its series")
    SERIES_RETIMED = "entry.series_retimed", _("{who} changed the days or times of “{what}” and its series")
    ENTRY_CHANGED = "entry.changed", _("{who} changed the entry “{what}”")
    ENTRY_CANCELLED = "entry.cancelled", _("{who} cancelled the entry “{what}”")
    CODE_CREATED = "discount_code.created", _("{who} created the discount code “{what}”")
    CODE_CHANGED = "discount_code.changed", _("{who} changed the discount code “{what}”")
    CODE_DELETED = "discount_code.deleted", _("{who} deleted the discount code “{what}”")
    LEADER_CREATED = "leader.created", _("{who} created the leader “{what}”")
    LEADER_CHANGED = "leader.changed", _("{who} changed the leader “{what}”")
    LEADER_ARCHIVED = "leader.archived", _("{who} archived the leader “{what}”")
    LEADER_RESTORED = "leader.restored", _("{who} restored the leader “{what}”")
    LEADER_DELETED = "leader.deleted", _("{who} deleted the leader “{what}”")
    LOCATION_CREATED = "location.created", _("{who} created the location “{what}”")
    LOCATION_CHANGED = "location.changed", _("{who} changed the location “{what}”")
    LOCATION_ARCHIVED = "location.archived", _("{who} archived the location “{what}”")
    LOCATION_RESTORED = "location.restored", _("{who} restored the location “{what}”")
    LOCATION_DELETED = "location.deleted", _("{who} deleted the location “{what}”")
    TAG_CREATED = "tag.created", _("{who} created the tag “{what}”")
    TAG_CHANGED = "tag.changed", _("{who} changed the tag “{what}”")
    TAG_ARCHIVED = "tag.archived", _("{who} archived the tag “{what}”")
    TAG_RESTORED = "tag.restored", _("{who} restored the tag “{what}”")
    TAG_DELETED = "tag.deleted", _("{who} deleted the tag “{what}”")
    TICKET_CREATED = "ticket.created", _("{who} added the ticket “{what}” to “{beside}”")
    TICKET_CHANGED = "ticket.changed", _("{who} changed the ticket “{what}” of “{beside}”")
    TICKETS_COPIED = "ticket.copied", _("{who} copied tickets to “{what}”")
    TICKET_MOVED = "ticket.moved", _("{who} changed the place of the ticket “{what}” of “{beside}”")
    TICKET_REMOVED = "ticket.removed", _("{who} removed the ticket “{what}” of “{beside}”")
    BOOKING_MADE = "booking.made", _("{who} booked “{beside}” for {what}")
    SPACES_CANCELLED = "booking.spaces_cancelled", _("{who} cancelled spaces of {what} at “{beside}”")
    ATTENDANCE_MARKED = "attendance.marked", _("{who} marked the attendance of {what} at “{beside}”")
    ATTENDANCE_REST = "attendance.rest", _("{who} marked everyone else present at “{what}”")
    SPACE_MOVED = "booking.space_moved", _("{who} moved a space of {what} to “{beside}”")
    ATTENDEE_RENAMED = "booking.attendee_renamed", _("{who} changed the name of an attendee of {what} at “{beside}”")
    WAITLIST_OFFERED = "waitlist.offered", _("{who} offered {what} a space at “{beside}”")
    WAITLIST_MOVED_UP = "waitlist.moved_up", _("{who} moved {what} up on the waiting list of “{beside}”")
    WAITLIST_REMOVED = "waitlist.removed", _("{who} removed {what} from the waiting list of “{beside}”")
    MONEY_TAKEN = "money.taken", _("{who} took money from {what}")
    MONEY_GIVEN_BACK = "money.given_back", _("{who} gave money back to {what}")
    MONEY_CORRECTED = "money.corrected", _("{who} corrected money taken from {what}")
    OWED_WAIVED = "owed.waived", _("{who} waived what {what} owes")
    PAYMENT_REFUNDED = "payment.refunded", _("{who} refunded a payment of {what}")
    PAYMENT_SETTLED = "payment.settled", _("{who} marked what {what} owes as settled")
    REFUND_RETRIED = "refund.retried", _("{who} tried a refund to {what} again")
    MESSAGE_DRAFTED = "message.drafted", _("{who} wrote a draft of the message “{what}”")
    MESSAGE_CHANGED = "message.changed", _("{who} changed the draft of the message “{what}”")
    MESSAGE_DELETED = "message.deleted", _("{who} deleted the draft of the message “{what}”")
    MESSAGE_SENT = "message.sent", _("{who} sent the message “{what}” to {beside}")
    MESSAGE_SCHEDULED = "message.scheduled", _("{who} scheduled the message “{what}” to {beside}")
    MESSAGE_UNSCHEDULED = "message.unscheduled", _("{who} made the scheduled message “{what}” a draft again")
    MESSAGE_STOPPED = "message.stopped", _("{who} stopped sending the message “{what}”")
    MESSAGE_CONTINUED = "message.continued", _("{who} went on sending the message “{what}”")
    MESSAGE_TESTED = "message.tested", _("{who} sent a test of the message “{what}”")
    REFUND_SETTLED = "refund.settled", _("{who} marked a refund to {what} as settled")


DELETIONS = (Deed.GROUP_DELETED, Deed.MEMBERSHIP_DELETED, Deed.STAFF_REMOVED, Deed.DATE_SKIPPED, Deed.MESSAGE_DELETED)
"""After these there is no page of what they were done to."""
