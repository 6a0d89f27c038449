"""Why a subscription would be taken over, or not: the words are `memberships.dashboard.importing`'s."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Verdict


class ImportReason(TextChoices):
    """Why a subscription at Stripe is new, to be checked, or can't be imported."""

    READY = "ready", _("Will be imported")
    BY_HAND = "by_hand", _("Already in the group, added by hand")
    OURS = "ours", _("Already a membership here")
    NO_ADDRESS = "no_address", _("No email address")
    SAME_ADDRESS = "same_address", _("Same email address as another Stripe customer")
    TWICE = "twice", _("Would have the same membership twice")
    SEVERAL = "several", _("Several items or a quantity")
    NO_PLAIN_AMOUNT = "no_plain_amount", _("Price with tiers, usage or fractions of a cent")
    CURRENCY = "currency", _("Another currency")
    PAUSED = "paused", _("Payments are paused in Stripe")
    NOT_MAPPED = "not_mapped", _("Product left out")
    NOT_LIVE = "not_live", _("Never paid, or ended")
    MARKED = "marked", _("Made by another booking site")
    UNREADABLE = "unreadable", _("Has nothing to bill")


VERDICTS: Final = {
    ImportReason.READY: Verdict.NEW,
    ImportReason.BY_HAND: Verdict.NEW,
    ImportReason.PAUSED: Verdict.NEW,
    ImportReason.OURS: Verdict.UNCHANGED,
    ImportReason.NO_ADDRESS: Verdict.DOUBTFUL,
    ImportReason.SAME_ADDRESS: Verdict.DOUBTFUL,
    ImportReason.TWICE: Verdict.DOUBTFUL,
    ImportReason.SEVERAL: Verdict.DOUBTFUL,
    ImportReason.NO_PLAIN_AMOUNT: Verdict.DOUBTFUL,
    ImportReason.CURRENCY: Verdict.DOUBTFUL,
    ImportReason.NOT_MAPPED: Verdict.REFUSED,
    ImportReason.NOT_LIVE: Verdict.REFUSED,
    ImportReason.MARKED: Verdict.REFUSED,
    ImportReason.UNREADABLE: Verdict.REFUSED,
}
"""What each reason comes to."""
