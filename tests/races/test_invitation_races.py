"""Many join by one link, ask for one decision, or write to one customer, at one instant."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import Letter
from groups.links import services
from groups.links.models import InvitationLink, JoinRequest
from groups.models import Member, Standing
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.races.crowd import run_at_once, wait_for_everyone
from tickets.inviting import invite

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 20
MANY = 8
LEFT = 3


def link_with(most: int | None, *, needs_approval: bool = False) -> InvitationLink:
    group = GroupFactory.create()
    terms = services.LinkTerms(ends_at=None, most=most, needs_approval=needs_approval)
    return services.make_link(group, terms, key=uuid4(), now=NOW)


def test_control_counting_first_lets_everybody_in() -> None:
    """Without the constraint, who looks before they write finds room."""
    link = link_with(LEFT)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE groups_invitationlink DROP CONSTRAINT invitation_link_limit_holds")
    everybody_looked = wait_for_everyone(MANY)

    def naive(_number: int) -> bool:
        found = InvitationLink.objects.get(pk=link.pk)
        everybody_looked()
        if found.is_full:
            return False
        return bool(InvitationLink.objects.filter(pk=link.pk).update(joined=F("joined") + 1))

    try:
        assert run_at_once(MANY, naive) == [True] * MANY
        link.refresh_from_db()
        assert link.joined == MANY > LEFT
    finally:
        InvitationLink.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE groups_invitationlink ADD CONSTRAINT invitation_link_limit_holds"
                " CHECK (most IS NULL OR (joined <= most AND most >= 1))"
            )


def test_twenty_at_once_for_the_last_three_are_three() -> None:
    link = link_with(LEFT)
    customers = CustomerFactory.create_batch(CROWD, account=link.account)

    def act(number: int) -> str:
        try:
            return str(services.join(link, customers[number], now=NOW).state)
        except services.LinkFullError:
            return "full"

    assert Counter(run_at_once(CROWD, act)) == {"joined": LEFT, "full": CROWD - LEFT}
    link.refresh_from_db()
    assert (link.joined, JoinRequest.objects.count(), Standing.objects.count(), Member.objects.count()) == (
        LEFT, LEFT, LEFT, LEFT,
    )  # fmt: skip


def test_one_who_clicks_many_times_joins_once() -> None:
    link = link_with(None)
    customer = CustomerFactory.create(account=link.account)

    assert len(set(run_at_once(MANY, lambda _number: services.join(link, customer, now=NOW).pk))) == 1

    link.refresh_from_db()
    assert (link.joined, Standing.objects.count()) == (1, 1)


def test_one_who_asks_is_decided_about_once() -> None:
    link = link_with(None, needs_approval=True)
    request = services.join(link, CustomerFactory.create(account=link.account), now=NOW)

    def act(number: int) -> bool:
        return (services.accept if number % 2 else services.decline)(request, now=NOW)

    assert sum(run_at_once(MANY, act)) == 1
    request.refresh_from_db()
    link.refresh_from_db()
    is_in = request.state == "joined"
    assert (Letter.objects.count(), Standing.objects.count(), link.joined) == (1, int(is_in), int(is_in))


def test_a_link_that_is_renewed_by_two_at_once_is_one() -> None:
    link = link_with(None)

    def act(_number: int) -> bool:
        try:
            services.renew_link(link.group, key=uuid4(), now=NOW)
        except (services.LinkTakenError, services.LinkClosedError):
            return False
        return True

    assert any(run_at_once(MANY, act))
    assert InvitationLink.objects.filter(stopped_at__isnull=True).count() == 1


def test_one_customer_is_told_once_by_however_many() -> None:
    customers = CustomerFactory.create_batch(5, account=CustomerFactory.create().account)
    account = customers[0].account

    told = run_at_once(MANY, lambda number: invite(account, customers[:: 1 if number % 2 else -1], now=NOW))

    assert Counter(pk for some in told for pk in some) == {each.pk: 1 for each in customers}
    assert Letter.objects.count() == len(customers)
