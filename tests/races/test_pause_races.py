"""Pausing and resuming from many places at once: what Stripe has in the end is what we have, and told once."""

from typing import Final

import pytest
from django.utils import timezone

from accounts.models import Letter
from groups.models import Standing
from memberships.models import Milestone, MilestoneKind, Subscription
from memberships.pausing import pause_subscription, resume_subscription, set_access_during_pause
from tests.races.crowd import run_at_once
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY: Final = 6


def load(subscription: Subscription) -> Subscription:
    return Subscription.objects.with_connection().get(pk=subscription.pk)


def test_paused_by_many_at_once_it_is_told_once(seller: Seller) -> None:
    bought = seller.sell()

    def act(number: int) -> None:
        if number % 3:
            pause_subscription(load(bought), until=None, who="Jo", now=timezone.now())
        else:
            seller.sync_subscription(bought)

    run_at_once(MANY, act)

    assert load(bought).pause_behavior == "void"
    assert Milestone.objects.filter(kind=MilestoneKind.PAUSED).count() == 1
    assert Letter.objects.filter(kind="membership_paused").count() == 1


def test_paused_resumed_and_let_in_at_once_ours_is_stripes(seller: Seller) -> None:
    bought = seller.sell()
    pause_subscription(load(bought), until=None, who="Jo", now=timezone.now())

    def act(number: int) -> None:
        now = timezone.now()
        match number % 3:
            case 0:
                resume_subscription(load(bought), who="Ada", now=now)
            case 1:
                pause_subscription(load(bought), until=None, who="Jo", now=now)
            case _:
                set_access_during_pause(load(bought), allowed=True, who="Jo", now=now)

    run_at_once(MANY, act)
    seller.sync_subscription(bought)

    ours, theirs = load(bought), seller.retrieve_subscription(bought).pause_collection
    assert ours.pause_behavior == (theirs.behavior if theirs else "")
    assert Standing.objects.at(timezone.now()).filter(ground=bought.uuid).count() == 1
    told = {kind: Milestone.objects.filter(kind=kind).count() for kind in (MilestoneKind.PAUSED, MilestoneKind.RESUMED)}
    assert told[MilestoneKind.PAUSED] - told[MilestoneKind.RESUMED] == bool(ours.pause_behavior)
