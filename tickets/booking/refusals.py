"""Why a booking is refused. Like a verdict of the rule, each refusal names its reason and the customer's next step."""

import enum
from collections.abc import Sequence

from offers.eligibility import Verdict


class RefusalReason(enum.StrEnum):
    """Why nothing was booked."""

    NOT_ALLOWED = "not_allowed"
    TICKET_GONE = "ticket_gone"
    TICKET_HAS_COST = "ticket_has_cost"
    KEY_TAKEN = "key_taken"
    FORM_SENT_BEFORE = "form_sent_before"
    CUSTOMER_GONE = "customer_gone"
    BASKET_CLOSED = "basket_closed"
    BASKET_OF_OTHER_CUSTOMER = "basket_of_other_customer"
    GUESTS_HOLD_TOO_MANY = "guests_hold_too_many"
    ADDRESS_NOT_CONFIRMED = "address_not_confirmed"


class RefusalStep(enum.StrEnum):
    """What the customer can do about it."""

    CHOOSE_AGAIN = "choose_again"
    """Choose other tickets at the entry."""
    CHECK_AGAIN = "check_again"
    """See the order as it is judged and priced now."""
    CONFIRM_AGAIN = "confirm_again"
    """Send the same order as a new form."""
    SEE_BASKET = "see_basket"
    """Do something about the basket first."""
    LOG_IN_OR_WAIT = "log_in_or_wait"
    """Log in, or send the same order again a little later."""


class RefusedError(Exception):
    """Nothing was booked or put into a basket."""

    reason: RefusalReason
    next_step: RefusalStep
    verdicts: Sequence[Verdict] = ()
    """What the rule says of each wanted ticket, in the order asked, where it is the rule that refuses."""


class BookingRefusedError(RefusedError):
    """The rule says no to at least one wanted ticket: `verdicts`, in the order asked."""

    reason = RefusalReason.NOT_ALLOWED
    next_step = RefusalStep.CHECK_AGAIN

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__(", ".join(verdict.reason for verdict in verdicts))
        self.verdicts = tuple(verdicts)


class TicketGoneError(RefusedError):
    """A wanted ticket is not on sale at this entry, or this person may not know of it."""

    reason = RefusalReason.TICKET_GONE
    next_step = RefusalStep.CHOOSE_AGAIN


class TicketHasCostError(RefusedError):
    """A wanted ticket costs something: it goes through a basket."""

    reason = RefusalReason.TICKET_HAS_COST
    next_step = RefusalStep.CHECK_AGAIN


class KeyTakenError(RefusedError):
    """The idempotency key belongs to somebody else's booking."""

    reason = RefusalReason.KEY_TAKEN
    next_step = RefusalStep.CONFIRM_AGAIN


class FormSentBeforeError(RefusedError):
    """The form has made seats already, in another booking than the one it asks for now."""

    reason = RefusalReason.FORM_SENT_BEFORE
    next_step = RefusalStep.CONFIRM_AGAIN


class CustomerGoneError(RefusedError):
    """The studio erased the customer at this instant, and with them what was just being booked."""

    reason = RefusalReason.CUSTOMER_GONE
    next_step = RefusalStep.CONFIRM_AGAIN


class BasketClosedError(RefusedError):
    """The basket is being paid, was booked or was released: nothing is put into it any more."""

    reason = RefusalReason.BASKET_CLOSED
    next_step = RefusalStep.SEE_BASKET


class BasketOfOtherCustomerError(RefusedError):
    """The basket is somebody else's: one basket is for one customer."""

    reason = RefusalReason.BASKET_OF_OTHER_CUSTOMER
    next_step = RefusalStep.SEE_BASKET


class GuestsHoldTooManyError(RefusedError):
    """Guests with this address, or from this network, hold as many places unpaid as they may (`guest_holds`)."""

    reason = RefusalReason.GUESTS_HOLD_TOO_MANY
    next_step = RefusalStep.LOG_IN_OR_WAIT


class AddressNotConfirmedError(RefusedError):
    """The account lets what costs nothing be booked only by who has confirmed their email address."""

    reason = RefusalReason.ADDRESS_NOT_CONFIRMED
    next_step = RefusalStep.CHECK_AGAIN


class EntryCancelledError(Exception):
    """A cancelled entry takes no booking and does not change any more."""
