"""*Import from Stripe*: members who pay elsewhere already are taken over where they are, and Stripe is only read."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from accounts.imports.retention import KEPT
from accounts.imports.services import (
    NotNowError,
    begin_import,
    can_be_undone,
    confirm_import,
    decide_row,
    undo_import,
)
from accounts.models import Letter, ListImport, ListImportRow, StripeCustomer
from accounts.operations.running import run_operation
from accounts.operations.services import OperationOpenError, cancel_operation
from accounts.tasks import forget_imports
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.sandbox.stripe import api
from groups.models import Group, Standing
from groups.services import add_customers
from memberships.catalogue import MembershipDetails, create_membership
from memberships.importing.source import STRIPE
from memberships.importing.summary import summarise
from memberships.models import LeftOut, Membership, Milestone, Price, Subscription, SubscriptionSource
from tests.memberships.importing.steps import at_stripe, compare, look_at, people
from tests.worlds.elsewhere import Elsewhere, verdicts

pytestmark = pytest.mark.django_db


def test_everybody_is_taken_over_where_they_are(studio: Elsewhere) -> None:
    gold, silver = studio.price("Gold"), studio.price("Silver", 2500)
    ids = [studio.member("ada@example.org", gold), studio.member("Bea@Example.org", silver)]
    before = at_stripe(studio)

    done = studio.take_over(Gold="new", Silver="new")

    assert done.operation.state == "done"
    assert at_stripe(studio) == before
    assert people() == ["ada@example.org", "bea@example.org"]
    ours = Subscription.objects.get(stripe_id=ids[0])
    theirs = studio.gateway().subscription(ids[0])
    assert (ours.status, ours.period_end, ours.billing_anchor) == ("active", theirs.period_end, theirs.billing_anchor)
    assert (ours.source, ours.price.stripe_id, ours.price.published) == (SubscriptionSource.STRIPE, gold, False)
    assert list(Milestone.objects.values_list("kind", flat=True)) == ["imported", "imported"]
    assert Standing.objects.get(ground=ours.uuid).member.group.name == "Gold"
    assert StripeCustomer.objects.get(customer=ours.customer).stripe_id == theirs.customer
    assert {membership.title: membership.published for membership in Membership.objects.all()} == {
        "Gold": False,
        "Silver": False,
    }
    assert not Letter.objects.exists()
    assert compare(studio) == 0


def test_a_row_is_told_once_how_to_get_in_where_the_operator_wants_it(studio: Elsewhere) -> None:
    studio.member("ada@example.org", studio.price())

    studio.take_over(letter=True, Gold="new")

    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient) == ("added", "ada@example.org")
    assert "Thank you" not in letter.text


def test_the_same_import_again_changes_nothing_and_takes_only_who_is_new(studio: Elsewhere) -> None:
    price = studio.price()
    studio.member("ada@example.org", price)
    studio.take_over(Gold="new")
    membership = Membership.objects.get()

    again = studio.judge(studio.read(), Gold=f"membership:{membership.pk}")
    assert verdicts(again) == {"ada@example.org": ("unchanged", "ours")}
    cancel_operation(again.operation, now=timezone.now())
    studio.member("bea@example.org", price)
    last = studio.take_over(Gold=f"membership:{membership.pk}")

    assert people() == ["ada@example.org", "bea@example.org"]
    assert list(last.rows.values_list("state", flat=True).order_by("number")) == ["applied", "read"]
    assert Membership.objects.count() == Price.objects.count() == 1


def test_a_renewal_after_the_import_is_told_like_any_other(studio: Elsewhere) -> None:
    stripe_id = studio.member("ada@example.org", studio.price())
    studio.take_over(Gold="new")

    studio.sandbox.advance("period")
    look_at(studio, stripe_id)

    assert list(Letter.objects.values_list("kind", flat=True)) == ["membership_renewed"]


def test_what_would_become_of_each(studio: Elsewhere) -> None:
    gold, shop = studio.price(), studio.price("Tea", 900)
    group = Group.objects.create(account=studio.account, name="Members")
    membership = create_membership(studio.account, MembershipDetails(title="Gold"), group=group, now=timezone.now())
    add_customers(group, {"hand@example.org": "Hand"}, now=timezone.now())
    # Stripe lists the newest first.
    twice = studio.person("twice@example.org")
    studio.subscribe(twice, gold)
    studio.subscribe(twice, gold)
    studio.member("same@example.org", gold)
    studio.member("Same@example.org", studio.price("Gold", 100))
    studio.member("hand@example.org", gold)
    studio.member("many@example.org", gold, quantity=3)
    studio.member("tea@example.org", shop)
    studio.member("dollar@example.org", studio.price("Gold", 4000, currency="usd"))
    studio.member("mine@example.org", gold, metadata={"bookwhen_endpoint": str(uuid4())})
    studio.member("plain@example.org", gold)
    nobody = studio.member(None, gold)

    judged = studio.judge(studio.read(), Gold=f"membership:{membership.pk}", Tea="leave")

    found = [(row.raw["email"] or row.key, row.verdict, row.why) for row in judged.rows.order_by("number")]
    assert found == [
        (nobody, "doubtful", "no_address"),
        ("plain@example.org", "new", "ready"),
        ("mine@example.org", "refused", "marked"),
        ("dollar@example.org", "doubtful", "currency"),
        ("tea@example.org", "refused", "not_mapped"),
        ("many@example.org", "doubtful", "several"),
        ("hand@example.org", "new", "by_hand"),
        ("Same@example.org", "new", "ready"),
        ("same@example.org", "doubtful", "twice"),
        ("twice@example.org", "new", "ready"),
        ("twice@example.org", "doubtful", "twice"),
    ]


def test_two_stripe_customers_with_one_address_are_asked_about(studio: Elsewhere) -> None:
    """A mother and her daughter, with different memberships: the second must not vanish, nor become the first."""
    studio.member("home@example.org", studio.price("Junior", 2000))
    studio.member("home@example.org", studio.price("Gold"))
    judged = studio.judge(studio.read(), Gold="new", Junior="new")
    mother, daughter = judged.rows.order_by("number")
    assert (mother.why, daughter.why) == ("ready", "same_address")

    decide_row(daughter, {"email": "daughter@example.org"}, chosen=True, now=timezone.now())
    confirm_import(judged, now=timezone.now())
    studio.run(judged)

    assert people() == ["daughter@example.org", "home@example.org"]


def test_leaving_the_first_of_two_out_clears_the_second(studio: Elsewhere) -> None:
    person, price = studio.person("ada@example.org"), studio.price()
    studio.subscribe(person, price)
    studio.subscribe(person, price)
    judged = studio.judge(studio.read(), Gold="new")
    first, second = judged.rows.order_by("number")
    assert (first.why, second.why) == ("ready", "twice")

    decide_row(first, {}, chosen=False, now=timezone.now())

    assert list(judged.rows.wanted().values_list("pk", flat=True)) == [second.pk]


def test_who_has_no_address_stays_out_until_one_is_typed(studio: Elsewhere) -> None:
    price = studio.price()
    stripe_id = studio.member(None, price)
    studio.member("ada@example.org", price)
    studio.take_over(Gold="new")
    membership = Membership.objects.get()
    assert people() == ["ada@example.org"]
    assert look_at(studio, stripe_id) is Outcome.IGNORED
    assert compare(studio) == 0

    judged = studio.judge(studio.read(), Gold=f"membership:{membership.pk}")
    row = judged.rows.get(key=stripe_id)
    decide_row(row, {"email": "bea@example.org"}, chosen=True, now=timezone.now())
    confirm_import(judged, now=timezone.now())
    studio.run(judged)

    assert people() == ["ada@example.org", "bea@example.org"]
    assert not LeftOut.objects.exists()
    assert compare(studio) == 0


def test_who_was_left_out_stays_foreign_whatever_happens_at_stripe(studio: Elsewhere) -> None:
    price = studio.price()
    left, taken = studio.member("ada@example.org", price), studio.member("bea@example.org", price)
    judged = studio.judge(studio.read(), Gold="new")
    decide_row(judged.rows.get(key=left), {}, chosen=False, now=timezone.now())
    confirm_import(judged, now=timezone.now())
    studio.run(judged)

    studio.sandbox.advance("period")
    outcomes = {each: look_at(studio, each) for each in (left, taken)}

    assert outcomes == {left: Outcome.IGNORED, taken: Outcome.DONE}
    assert people() == ["bea@example.org"]
    assert compare(studio) == 0


def test_what_had_ended_before_we_heard_of_it_is_none_of_ours(studio: Elsewhere) -> None:
    price = studio.price()
    ended = studio.member("ada@example.org", price)
    studio.at_stripe("DELETE /v1/subscriptions/{subscription_exposed_id}", {}, ended)
    studio.member("bea@example.org", price)

    studio.take_over(Gold="new")

    assert look_at(studio, ended) is Outcome.IGNORED
    assert compare(studio) == 0
    assert not Letter.objects.exists()


def test_what_ended_between_looking_and_importing_is_not_taken(studio: Elsewhere) -> None:
    stripe_id = studio.member("ada@example.org", studio.price())
    judged = studio.judge(studio.read(), Gold="new")
    studio.at_stripe("DELETE /v1/subscriptions/{subscription_exposed_id}", {}, stripe_id)

    confirm_import(judged, now=timezone.now())
    done = studio.run(judged)

    row = done.rows.get()
    assert (done.operation.state, row.state, row.verdict, row.why) == ("done", "read", "refused", "not_live")
    assert people() == []


def test_an_event_that_comes_while_an_import_runs_waits_for_it(studio: Elsewhere) -> None:
    stripe_id = studio.member("ada@example.org", studio.price())
    judged = studio.judge(studio.read(), Gold="new")
    confirm_import(judged, now=timezone.now())
    run_operation(judged.operation_id, seconds=0)
    assert Price.objects.count() == 1

    with pytest.raises(NotYetError):
        look_at(studio, stripe_id)
    assert people() == []
    studio.run(judged)

    assert look_at(studio, stripe_id) is Outcome.DONE
    assert not Letter.objects.exists()


def test_what_a_cancelled_import_did_not_get_to_is_left_out(studio: Elsewhere) -> None:
    stripe_id = studio.member("ada@example.org", studio.price())
    judged = studio.judge(studio.read(), Gold="new")
    confirm_import(judged, now=timezone.now())
    run_operation(judged.operation_id, seconds=0)

    cancel_operation(judged.operation, now=timezone.now())

    assert look_at(studio, stripe_id) is Outcome.IGNORED
    assert people() == []


def test_stripe_away_in_the_middle_costs_a_minute(studio: Elsewhere) -> None:
    price = studio.price()
    for number in range(3):
        studio.member(f"m{number}@example.org", price)
    judged = studio.judge(studio.read(), Gold="new")
    confirm_import(judged, now=timezone.now())
    run_operation(judged.operation_id, seconds=0)
    studio.sandbox.arm("error", "GET /v1/subscriptions", times=3)

    run_operation(judged.operation_id)
    judged.operation.refresh_from_db()
    assert (judged.operation.state, judged.operation.attempts) == ("queued", 1)
    with travel(judged.operation.due_at):
        done = studio.run(judged)

    assert done.operation.state == "done"
    assert people() == ["m0@example.org", "m1@example.org", "m2@example.org"]


def test_one_that_cannot_be_taken_over_stops_no_other(studio: Elsewhere) -> None:
    price, other = studio.price(), studio.price("Tea", 900)
    moved = studio.member("ada@example.org", price)
    studio.member("bea@example.org", price)
    judged = studio.judge(studio.read(), Gold="new")
    world = api.world_of(studio.sandbox.platform, studio.key)
    item = world.objects["subscription"][moved]["items"]["data"][0]
    item["price"] = world.objects["price"][other]

    confirm_import(judged, now=timezone.now())
    done = studio.run(judged)

    assert people() == ["bea@example.org"]
    row = done.rows.get(key=moved)
    assert (row.state, row.error) == ("failed", "Its price has changed in Stripe. Import again to include it.")


def test_only_one_import_is_open_at_a_time(studio: Elsewhere) -> None:
    studio.member("ada@example.org", studio.price())
    done = studio.take_over(Gold="new")
    studio.read()

    with pytest.raises(OperationOpenError):
        undo_import(done, now=timezone.now())
    done.operation.refresh_from_db()
    assert done.operation.phase == "apply"


def test_an_import_is_confirmed_once(studio: Elsewhere) -> None:
    studio.member("ada@example.org", studio.price())
    judged = studio.judge(studio.read(), Gold="new")

    confirm_import(judged, now=timezone.now())
    with pytest.raises(NotNowError):
        confirm_import(judged, now=timezone.now())
    with pytest.raises(NotNowError):
        decide_row(judged.rows.get(), {}, chosen=False, now=timezone.now())


def test_the_same_form_begins_one_import(studio: Elsewhere) -> None:
    key = uuid4()
    begun = {begin_import(studio.account, STRIPE, who="Ada", key=key, now=timezone.now()).pk for _ in range(2)}

    assert len(begun) == ListImport.objects.count() == 1


def test_rows_are_forgotten_after_a_while_and_the_counts_stay(studio: Elsewhere) -> None:
    studio.member("ada@example.org", studio.price())
    done = studio.take_over(Gold="new")
    waiting = studio.read()

    with travel(timezone.now() + KEPT - timedelta(minutes=1)):
        forget_imports()
    assert ListImportRow.objects.count() == 2
    with travel(timezone.now() + KEPT + timedelta(minutes=1)):
        forget_imports()

    done.refresh_from_db()
    waiting.operation.refresh_from_db()
    assert (done.counts, can_be_undone(done)) == ({"applied": 1}, False)
    assert waiting.operation.state == "cancelled"
    assert ListImportRow.objects.count() == 0
    assert people() == ["ada@example.org"]


def test_the_sum_a_month_beside_stripes(studio: Elsewhere) -> None:
    gold, yearly, weekly = studio.price(), studio.price("Gold", 12000, "year"), studio.price("Tea", 300, "week")
    for email, price in (("a", gold), ("b", yearly), ("c", weekly)):
        studio.member(f"{email}@example.org", price)
    studio.member("d@example.org", gold, quantity=2)

    judged = studio.judge(studio.read(), Gold="new", Tea="leave")

    with CaptureQueriesContext(connection) as asked:
        [found] = summarise(judged).monthly_sums()
    assert len(asked) == 1
    assert (found.currency, found.imported, found.at_stripe, found.unknown) == ("GBP", 5000, 14300, 0)


def test_lists_alone_are_asked_for(studio: Elsewhere) -> None:
    """A hundred a call; what else an import asks for does not grow with the subscriptions."""
    price = studio.price()
    for number in range(120):
        studio.member(f"m{number}@example.org", price)
    calls: Counter[str] = Counter()
    studio.sandbox.arm("slow", times=1_000_000)

    def count(what: str) -> None:
        left = [fault["times"] for fault in studio.sandbox.platform.faults.armed() if fault["kind"] == "slow"]
        calls[what] = 1_000_000 - int(left[0]) - calls.total()

    read = studio.read()
    count("read")
    judged = studio.judge(read, Gold="new")
    count("judged")
    confirm_import(judged, now=timezone.now())
    studio.run(judged)
    count("applied")
    compare(studio)
    count("compared")

    assert Subscription.objects.count() == 120
    # Two pages and the products' names; the product's prices, what waits for next bills, and two pages; two pages.
    assert calls == {"read": 3, "judged": 0, "applied": 4, "compared": 2}
