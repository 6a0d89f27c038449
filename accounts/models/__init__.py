"""The tables of the accounts app."""

from accounts.models.accounts import (
    LONGEST_PAUSE,
    Account,
    PastDuePolicy,
    PauseAccess,
    Plan,
    Role,
    SchedulePage,
    Spreadsheet,
    Staff,
)
from accounts.models.customers import Customer, StripeCustomer
from accounts.models.letters import (
    UNSOLICITED,
    BlockReason,
    DeliveryFault,
    EmailBlock,
    Letter,
    LetterKind,
    LetterQuota,
    MailOutage,
)
from accounts.models.users import LoginSession, User

__all__ = [
    "LONGEST_PAUSE",
    "UNSOLICITED",
    "Account",
    "BlockReason",
    "Customer",
    "DeliveryFault",
    "EmailBlock",
    "Letter",
    "LetterKind",
    "LetterQuota",
    "LoginSession",
    "MailOutage",
    "PastDuePolicy",
    "PauseAccess",
    "Plan",
    "Role",
    "SchedulePage",
    "Spreadsheet",
    "Staff",
    "StripeCustomer",
    "User",
]
