"""River Studio, which sells its membership Gold through the Stripe sandbox; a class in two days; Ada, who buys it."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Customer
from memberships.models import Subscription
from tests.factories.schedule import create_customer_with_login
from tests.worlds.seller import Seller
from tickets.models import Entry


@dataclass
class GoldShop:
    """River Studio, whose Gold costs £40.00 a month and gives three places a month."""

    seller: Seller
    entry: Entry

    @property
    def gold(self) -> str:
        """Gold's page."""
        return f"/river/memberships/{self.seller.membership.pk}/"

    @property
    def price_form(self) -> dict[str, str]:
        """The form that chooses the one price."""
        return {"price": str(self.seller.price.uuid)}

    def create_ada(self) -> Customer:
        """Somebody with a login, whom the studio knows."""
        return create_customer_with_login(self.seller.account, name="Ada Lovelace")

    def sell(self, customer: Customer | None = None, **given: Any) -> Subscription:
        """Gold as somebody bought it."""
        return self.seller.sell(customer or self.create_ada(), **given)

    def fail_payment(self, subscription: Subscription) -> Subscription:
        """Let a subscription's next payment fail, and hear of it."""
        self.seller.sandbox.advance("period")
        self.seller.sync_subscription(subscription)
        subscription.refresh_from_db()
        return subscription
