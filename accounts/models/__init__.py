"""The tables of the accounts app."""

from accounts.models.accounts import Account, PastDuePolicy, Plan, Role, SchedulePage, Staff
from accounts.models.customers import Customer, StripeCustomer
from accounts.models.letters import Letter
from accounts.models.users import LoginSession, User

__all__ = [
    "Account",
    "Customer",
    "Letter",
    "LoginSession",
    "PastDuePolicy",
    "Plan",
    "Role",
    "SchedulePage",
    "Staff",
    "StripeCustomer",
    "User",
]
