"""What the pages of an import of customers say of reasons."""

from typing import Final

from django.utils.translation import gettext_lazy

from groups.importing.verdicts import PersonReason
from tickets.dashboard.lists.shown import Words

WHAT_TO_DO: Final[dict[PersonReason, Words]] = {
    PersonReason.NEW: gettext_lazy("They’ll become customers, and join the groups you’ve chosen."),
    PersonReason.MORE: gettext_lazy("They’re customers already. What’s missing is added, and nothing is replaced."),
    PersonReason.SAME: gettext_lazy("Nothing to do."),
    PersonReason.REPEATED: gettext_lazy("Nothing to do."),
    PersonReason.SHARED_ADDRESS: gettext_lazy(
        "If it’s another name of the same person, the first name is kept. A second person, such as a daughter with her "
        "mother’s address, becomes a customer with their own groups and uses, and their emails go to the first. Until "
        "you choose, the row is left out."
    ),
    PersonReason.OTHER_NAME: gettext_lazy(
        "If it’s another name of the same person, the name you have is kept. A second person, such as a daughter with "
        "her mother’s address, becomes a customer with their own groups and uses, and their emails go to the customer "
        "you have. Until you choose, the row is left out."
    ),
    PersonReason.SECOND_PERSON: gettext_lazy(
        "They’ll become customers without an address of their own. Their emails go to the first person at the address."
    ),
    PersonReason.SEVERAL_ADDRESSES: gettext_lazy(
        "If you import the row, the first address is used. You can enter another one. Until you choose, it’s left out."
    ),
    PersonReason.ODD_DAY: gettext_lazy(
        "If you import the row, that date is left out, and everything else comes in. Until you choose, it’s left out."
    ),
    PersonReason.ODD_PHONE: gettext_lazy(
        "If you import the row, that number is left out, and everything else comes in. Until you choose, it’s left out."
    ),
    PersonReason.ENDED: gettext_lazy(
        "If you import the row, they become a customer but don’t join a group. Until you choose, it’s left out."
    ),
    PersonReason.INACTIVE: gettext_lazy(
        "If you import the row, they become a customer but don’t join a group. Until you choose, it’s left out."
    ),
    PersonReason.NO_ADDRESS: gettext_lazy(
        "We know people by their email address. Enter it here, or download these rows, correct them and import them "
        "again."
    ),
    PersonReason.BAD_ADDRESS: gettext_lazy(
        "Enter the right address here, or download these rows, correct them and import them again."
    ),
    PersonReason.TOTAL: gettext_lazy("It adds up other rows, so it’s left out."),
}
