"""Why somebody on a list would be added, or not: what to do about it says `groups.dashboard.importing.phrases`."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Verdict


class PersonReason(TextChoices):
    """Why somebody on a list is new, to be checked, or can't be imported."""

    NEW = "new", _("Will be added")
    MORE = "more", _("Here already, with something new")
    SAME = "same", _("Here already, with nothing new")
    REPEATED = "repeated", _("The same as an earlier row")
    SHARED_ADDRESS = "shared_address", _("Same email address as an earlier row, with another name")
    OTHER_NAME = "other_name", _("Here already, with another name")
    SECOND_PERSON = "second_person", _("A second person at an address")
    SEVERAL_ADDRESSES = "several_addresses", _("More than one email address")
    ODD_DAY = "odd_day", _("A date we can’t read")
    ODD_PHONE = "odd_phone", _("A phone number we can’t read")
    ENDED = "ended", _("The last day has passed")
    INACTIVE = "inactive", _("Cancelled, paused or inactive in your old system")
    NO_ADDRESS = "no_address", _("No email address")
    BAD_ADDRESS = "bad_address", _("Not a complete email address")
    TOTAL = "total", _("A total, not a person")


VERDICTS: Final = {
    PersonReason.NEW: Verdict.NEW,
    PersonReason.MORE: Verdict.CHANGED,
    PersonReason.SAME: Verdict.UNCHANGED,
    PersonReason.REPEATED: Verdict.UNCHANGED,
    PersonReason.SHARED_ADDRESS: Verdict.DOUBTFUL,
    PersonReason.OTHER_NAME: Verdict.DOUBTFUL,
    PersonReason.SECOND_PERSON: Verdict.NEW,
    PersonReason.SEVERAL_ADDRESSES: Verdict.DOUBTFUL,
    PersonReason.ODD_DAY: Verdict.DOUBTFUL,
    PersonReason.ODD_PHONE: Verdict.DOUBTFUL,
    PersonReason.ENDED: Verdict.DOUBTFUL,
    PersonReason.INACTIVE: Verdict.DOUBTFUL,
    PersonReason.NO_ADDRESS: Verdict.REFUSED,
    PersonReason.BAD_ADDRESS: Verdict.REFUSED,
    PersonReason.TOTAL: Verdict.REFUSED,
}
"""What each reason comes to."""
