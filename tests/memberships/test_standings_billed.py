"""What the migration tells standings from before: the instant of their subscription's billing anchor."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection

from groups.models import Standing
from memberships.models import SubscriptionStatus
from tests.factories.schedule import NOW
from tests.worlds.counted_studio import CountedStudio

pytestmark = pytest.mark.django_db

BILLED: str = import_module("memberships.migrations.0004_standings_billed").BILLED


def test_standings_from_before_learn_their_billing_anchor_and_no_others() -> None:
    studio = CountedStudio()
    second = studio.let_in(studio.subscribe(SubscriptionStatus.ACTIVE, billing_anchor=NOW))
    known = studio.let_in(studio.subscribe(SubscriptionStatus.ACTIVE, billing_anchor=NOW))
    unknown = studio.let_in(studio.subscribe(SubscriptionStatus.ACTIVE))
    Standing.objects.filter(pk__in=[second.pk, unknown.pk]).update(anchor_at=None)
    by_hand = Standing.objects.get(source="manual")

    for _again in range(2):
        with connection.cursor() as cursor:
            cursor.execute(BILLED)

    found = dict(Standing.objects.values_list("pk", "anchor_at"))
    day_before = NOW - timedelta(days=1)
    assert (found[second.pk], found[known.pk], found[unknown.pk], found[by_hand.pk]) == (NOW, day_before, None, None)


def test_standing_by_hand_has_no_billing_anchor() -> None:
    CountedStudio()

    with pytest.raises(IntegrityError, match="standing_billed_by_membership"):
        Standing.objects.filter(source="manual").update(anchor_at=NOW)
