"""What people type on a phone or in their own script is sold like anything else."""

import pytest
from django.utils import timezone

from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from tests.worlds.seller import Seller

TITLES = ["Men’s club", "Abonnement d’été – 10 €", "会員", "🧘" * 50, "x" * 100]


@pytest.mark.parametrize("title", TITLES, ids=["apostrophe", "accents", "script", "emoji", "long"])
def test_p1_a_membership_and_its_price_are_sold_whatever_they_are_called(seller: Seller, title: str) -> None:
    now = timezone.now()
    membership = create_membership(seller.account, MembershipDetails(title=title), group=None, now=now)
    price = add_price(membership, PriceTerms(title=title, amount=500), now=now)
    set_published(membership, published=True)
    membership.refresh_from_db()

    bought = seller.sell(seller.customer(name=title), price)

    assert bought.is_live
    assert seller.stripe.products.retrieve(membership.product).name == title
    assert seller.stripe.prices.retrieve(price.stripe_id).nickname == title
