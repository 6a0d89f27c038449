"""What each plan has: the words on the pages that compare them."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Plan


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan, in a line and in points."""

    plan: Plan
    line: str | Promise
    points: tuple[str | Promise, ...]


PLANS: Final = (
    PlanFacts(
        Plan.FREE,
        _("For one person with one schedule"),
        (_("Schedule, tickets and bookings"), _("1 schedule page"), _("1 team member")),
    ),
    PlanFacts(
        Plan.STANDARD,
        _("For studios with members"),
        (
            _("Everything in Free"),
            _("Customer groups and their offers"),
            _("Exclusive tickets"),
            _("As many pages and team members as you like"),
        ),
    ),
    PlanFacts(
        Plan.PLUS,
        _("For businesses with several locations"),
        (_("Everything in Standard"), _("Priority support")),
    ),
)
