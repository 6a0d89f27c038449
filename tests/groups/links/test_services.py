"""Joining a group by its link: who is let in, who asks, and who cannot."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer, Letter
from bookwhen.db import violated_constraint
from groups.catalogue import archive_group
from groups.links import services
from groups.links.models import InvitationLink, JoinRequest
from groups.links.queries import find_link
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.services import add_customers, remove_by_hand, set_end
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, add_member, add_membership_standing
from tests.groups.links.conftest import DAY, new_link

pytestmark = pytest.mark.django_db


def joined(link: InvitationLink) -> int:
    return InvitationLink.objects.values_list("joined", flat=True).get(pk=link.pk)


@pytest.fixture
def ada(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada")


def test_who_joins_stands_by_hand_from_today_and_is_counted(group: Group, ada: Customer) -> None:
    link = new_link(group, most=1)

    request = services.join(link, ada, now=NOW)

    standing = Standing.objects.get(member__customer=ada)
    assert (standing.source, standing.ground, standing.since, standing.until) == (
        StandingSource.MANUAL, BY_HAND, NOW, None,
    )  # fmt: skip
    assert (request.state, request.asked_at, request.decided_at, joined(link)) == ("joined", NOW, NOW, 1)
    assert Letter.objects.count() == 0


def test_joining_twice_is_joining_once(group: Group, ada: Customer) -> None:
    link = new_link(group)
    first = services.join(link, ada, now=NOW)
    assert services.join(link, ada, now=NOW + DAY) == first
    assert (Standing.objects.count(), joined(link)) == (1, 1)


@pytest.mark.parametrize("by_membership", [False, True])
def test_who_is_in_already_is_told_and_keeps_their_end(group: Group, ada: Customer, *, by_membership: bool) -> None:
    link, member = new_link(group), add_member(group, ada)
    if by_membership:
        remove_by_hand(member, now=NOW)
        add_membership_standing(member)
    else:
        set_end(member, NOW + DAY, now=NOW)
    before = list(Standing.objects.order_by("pk").values_list("source", "until"))

    with pytest.raises(services.AlreadyInError):
        services.join(link, ada, now=NOW)

    assert list(Standing.objects.order_by("pk").values_list("source", "until")) == before
    assert (JoinRequest.objects.count(), joined(link)) == (0, 0)


def test_who_was_in_before_goes_on_with_the_old_start_date(group: Group, ada: Customer) -> None:
    member = add_member(group, ada)
    Standing.objects.update(anchor=date(2029, 12, 3))
    remove_by_hand(member, now=NOW)

    services.join(new_link(group), ada, now=NOW + DAY)

    assert Standing.objects.at(NOW + DAY).get(member=member).anchor == date(2029, 12, 3)


def test_who_was_removed_does_not_come_back_by_the_same_link(group: Group, ada: Customer) -> None:
    link = new_link(group)
    services.join(link, ada, now=NOW)
    remove_by_hand(Member.objects.get(), now=NOW + DAY)

    assert services.join(link, ada, now=NOW + 2 * DAY).state == "joined"

    assert not services.is_in(group, ada, now=NOW + 2 * DAY)
    services.stop_link(link, now=NOW + 2 * DAY)
    services.join(new_link(group), ada, now=NOW + 2 * DAY)
    assert services.is_in(group, ada, now=NOW + 2 * DAY)


def test_the_limit_is_kept_and_can_be_raised(group: Group, ada: Customer) -> None:
    link = new_link(group, most=1)
    services.join(link, ada, now=NOW)
    bea = CustomerFactory.create(account=group.account)

    with pytest.raises(services.LinkFullError):
        services.join(link, bea, now=NOW)
    assert (JoinRequest.objects.count(), Member.objects.count()) == (1, 1)

    services.change_link(link, services.LinkTerms(ends_at=None, most=2, needs_approval=False))
    services.join(link, bea, now=NOW)
    assert joined(link) == 2


def test_the_database_keeps_the_limit(group: Group) -> None:
    link = new_link(group, most=1)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        InvitationLink.objects.filter(pk=link.pk).update(joined=2)
    assert violated_constraint(refused.value) == "invitation_link_limit_holds"


def test_the_limit_is_not_put_below_who_joined(group: Group, ada: Customer) -> None:
    link = new_link(group, most=5)
    services.join(link, ada, now=NOW)
    services.join(link, CustomerFactory.create(account=group.account), now=NOW)
    with pytest.raises(services.TooFewError) as refused:
        services.change_link(link, services.LinkTerms(ends_at=None, most=1, needs_approval=False))
    assert refused.value.joined == 2


def close(link: InvitationLink, how: str) -> None:
    if how == "stopped":
        services.stop_link(link, now=NOW)
    elif how == "archived":
        archive_group(link.group, now=NOW)
    else:
        InvitationLink.objects.filter(pk=link.pk).update(ends_at=NOW)


@pytest.mark.parametrize("approval", [False, True])
@pytest.mark.parametrize("how", ["stopped", "over", "archived"])
def test_nobody_joins_by_a_link_that_does_not_work(group: Group, ada: Customer, how: str, *, approval: bool) -> None:
    link = new_link(group, needs_approval=approval)
    close(link, how)
    with pytest.raises(services.LinkClosedError):
        services.join(link, ada, now=NOW)
    assert (JoinRequest.objects.count(), Standing.objects.count()) == (0, 0)


def test_a_group_has_one_link_that_works(group: Group) -> None:
    first = new_link(group)
    with pytest.raises(services.LinkTakenError):
        new_link(group)
    services.stop_link(first, now=NOW)
    new_link(group)


def test_the_same_form_makes_one_link(group: Group) -> None:
    key, terms = uuid4(), services.LinkTerms(ends_at=None, most=3, needs_approval=True)
    assert services.make_link(group, terms, key=key, now=NOW) == services.make_link(group, terms, key=key, now=NOW)


def test_a_new_link_has_the_same_terms_and_kills_the_old_one(group: Group, ada: Customer) -> None:
    old = new_link(group, most=1, ends_at=NOW + DAY)
    services.join(old, ada, now=NOW)
    key = uuid4()

    link = services.renew_link(group, key=key, now=NOW)

    assert services.renew_link(group, key=key, now=NOW) == link
    assert (link.most, link.ends_at, link.joined, link.stopped_at) == (1, NOW + DAY, 0, None)
    assert link.token != old.token
    assert len(link.token) == 43
    with pytest.raises(services.LinkClosedError):
        services.join(old, CustomerFactory.create(account=group.account), now=NOW)


def test_a_link_is_its_accounts(group: Group) -> None:
    link = new_link(group)
    assert find_link(group.account, link.token) == link
    assert find_link(CustomerFactory.create().account, link.token) is None


def ask(group: Group, customer: Customer, **terms: Any) -> JoinRequest:
    return services.join(new_link(group, needs_approval=True, **terms), customer, now=NOW)


def test_who_asks_is_not_in_until_they_are_approved(group: Group, ada: Customer) -> None:
    request = ask(group, ada, most=1)
    assert (request.state, services.is_in(group, ada, now=NOW), joined(request.link)) == ("waiting", False, 0)

    assert services.accept(request, now=NOW + DAY)

    assert (services.is_in(group, ada, now=NOW + DAY), joined(request.link)) == (True, 1)
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.is_metered) == ("join_accepted", "ada@example.org", False)
    assert letter.subject == f"You’ve joined “Members” at {group.account.name}"


def test_who_is_declined_is_told_and_not_in(group: Group, ada: Customer) -> None:
    request = ask(group, ada)

    assert services.decline(request, now=NOW)

    assert (services.is_in(group, ada, now=NOW), joined(request.link)) == (False, 0)
    assert [letter.kind for letter in Letter.objects.all()] == ["join_declined"]
    assert services.join(request.link, ada, now=NOW).state == "declined"


def test_a_second_click_decides_nothing(group: Group, ada: Customer) -> None:
    request = ask(group, ada)
    assert services.accept(request, now=NOW)
    assert (services.accept(request, now=NOW), services.decline(request, now=NOW)) == (False, False)
    assert (Letter.objects.count(), Standing.objects.count(), joined(request.link)) == (1, 1, 1)


def test_nobody_is_approved_beyond_the_limit(group: Group, ada: Customer) -> None:
    request = ask(group, ada, most=1)
    other = services.join(request.link, CustomerFactory.create(account=group.account), now=NOW)
    services.accept(request, now=NOW)

    with pytest.raises(services.LinkFullError):
        services.accept(other, now=NOW)

    other.refresh_from_db()
    assert (other.state, Letter.objects.count(), joined(request.link)) == ("waiting", 1, 1)


def test_who_was_added_meanwhile_is_approved_and_keeps_their_end(group: Group, ada: Customer) -> None:
    request = ask(group, ada, most=1)
    add_customers(group, {ada.email: ""}, now=NOW, until=NOW + DAY)

    assert services.accept(request, now=NOW)

    assert Standing.objects.get().until == NOW + DAY


def test_who_asked_is_approved_after_the_link_was_stopped(group: Group, ada: Customer) -> None:
    request = ask(group, ada)
    services.stop_link(request.link, now=NOW)
    assert services.accept(request, now=NOW)
    assert services.is_in(group, ada, now=NOW)
