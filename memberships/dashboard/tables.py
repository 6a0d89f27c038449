"""The tables of customers' memberships, drawn row by row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString

from accounts.models import Account
from bookwhen.fastpath.row_templates import RowTemplate, joined
from bookwhen.links import numbered_links
from bookwhen.when import Days
from memberships.models import Subscription, SubscriptionState
from memberships.pauses import is_paused
from memberships.pausing import pause_obstacle
from memberships.subscription_rows import SubscriptionRow

_LISTED: Final = RowTemplate("memberships/dashboard/_listed.html")
_STATE: Final = RowTemplate("memberships/dashboard/_state.html")
_RENEWS: Final = RowTemplate("memberships/dashboard/_renews.html")


def draw_subscriptions(account: Account, rows: Iterable[SubscriptionRow], *, with_title: bool) -> SafeString:
    """Who has or had which membership (`with_title`), or one of them."""
    days, url = Days(account.zone), numbered_links("dashboard:subscription", account=account.slug)
    return joined(_listed(row, days, url(row.subscription.pk), with_title=with_title) for row in rows)


@dataclass(frozen=True, slots=True)
class HadMembership:
    """A membership as the page of the customer who has or had it tells of it, and what can be done from there."""

    subscription: Subscription
    cost: str
    state: SafeString
    renews: SafeString
    may_pause: bool
    may_resume: bool


def memberships_had(account: Account, rows: Iterable[SubscriptionRow]) -> list[HadMembership]:
    """What one customer has or had."""
    days = Days(account.zone)
    return [
        HadMembership(
            subscription=row.subscription,
            cost=row.cost,
            state=state_badge(row.state),
            renews=_renews(row, days),
            may_pause=not is_paused(row.subscription) and pause_obstacle(row.subscription) is None,
            may_resume=is_paused(row.subscription),
        )
        for row in rows
    ]


def state_badge(state: SubscriptionState) -> SafeString:
    """A customer's membership in a few words."""
    return _STATE.draw({"label": state.label}, state=state.value)


def _listed(row: SubscriptionRow, days: Days, url: str, *, with_title: bool) -> SafeString:
    found, customer = row.subscription, row.subscription.customer
    texts = {
        "url": url,
        "customer": str(customer),
        "email": customer.reached_at,
        "title": found.membership.title,
        "cost": row.cost,
        "state": state_badge(row.state),
        "started": days(found.started_at) if found.started_at else "",
        "renews": _renews(row, days),
        "changes_on": days(found.changes_at) if found.changes_at else "",
    }
    changes = bool(found.next_price and found.is_live)
    return _LISTED.draw(texts, has_name=bool(customer.name), with_title=with_title, changes=changes)


def _renews(row: SubscriptionRow, days: Days) -> SafeString:
    """When it renews, ends or ended."""
    goes, at = _goes(row)
    day = days.local(at) if at else None
    return _RENEWS.draw({"day": days(day) if day else "", "iso": day.isoformat() if day else ""}, goes=goes)


def _goes(row: SubscriptionRow) -> tuple[str, datetime | None]:
    """How it goes on, and when that begins."""
    found = row.subscription
    if row.ends:
        return "ended" if found.ended_at else "ends", row.ends
    if row.state != SubscriptionState.PAUSED:
        return "renews" if row.renews else "", row.renews
    if not found.pause_behavior:
        return "starts again", found.period_end
    return "paused until" if found.resumes_at else "paused", found.resumes_at
