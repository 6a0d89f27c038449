"""Who stands on a subscription's ground is found by an index: each look at Stripe asks for it."""

import pytest

from bench.scale import dataset
from bench.scale.meter import measure
from groups.models import Standing
from memberships.models import Subscription

pytestmark = pytest.mark.django_db


def test_others_who_stand_in_groups_are_not_walked(grown: None) -> None:
    ground = Subscription.objects.filter(account=dataset.studio(dataset.BIG)).earliest("pk").uuid

    found = list[int]()

    cost = measure(lambda: found.extend(Standing.objects.on_ground(ground).values_list("member", flat=True)), times=1)

    assert len(set(found)) == 1
    assert cost
    assert cost.blocks <= 5, cost.relations
