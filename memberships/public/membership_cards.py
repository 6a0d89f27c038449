"""What a page sells, as a visitor sees it: with what it costs, what it gives, and whether they have it already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Customer, SchedulePage
from memberships.models import Membership, Price, Subscription
from memberships.phrases import price_text, trial_text
from memberships.public.benefits import Benefit, load_benefits
from memberships.queries import memberships_had, memberships_on_sale, taken_by_membership


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOption:
    """A price; `trial`: the free days that this visitor begins with, nothing for who had the membership before."""

    price: Price
    cost: str
    trial: str

    @property
    def text(self) -> str:
        """The price in one line: “Monthly: £40.00 every month, 7 days free”."""
        told = {"title": self.price.title, "cost": self.cost, "trial": self.trial}
        return (_("%(title)s: %(cost)s, first %(trial)s") if self.trial else _("%(title)s: %(cost)s")) % told


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipCard:
    """A membership on sale. `theirs` is the visitor's subscription, where they have it or it waits to be paid.

    `others` are their subscriptions to other memberships of the studio, any of which can be changed to this one.
    """

    membership: Membership
    price_options: Sequence[PriceOption]
    benefits: Sequence[Benefit]
    theirs: Subscription | None
    others: Sequence[Subscription] = ()

    @property
    def is_change_only(self) -> bool:
        """Whether to buy it as well would give the visitor nothing: another lets them into the same group."""
        return any(each.membership.group_id == self.membership.group_id for each in self.others)

    @property
    def price_to_change_to(self) -> str:
        """The query that names its one price on the page that changes another membership; of several, it alone."""
        prices = self.price_options
        return f"?price={prices[0].price.uuid}" if len(prices) == 1 else f"?to={self.membership.pk}"

    @property
    def trial(self) -> str:
        """Which prices begin with free days: all, some, or none (empty)."""
        free = sum(bool(tag.trial) for tag in self.price_options)
        return "all" if free == len(self.price_options) else "some" if free else ""


def memberships_for_sale(
    page: SchedulePage, customer: Customer | None, *, only: int | None = None
) -> list[MembershipCard]:
    """What a page (with its account and connection) sells, or `only` one membership (id) of it; a few statements."""
    sold = list(memberships_on_sale(page) if only is None else memberships_on_sale(page).filter(pk=only))
    if not sold:
        return []
    keys = [membership.pk for membership in sold]
    given = load_benefits({membership.group_id for membership in sold})
    theirs = taken_by_membership(customer) if customer else {}
    before = memberships_had(customer, keys) if customer else set[int]()
    return [
        MembershipCard(
            membership=membership,
            price_options=[
                _price_option(price, page.account.locale, fresh=membership.pk not in before)
                for price in membership.on_sale
            ],
            benefits=given[membership.group_id],
            theirs=theirs.get(membership.pk),
            others=[] if membership.pk in theirs else [each for each in theirs.values() if each.is_live],
        )
        for membership in sold
    ]


def _price_option(price: Price, locale: str, *, fresh: bool) -> PriceOption:
    return PriceOption(price=price, cost=price_text(price, locale), trial=trial_text(price.trial_days) if fresh else "")
