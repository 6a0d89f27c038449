"""What people are called: by themselves, by the studio, and by whoever types their address into a booking."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts import identity
from accounts.customers import correct_name, get_or_create_customers, link_proved_customers
from accounts.models import Customer, Letter, Role
from groups.services import add_customers
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import AccountFactory, CustomerFactory, UserFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.dashboard import open_dashboard

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"


def named(customer: Customer) -> tuple[str, bool]:
    customer.refresh_from_db()
    return customer.name, customer.name_confirmed


def guest(name: str, customer: Customer | None = None) -> Customer:
    """A customer as a guest's booking makes or finds one."""
    account = customer.account if customer else AccountFactory.create()
    email = customer.email if customer else ADA
    return get_or_create_customers(account, {email: name}, confirmed=False)[0]


def test_a_guests_name_names_only_who_is_new() -> None:
    new = guest("Add Lovelce")
    nameless = CustomerFactory.create(name="")

    guest("Rude Name", new)
    guest("Rude Name", nameless)

    assert (named(new), named(nameless)) == (("Add Lovelce", False), ("", True))
    assert (new.greeting_name, nameless.greeting_name) == ("", "")


def test_who_proves_an_address_is_called_by_their_own_name_in_every_account() -> None:
    typed, listed, nameless = guest("Add Lovelce"), guest("A. L."), CustomerFactory.create(email=ADA, name="")
    correct_name(listed, "A. Lovelace")
    now = timezone.now()
    token = identity.write_token(ADA, next_path="", user=None, now=now)

    identity.choose_password(token, password="three wet otters", name="Ada Lovelace", now=now)

    assert [named(each) for each in (typed, listed, nameless)] == [("Ada Lovelace", True)] * 3


def test_what_the_studio_corrected_is_kept_until_the_person_says_otherwise() -> None:
    customer = guest("Add Lovelce")
    user = UserFactory.create(email=ADA, name="Ada Lovelace")
    link_proved_customers(user)
    assert named(customer) == ("Ada Lovelace", True)
    correct_name(customer, "Lovelace, Ada")

    link_proved_customers(user)
    assert named(customer) == ("Lovelace, Ada", True)

    # Saved as it is, it is said again.
    client = open_browser(user)
    assert client.post("/my/details/", {"name": "Ada Lovelace"}).status_code == 302
    assert named(customer) == ("Ada Lovelace", True)


def test_a_new_name_in_my_details_goes_to_every_account_and_no_empty_one_does() -> None:
    user = UserFactory.create(email=ADA, name="Ada")
    here, there = CustomerFactory.create(user=user, email=ADA), CustomerFactory.create(user=user, email=ADA)
    other = CustomerFactory.create(name="Ben")
    client = open_browser(user)

    submit_form(client, "/my/details/", name="Ada L.")
    assert [named(each)[0] for each in (here, there, other)] == ["Ada L.", "Ada L.", "Ben"]

    submit_form(client, "/my/details/", name="")
    assert [named(each)[0] for each in (here, there, other)] == ["Ada L.", "Ada L.", "Ben"]


def test_my_details_takes_no_address_for_a_name_and_keeps_what_was_typed() -> None:
    client = open_browser(UserFactory.create(name="Ada"))

    answer = client.post("/my/details/", {"name": ADA})

    assert answer.status_code == 422
    assert "Enter a name without a web or email address" in page_text(answer)
    assert form_fields(answer)["name"] == ADA


def test_adding_somebody_with_a_login_tells_nothing_of_their_name() -> None:
    user = UserFactory.create(email=ADA, name="Ada Lovelace")
    group = GroupFactory.create()

    add_customers(group, {ADA: "", "ben@example.org": ""}, now=timezone.now())

    ada, ben = Customer.objects.order_by("email")
    assert (ada.user, named(ada), named(ben)) == (user, ("", True), ("", True))


def test_the_studios_name_takes_the_place_of_a_guests_but_not_of_a_confirmed_one() -> None:
    group = GroupFactory.create()
    typed = get_or_create_customers(group.account, {ADA: "Add Lovelce"}, confirmed=False)[0]
    known = CustomerFactory.create(account=group.account, name="Ben")

    add_customers(group, {ADA: "Ada Lovelace", known.email: "Benjamin"}, now=timezone.now())

    assert (named(typed), named(known)) == (("Ada Lovelace", True), ("Ben", True))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann\r\nRay\x00\x1b", "Ann Ray"),
        (" Zoë  O’Neill ", "Zoë O’Neill"),
        ("Ann Ray <ann@river.example>", ""),
        ("ann@river.example", ""),
        ("x" * 230, "x" * 200),
        ("DJ @night", "DJ @night"),
        ("محمد", "محمد"),
    ],
)
def test_a_name_is_one_line_and_never_an_address(typed: str, kept: str) -> None:
    [customer] = get_or_create_customers(AccountFactory.create(), {ADA: typed}, confirmed=True)

    assert named(customer) == (kept, True)


# The studio corrects a name


def test_an_operator_corrects_a_name() -> None:
    customer = guest("Add Lovelce")
    at = open_dashboard(customer.account, Role.BOOKINGS_ADMIN)
    page = at.get("customer", pk=customer.pk)
    assert "This name was typed with a booking. It isn’t confirmed." in page_text(page)
    assert at.url("customer_name", pk=customer.pk) in page.content.decode()
    assert form_fields(at.get("customer_name", pk=customer.pk))["name"] == "Add Lovelce"

    answer = at.post("customer_name", {"name": " Ada  Lovelace "}, pk=customer.pk)

    assert (answer.status_code, answer["Location"]) == (302, at.url("customer", pk=customer.pk))
    assert named(customer) == ("Ada Lovelace", True)
    assert "isn’t confirmed" not in page_text(at.get("customer", pk=customer.pk))


def test_a_name_may_be_taken_away() -> None:
    customer = guest("Rude Name")

    open_dashboard(customer.account).post("customer_name", {"name": ""}, pk=customer.pk)

    assert named(customer) == ("", True)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (ADA, "Enter a name without a web or email address"),
        ("x" * 201, "Use at most 100 characters for “Name”: you’ve used 201"),
    ],
)
def test_what_is_no_name_is_refused_and_what_was_typed_kept(typed: str, why: str) -> None:
    customer = CustomerFactory.create(name="Ada")

    answer = open_dashboard(customer.account).post("customer_name", {"name": typed}, pk=customer.pk)

    assert (answer.status_code, form_fields(answer)["name"], named(customer)[0]) == (422, typed, "Ada")
    assert why in page_text(answer)


def test_whoever_has_no_business_there_finds_no_such_page() -> None:
    customer = CustomerFactory.create(name="Ada")
    at = open_dashboard(customer.account)
    path = at.url("customer_name", pk=customer.pk)
    leader, stranger = open_dashboard(customer.account, Role.LEADER), open_dashboard(AccountFactory.create())

    answers = {client.post(path, {"name": "X"}).status_code for client in (leader.client, stranger.client)}

    assert (answers, Client().post(path).status_code, named(customer)[0]) == ({404}, 302, "Ada")
    assert not Letter.objects.exists()
