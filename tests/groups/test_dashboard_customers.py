"""A group's customers: adding, removing, and the date their periods count from."""

import time
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.addresses import add_address
from accounts.models import Customer, Letter
from groups.models import Group, Member, Standing
from groups.services import admit
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    OfferFactory,
    add_member,
    add_membership_standing,
    book_member_place,
    create_customer_with_login,
)
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def list_customers(group: Group) -> list[tuple[str, str]]:
    members = Member.objects.filter(group=group, standings__until__isnull=True).order_by("customer__email")
    return list(members.values_list("customer__email", "customer__name"))


# Adding


def test_addresses_are_added_and_counted(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada"))

    response = dashboard.post(
        "customers_add",
        {"emails": 'ADA@example.org, Zoë 🌸 <zoe@example.org>; zoe@example.org\n"علي, محمد" <ali@example.org>'},
        pk=group.pk,
    )

    assert response["Location"] == dashboard.url("group", pk=group.pk)
    assert shown_messages(dashboard.client.get(response["Location"])) == [
        "2 customers were added. 1 was already in the group. 1 address was listed more than once."
    ]
    assert list_customers(group) == [
        ("ada@example.org", "Ada"),
        ("ali@example.org", "محمد علي"),
        ("zoe@example.org", "Zoë 🌸"),
    ]
    page = page_text(dashboard.get("group", pk=group.pk))
    assert ("Zoë 🌸" in page, "محمد علي" in page) == (True, True)
    assert Letter.objects.count() == 0


def test_who_is_pasted_by_other_addresses_of_theirs_is_said_to_be_added(group: Group, dashboard: Dashboard) -> None:
    ada = CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada")
    for other in ("ada.old@example.org", "ada@work.example"):
        add_address(ada, other, now=NOW)

    response = dashboard.post("customers_add", {"emails": "ada.old@example.org, ada@work.example"}, pk=group.pk)

    page = dashboard.client.get(response["Location"])
    assert shown_messages(page) == ["1 customer was added."]
    assert ("ada.old@example.org" in page_text(page), page_text(page).count("Added")) == (True, 2)
    assert list_customers(group) == [("ada@example.org", "Ada")]


def test_the_same_form_sent_twice_adds_nobody_twice(group: Group, dashboard: Dashboard) -> None:
    form = {"emails": "ada@example.org", "tell": "on"}

    dashboard.post("customers_add", form, pk=group.pk)
    response = dashboard.post("customers_add", form, pk=group.pk)

    assert (
        shown_messages(dashboard.client.get(response["Location"]))[-1]
        == "No new customers were added. 1 was already in the group."
    )
    assert (Standing.objects.count(), Letter.objects.count()) == (1, 1)


def test_good_addresses_are_taken_and_the_others_stay_in_the_box_with_the_reason(
    group: Group, dashboard: Dashboard
) -> None:
    response = dashboard.post("customers_add", {"emails": "ada@example.org\nnobody\n<b>@x y"}, pk=group.pk)

    assert (response.status_code, list_customers(group)) == (422, [("ada@example.org", "")])
    page = response.content.decode()
    assert "<title>Error: Add customers" in page
    assert "nobody\n&lt;b&gt;@x y</textarea>" in page
    assert "1 customer was added. Correct what’s still in the box, then add it." in page_text(response)
    assert "“nobody” has no @" in page_text(response)
    assert f"“<b>@x y” {says.NOT_AN_ADDRESS}" in page_text(response)


def test_a_paste_that_adds_nobody_is_not_announced_as_a_success(group: Group, dashboard: Dashboard) -> None:
    response = dashboard.post("customers_add", {"emails": "nobody"}, pk=group.pk)

    assert [(each.level_tag, str(each)) for each in get_messages(response.wsgi_request)] == [
        ("info", "No new customers were added. Correct what’s still in the box, then add it.")
    ]


@pytest.mark.parametrize(
    ("emails", "sentence"), [("", "Enter the customer emails"), (" \n ", "Enter the customer emails")]
)
def test_an_empty_box_is_asked_for(group: Group, dashboard: Dashboard, emails: str, sentence: str) -> None:
    response = dashboard.post("customers_add", {"emails": emails}, pk=group.pk)

    assert (response.status_code, sentence in page_text(response)) == (422, True)


def test_a_nul_byte_does_no_harm(group: Group, dashboard: Dashboard) -> None:
    response = dashboard.post("customers_add", {"emails": "a\x00da@example.org\n\x00"}, pk=group.pk)

    assert (response.status_code, list_customers(group)) == (302, [("ada@example.org", "")])
    assert dashboard.get("group_customers", {"q": "\x00"}, pk=group.pk).status_code == 200


def test_a_thousand_pasted_addresses_take_seconds_rubbish_included(group: Group, dashboard: Dashboard) -> None:
    good = [f"Person {number} <person{number}@example.org>" for number in range(1_000)]
    rubbish = [f"no address {number}" for number in range(100)]
    began = time.process_time()

    response = dashboard.post("customers_add", {"emails": "\n".join(good + rubbish), "tell": "on"}, pk=group.pk)

    assert time.process_time() - began < 5
    assert (response.status_code, len(list_customers(group)), Letter.objects.count()) == (422, 1_000, 1_000)
    page = page_text(response)
    assert "1000 customers were added. We’re emailing everyone you’ve just added." in page
    assert ("“no address 19” has no @" in page, "“no address 20” has no @" in page) == (True, False)
    assert "and 80 more" in page
    assert "no address 99</textarea>" in response.content.decode()


def test_people_are_added_as_they_were_pasted_and_the_page_says_what_it_made_of_each(
    group: Group, dashboard: Dashboard
) -> None:
    add_member(group, CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada"))
    pasted = (
        "Ann Ray <ann@river.example> Bob Lee <bob@river.example>\n"
        "Ray, Cleo <cleo@river.example>; 'dan@river.example' <dan@river.example>\n"
        '"B12","Eve","Ray","eve@river.example","Drop-in"\n'
        "Finn Fay\tfinn@river.example\u200b\n"
        "MAILTO:ann@river.example\nada@example.org."
    )

    response = dashboard.post("customers_add", {"emails": pasted}, pk=group.pk)
    page = dashboard.client.get(response["Location"])

    assert shown_messages(page) == [
        "6 customers were added. 1 was already in the group. 1 address was listed more than once."
    ]
    assert list_customers(group) == [
        ("ada@example.org", "Ada"),
        ("ann@river.example", "Ann Ray"),
        ("bob@river.example", "Bob Lee"),
        ("cleo@river.example", "Cleo Ray"),
        ("dan@river.example", ""),
        ("eve@river.example", "Eve Ray"),
        ("finn@river.example", "Finn Fay"),
    ]
    assert (
        "What we read Customers in the list you pasted Email address Name Result "
        "ann@river.example Ann Ray Added Listed 2 times bob@river.example Bob Lee Added cleo@river.example Cleo Ray "
        "Added dan@river.example – Added eve@river.example Eve Ray Added finn@river.example Finn Fay Added "
        "ada@example.org – Already in the group"
    ) in page_text(page)
    assert "What we read" not in page_text(dashboard.get("group", pk=group.pk))


def test_what_was_read_is_told_on_the_page_of_its_own_group(group: Group, dashboard: Dashboard) -> None:
    other = GroupFactory.create(account=group.account)
    dashboard.post("customers_add", {"emails": "ann@river.example"}, pk=group.pk)

    assert "What we read" not in page_text(dashboard.get("group", pk=other.pk))
    assert "What we read" in page_text(dashboard.get("group", pk=group.pk))


def test_what_was_read_is_shown_beside_what_was_not(group: Group, dashboard: Dashboard) -> None:
    many = "\n".join(f"Ann {number} <ann{number}@river.example>" for number in range(25))

    response = dashboard.post("customers_add", {"emails": f"{many}\nbob@river"}, pk=group.pk)

    page = page_text(response)
    assert (response.status_code, response.context["form"]["emails"].value()) == (422, "bob@river")
    assert f"“bob@river” {says.NOT_AN_ADDRESS}" in page
    assert ("ann19@river.example Ann 19 Added and 5 more" in page, "Ann 20" in page) == (True, False)


@pytest.mark.parametrize("emails", ["Name\tEmail", "---", ", ; |"])
def test_a_text_that_names_nobody_and_complains_of_nothing_is_kept(
    group: Group, dashboard: Dashboard, emails: str
) -> None:
    response = dashboard.post("customers_add", {"emails": emails}, pk=group.pk)

    assert (response.status_code, response.context["form"]["emails"].value()) == (422, emails)
    assert "We couldn’t find an email address in this. Paste at least one" in page_text(response)


def test_more_rows_than_are_read_at_once_stay_in_the_box(group: Group, dashboard: Dashboard) -> None:
    emails = "\n".join([f"nobody {number}" for number in range(4_999)] + [f"a{number}@x.org" for number in range(3)])

    response = dashboard.post("customers_add", {"emails": emails}, pk=group.pk)

    assert (response.status_code, len(list_customers(group))) == (422, 1)
    assert response.context["form"]["emails"].value().endswith("nobody 4998\na1@x.org\na2@x.org")
    page = page_text(response)
    assert "1 customer was added." in page


def test_a_text_that_is_too_long_is_refused_and_kept(group: Group, dashboard: Dashboard) -> None:
    emails = "x" * 12_000_001
    address = dashboard.url("customers_add", pk=group.pk)

    response = dashboard.client.post(address, f"emails={emails}", content_type="application/x-www-form-urlencoded")

    assert response.status_code == 422
    assert response.context["form"]["emails"].value() == emails
    sentence = "Paste at most 12,000,000 characters at a time: this is 12,000,001. Add the list in parts."
    assert sentence in response.content.decode()
    assert "maxlength" not in dashboard.get("customers_add", pk=group.pk).content.decode()


def test_as_long_a_text_as_is_read_takes_little_time(group: Group, dashboard: Dashboard) -> None:
    began = time.process_time()

    response = dashboard.post("customers_add", {"emails": "x," * 250_000}, pk=group.pk)

    assert (response.status_code, time.process_time() - began < 2) == (422, True)
    assert f"“{'x,' * 30}…” has no @" in page_text(response)


def test_the_letter_and_the_page_are_the_same_with_a_login_and_without(group: Group, dashboard: Dashboard) -> None:
    SchedulePageFactory.create(account=group.account, slug="river")
    UserFactory.create(email="known@example.org", last_login=NOW - timedelta(days=1))

    for name in ("known", "fresh"):
        dashboard.post("customers_add", {"emails": f"{name}@example.org", "tell": "on"}, pk=group.pk)

    known, fresh = Letter.objects.order_by("pk")
    assert (known.recipient, fresh.recipient) == ("known@example.org", "fresh@example.org")
    assert (known.kind, known.account, known.subject) == ("added", group.account, fresh.subject)
    assert known.text.replace("known@", "fresh@") == fresh.text
    assert "Forgotten your password?" in known.text
    assert Customer.objects.get(email="known@example.org").user is not None
    page = page_text(dashboard.get("group", pk=group.pk))
    assert (page.count(says.HAS_NOT_LOGGED_IN), page.count(says.HAS_LOGGED_IN)) == (2, 0)


def test_only_who_is_new_is_written_to(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, email="ada@example.org"))

    dashboard.post("customers_add", {"emails": "ada@example.org zoe@example.org", "tell": "on"}, pk=group.pk)

    assert [letter.recipient for letter in Letter.objects.all()] == ["zoe@example.org"]


# The list


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_for_three_members_as_for_one(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = GroupFactory.create()
    for number in range(count):
        customer = create_customer_with_login(group.account)
        add_member(group, customer)
        book_member_place(group, customer, days=2 + number)
    at = open_dashboard(group.account)
    at.get("group", pk=group.pk)

    with django_assert_num_queries(16):
        at.get("group", pk=group.pk)


def test_uses_are_those_of_the_period_that_runs_by_each_members_anchor(group: Group, dashboard: Dashboard) -> None:
    ada = create_customer_with_login(group.account, name="Ada")
    add_member(group, ada, anchor=date(2030, 1, 3))
    late = CustomerFactory.create(account=group.account, name="Late", email="late@example.org")
    add_member(group, late, anchor=date(2030, 1, 31))
    book_member_place(group, ada, days=2)
    book_member_place(group, ada, days=25)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert f"Ada {ada.email} · Has logged in Since 16 Nov 2029 Allowance resets on the 3rd 1 of 3 used" in page
    assert "2 left · resets on 3 Feb 2030" in page
    assert (
        f"Late late@example.org · {says.HAS_NOT_LOGGED_IN} Since 16 Nov 2029 "
        "Allowance resets on the 31st, or the month’s last day" in page
    )
    assert "0 of 3 used 3 left · resets on 31 Jan 2030" in page


def test_what_ends_with_the_membership_does_not_reset(group: Group, dashboard: Dashboard) -> None:
    """Billed on the 15th, and ending with the last period that was paid."""
    ada, billed = create_customer_with_login(group.account, name="Ada"), NOW - timedelta(days=31)
    until = NOW + timedelta(days=31)
    terms: dict[str, Any] = {"since": billed, "anchor_at": billed, "uses_reset_on": None, "until": until, "now": NOW}
    admit(group, ada, ground=uuid4(), **terms)
    book_member_place(group, ada, days=2)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert "1 of 3 used 2 left · doesn’t reset" in page


def test_offers_are_told_apart_and_disabled_ones_left_out(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account))
    OfferFactory.create(group=group)
    OfferFactory.create(group=group, limit=5, enabled=False)
    OfferFactory.create(group=group, limit=2, ongoing=False)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert "Offer 1 0 used · unlimited Offer 3 0 of 2 used 2 left · doesn’t reset" in page
    assert "If you have two offers, a booking only uses one of them" in page


def test_logging_in_at_another_studio_tells_this_one_nothing(group: Group, dashboard: Dashboard) -> None:
    SchedulePageFactory.create(account=group.account, slug="river")
    SchedulePageFactory.create(slug="hill")
    user = UserFactory.create(email="known@example.org")
    for name in ("known", "fresh"):
        dashboard.post("customers_add", {"emails": f"{name}@example.org"}, pk=group.pk)

    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": "correct horse"})
    client.get("/hill/")
    client.get("/my/")
    page = page_text(dashboard.get("group", pk=group.pk))
    assert (page.count(says.HAS_NOT_LOGGED_IN), page.count(says.HAS_LOGGED_IN)) == (2, 0)

    client.get("/river/")
    page = page_text(dashboard.get("group", pk=group.pk))
    assert (page.count(says.HAS_NOT_LOGGED_IN), page.count(says.HAS_LOGGED_IN)) == (1, 1)


def test_fifty_members_a_page_and_a_search_by_name_or_address(group: Group, dashboard: Dashboard) -> None:
    for number in range(51):
        add_member(
            group, CustomerFactory.create(account=group.account, name=f"N{number:02}", email=f"a{number:02}@x.org")
        )

    response = dashboard.get("group_customers", pk=group.pk)
    first = page_text(response)
    second = page_text(dashboard.get("group_customers", {"after": response.context["members"].next}, pk=group.pk))
    assert ("N50" in first, "N01" in first, "N00" in first, "Customers 51" in first) == (True, True, False, True)
    assert ("N01" in second, "N00" in second, "Customers 51" in second) == (False, True, True)
    for query in ("n50", "A50@X"):
        found = page_text(dashboard.get("group_customers", {"q": query}, pk=group.pk))
        assert ("N50" in found, "N49" in found, "Customers 51" in found) == (True, False, True)
    nobody = page_text(dashboard.get("group_customers", {"q": "zzz"}, pk=group.pk))
    assert "No customers in this group match “zzz”." in nobody


def test_the_first_page_shows_the_newest_and_an_old_address_finds_the_list(group: Group, dashboard: Dashboard) -> None:
    for number in range(11):
        add_member(group, CustomerFactory.create(account=group.account, name=f"N{number:02}"))

    page = page_text(dashboard.get("group", pk=group.pk))
    asked = dashboard.get("group", {"q": "n0"}, pk=group.pk)

    assert ("N10" in page, "N01" in page, "N00" in page, "See all customers" in page) == (True, True, False, True)
    assert asked["Location"] == f"{dashboard.url('group_customers', pk=group.pk)}?q=n0"


def test_whoever_left_is_not_listed(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, name="Gone"), until=NOW)

    page = page_text(dashboard.get("group", pk=group.pk))

    assert ("Gone" in page, "Add your customers" in page) == (False, True)


def test_a_membership_that_ends_is_shown_with_its_day(group: Group, dashboard: Dashboard) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account), until=NOW + timedelta(days=3))

    page = page_text(dashboard.get("group", pk=group.pk))

    assert "Since 16 Nov 2029, until 18 Jan 2030, 12:00" in page
    add_membership_standing(member)
    page = page_text(dashboard.get("group", pk=group.pk))
    assert "Since 16 Nov 2029 Through a membership and added manually" in page
