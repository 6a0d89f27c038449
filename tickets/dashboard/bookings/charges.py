"""What of a customer's offers the studio would charge for them, in words for operators."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from offers.eligibility import Verdict
from offers.messages import explain, format_day
from tickets.annotated import OfferAtEntry
from tickets.booking.studio_terms import is_charged


def charges_text(verdicts: Sequence[Verdict], offers: Mapping[int, OfferAtEntry], customer: Customer) -> str:
    """What booking by these verdicts takes of a customer's offers, and what is left; empty where nothing is charged."""
    charged = [verdict for verdict in verdicts if is_charged(verdict)]
    counts = Counter((verdict.offer, verdict.period) for verdict in charged)
    # The last of those that draw on one allowance says what is left of it.
    last = {(verdict.offer, verdict.period): verdict for verdict in sorted(charged, key=_most_left)}
    return " ".join(_charge_text(last[key], number, offers, customer) for key, number in counts.items())


def _most_left(verdict: Verdict) -> int:
    return -(verdict.uses_left or 0)


def _charge_text(verdict: Verdict, number: int, offers: Mapping[int, OfferAtEntry], customer: Customer) -> str:
    named = {"name": str(customer), "group": str(offers[verdict.offer or 0].group)}
    if verdict.limit is None:
        return _("Included in %(name)s’s “%(group)s”, without a limit.") % named
    words = ngettext(
        "%(count)d of %(name)s’s %(limit)d tickets (%(group)s) is used.",
        "%(count)d of %(name)s’s %(limit)d tickets (%(group)s) are used.",
        number,
    ) % {**named, "count": number, "limit": verdict.limit}
    return f"{words} {_left_text(verdict)}"


def _left_text(verdict: Verdict) -> str:
    last = verdict.period.last_day if verdict.period else None
    if last is None:
        return ngettext("%(count)d left.", "%(count)d left.", verdict.uses_left or 0) % {
            "count": verdict.uses_left or 0
        }
    words = ngettext("%(count)d left until %(day)s.", "%(count)d left until %(day)s.", verdict.uses_left or 0)
    return words % {"count": verdict.uses_left or 0, "day": format_day(last)}


def refusal_text(verdict: Verdict, customer: Customer, zone: ZoneInfo) -> str:
    """Why the rule says no, as the customer would read it."""
    return _("%(name)s would read: “%(words)s”") % {
        "name": customer,
        "words": explain(verdict, zone=zone, address=customer.reached_at),
    }
