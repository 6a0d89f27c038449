"""The tables of the accounts app."""

from accounts.models.accounts import Account, PastDuePolicy, Plan, Role, SchedulePage, Spreadsheet, Staff
from accounts.models.customers import Customer, StripeCustomer
from accounts.models.letters import Letter
from accounts.models.users import User

__all__ = [
    "Account",
    "Customer",
    "Letter",
    "PastDuePolicy",
    "Plan",
    "Role",
    "SchedulePage",
    "Spreadsheet",
    "Staff",
    "StripeCustomer",
    "User",
]
