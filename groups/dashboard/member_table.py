"""The table of a group's *Customers*, drawn row by row."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from bookwhen.fastpath.row_templates import RowTemplate, joined
from bookwhen.links import numbered_links
from bookwhen.when import Days
from groups.dashboard.members import MemberRow, OfferUsage
from groups.models import Group, StandingSource
from memberships.models import SubscriptionState
from offers.messages import offer_title, resets_text

_MEMBER: Final = RowTemplate("groups/dashboard/_member.html")
_USE: Final = RowTemplate("groups/dashboard/_use.html")
_STATE: Final = RowTemplate("memberships/dashboard/_state.html")


def draw_members(group: Group, rows: Iterable[MemberRow], *, may_choose: bool = False) -> SafeString:
    """The rows of a group (with its account) as the table shows them; `may_choose`: each with a box to tick."""
    draw = _Table(group, may_choose=may_choose)
    return joined(map(draw.row, rows))


class _Table:
    """What all rows have in common."""

    def __init__(self, group: Group, *, may_choose: bool) -> None:
        self.may_choose = may_choose
        of_account = {"account": group.account.slug}
        of_group = {**of_account, "pk": group.pk}
        self.days = Days(group.account.zone)
        self.customer = numbered_links("dashboard:customer", **of_account)
        self.subscription = numbered_links("dashboard:subscription", **of_account)
        self.start = numbered_links("dashboard:customer_start_date", number="member", **of_group)
        self.remove = numbered_links("dashboard:customer_remove", number="member", **of_group)
        self.resets = dict[tuple[int, date], str]()
        self.check, self.group = reverse("dashboard:check_access", kwargs=of_account), group.pk

    def row(self, row: MemberRow) -> SafeString:
        """One of them."""
        member, customer, until = row.member, row.member.customer, row.until
        resets = self._resets(row)
        texts = {
            "customer_url": self.customer(customer.pk),
            "name": str(customer),
            "email": customer.reached_at,
            "invited": self.days(customer.invited_at) if customer.invited_at and not member.has_login else "",
            "since": self.days(row.since),
            "until": self.days.minute(until) if until else "",
            "resets": resets,
            "held": self._held(row),
            "troubles": _troubles(row),
            "uses": self._uses(row.uses),
            "member": member.pk,
            "check_url": f"{self.check}?customer={customer.pk}&group={self.group}",
            "start_url": self.start(member.pk),
            "remove_url": self.remove(member.pk),
        }
        return _MEMBER.draw(
            texts,
            has_name=bool(customer.name),
            has_login=member.has_login,
            has_contact=customer.contact_id is not None,
            was_invited=customer.invited_at is not None and not member.has_login,
            ends=until is not None,
            through_membership=row.ruling.source == StandingSource.MEMBERSHIP,
            by_hand=row.by_hand,
            by_link=row.by_link and row.by_hand,
            has_uses=bool(row.uses),
            has_resets=bool(resets),
            may_choose=self.may_choose,
        )

    def _resets(self, row: MemberRow) -> str:
        """When their allowances reset; two offers of one kind of period say it once."""
        day, said = row.ruling.anchor, dict[str, None]()
        for use in row.uses:
            if (use.offer.pk, day) not in self.resets:
                self.resets[use.offer.pk, day] = resets_text(use.offer, day)
            said[self.resets[use.offer.pk, day]] = None
        return " · ".join(filter(None, said))

    def _held(self, row: MemberRow) -> SafeString:
        subscriptions = [each.subscription for each in row.held]
        links = ((self.subscription(each.pk), each.membership.title) for each in subscriptions)
        return format_html_join("", ' <a href="{}"><bdi>{}</bdi></a>', links)

    def _uses(self, uses: Sequence[OfferUsage]) -> SafeString:
        return joined(self._use(each, is_one_of_several=len(uses) > 1) for each in uses)

    def _use(self, use: OfferUsage, *, is_one_of_several: bool) -> SafeString:
        limit, ends_on = use.limit, None if use.period.is_last else use.period.ends_on
        texts = {
            "title": offer_title(use.offer, use.number),
            "used": use.used,
            "limit": limit or 0,
            "high": (limit or 0) - 1,
            "left": use.left or 0,
            "day": self.days(ends_on) if ends_on else "",
        }
        shape = {"is_limited": limit is not None, "resets": ends_on is not None}
        return _USE.draw(texts, is_one_of_several=is_one_of_several, **shape)


def _troubles(row: MemberRow) -> SafeString:
    """The states of memberships that do not simply go on."""
    states = (each.state for each in row.held if each.state != SubscriptionState.ACTIVE)
    return format_html_join(
        "", "<small>{}</small>", ((_STATE.draw({"label": each.label}, state=each.value),) for each in states)
    )
