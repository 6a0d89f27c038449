"""A studio whose subscriptions are changed at Stripe, past us, and what we make of it."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Letter, Role, Staff
from bookwhen.payments import inbox, upkeep
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from memberships.models import Invoice, Milestone, Subscription
from memberships.phrases import next_amount_text, subscription_cost
from tests.browsing import open_browser, page_text
from tests.factories.accounts import UserFactory
from tests.worlds.seller import Seller, open_seller


class AtStripe:
    """What the operator does in Stripe's dashboard, and what customers see here afterwards."""

    def __init__(self, sandbox: Sandbox, **account: Any) -> None:
        self.seller: Seller = open_seller(sandbox, **account)
        self.sandbox = sandbox

    @property
    def v1(self) -> Any:
        return self.seller.stripe

    def price(self, product: str = "", **terms: Any) -> str:
        """A price of the membership's product, or of another one, made at Stripe."""
        made = {"product": product or self.seller.membership.product, "currency": "gbp"}
        return str(self.v1.prices.create({**made, "recurring": {"interval": "month"}, **terms}).id)

    def addon(self, amount: int = 1500) -> str:
        """A price of something that is not ours: a locker."""
        return self.price(self.v1.products.create({"name": "Locker"}).id, unit_amount=amount)

    def item(self, bought: Subscription) -> str:
        return str(self.seller.retrieve_subscription(bought)["items"].data[0].id)

    def change(self, bought: Subscription, **given: Any) -> Subscription:
        """Change it at Stripe without a proration, and look."""
        asked = {"proration_behavior": "none", **given} if "items" in given else given
        self.v1.subscriptions.update(bought.stripe_id, asked)
        return self.look(bought)

    def look(self, bought: Subscription) -> Subscription:
        """What a worker does for any event of it."""
        self.seller.sync_subscription(bought)
        return Subscription.objects.select_related("price", "account").get(pk=bought.pk)

    def customer(self, bought: Subscription) -> str:
        return str(self.seller.retrieve_subscription(bought).customer)

    def catch_up(self) -> None:
        """Take in what Stripe lists, and look at all that is due."""
        upkeep.catch_up(self.seller.connection, now=timezone.now())
        while inbox.process_event(now=timezone.now()):
            pass

    def sell_failing(self) -> tuple[Subscription, Invoice]:
        """Somebody whose card is refused at the renewal, and the bill that is open."""
        bought = self.seller.sell()
        portal = self.seller.gateway.open_portal(
            customer=self.customer(bought), configuration="", return_url="http://testserver/"
        )
        self.sandbox.shopper.update_card(portal, FAILS_LATER)
        self.sandbox.advance("period")
        return self.look(bought), Invoice.objects.get(subscription=bought, status="open")


@pytest.fixture
def at_stripe(stripe_here: Sandbox, db: None) -> AtStripe:
    return AtStripe(stripe_here)


def costs(bought: Subscription) -> tuple[str, str]:
    """What it costs, and what is billed next, as people read it."""
    return subscription_cost(bought, "en-gb"), next_amount_text(bought, "en-gb")


def history(bought: Subscription) -> list[str]:
    """Its history after it began, oldest first."""
    return list(bought.milestones.order_by("pk").values_list("kind", flat=True))[2:]


def letters(bought: Subscription) -> list[str]:
    """What its customer was sent after it began, oldest first."""
    found = Letter.objects.filter(recipient=bought.customer.email).order_by("pk")
    return [kind.removeprefix("membership_") for kind in found.values_list("kind", flat=True)][1:]


def newest_letter(bought: Subscription) -> str:
    return str(Letter.objects.filter(recipient=bought.customer.email).latest("pk").text)


def bills(bought: Subscription) -> list[tuple[str, str]]:
    """Each bill's status and what became of it, oldest first."""
    found = Invoice.objects.filter(subscription=bought).order_by("created_at", "pk")
    return list(found.values_list("status", "settlement"))


def milestones(bought: Subscription) -> int:
    return Milestone.objects.filter(subscription=bought).count()


def member_page(bought: Subscription) -> str:
    """What its customer, who has a login, reads of it."""
    assert bought.customer.user is not None
    return page_text(open_browser(bought.customer.user).get(f"/my/memberships/{bought.uuid}/"))


def operator_page(bought: Subscription) -> str:
    """What the studio reads of it."""
    owner = UserFactory.create()
    Staff.objects.create(account=bought.account, user=owner, role=Role.OWNER)
    return page_text(open_browser(owner).get(f"/dashboard/{bought.account.slug}/subscriptions/{bought.pk}/"))
