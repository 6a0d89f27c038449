"""The tables of the accounts app."""

from accounts.models.accounts import (
    LONGEST_PAUSE,
    OFFERED_FOR,
    Account,
    PastDuePolicy,
    PauseAccess,
    PaysAtStudio,
    Plan,
    Role,
    SchedulePage,
    Spreadsheet,
    Staff,
    WaitingList,
)
from accounts.models.customers import Customer, CustomerAddress, NewsSource, StripeCustomer
from accounts.models.deeds import DELETIONS, Deed, SeenBy, Thing
from accounts.models.erasures import Erasure
from accounts.models.exports import ExportFile, ExportPart
from accounts.models.history import AuditEntry, AuditObject
from accounts.models.imports import ListFile, ListImport, ListImportRow, RowState, Verdict
from accounts.models.leader_words import LeaderTexts, LeaderWord
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
from accounts.models.merging import FormerStripeCustomer, MergedCustomer
from accounts.models.operations import Operation, OperationState
from accounts.models.retention import Retention
from accounts.models.users import LoginSession, User

__all__ = [
    "DELETIONS",
    "LONGEST_PAUSE",
    "OFFERED_FOR",
    "UNSOLICITED",
    "Account",
    "AuditEntry",
    "AuditObject",
    "BlockReason",
    "Customer",
    "CustomerAddress",
    "Deed",
    "DeliveryFault",
    "EmailBlock",
    "Erasure",
    "ExportFile",
    "ExportPart",
    "FormerStripeCustomer",
    "LeaderTexts",
    "LeaderWord",
    "Letter",
    "LetterKind",
    "LetterQuota",
    "ListFile",
    "ListImport",
    "ListImportRow",
    "LoginSession",
    "MailOutage",
    "MergedCustomer",
    "NewsSource",
    "Operation",
    "OperationState",
    "PastDuePolicy",
    "PauseAccess",
    "PaysAtStudio",
    "Plan",
    "Retention",
    "Role",
    "RowState",
    "SchedulePage",
    "SeenBy",
    "Spreadsheet",
    "Staff",
    "StripeCustomer",
    "Thing",
    "User",
    "Verdict",
    "WaitingList",
]
