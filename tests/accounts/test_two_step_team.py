"""A studio may ask its team for two-step login: on entering its dashboard, and nowhere else."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Customer, Role, User
from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import CustomerFactory, StaffFactory, UserFactory
from tests.two_step import PASSWORD, add_app, app_code, log_in_by_app, pass_second_step

pytestmark = pytest.mark.django_db

DASHBOARD = "/dashboard/river/"
TEAM = "/dashboard/river/settings/team/"
SWITCH = f"{TEAM}two-step/"
NEEDED = "/my/two-step/needed/?next=%2Fdashboard%2Friver%2F"


@pytest.fixture
def strict(studio: Account) -> Account:
    studio.requires_two_step = True
    studio.save(update_fields=["requires_two_step"])
    return studio


def confirm_password(client: Client, path: str) -> None:
    client.post("/my/confirm/", {"password": PASSWORD, "next": path})


@pytest.mark.django_db(transaction=True)
def test_who_has_no_second_step_is_led_to_set_one_up_and_comes_back(strict: Account, alice: User) -> None:
    client = open_browser(alice)

    asked = client.get(DASHBOARD)
    assert asked["Location"] == NEEDED
    assert page_text(client.get(NEEDED)).startswith("Set up two-step login This studio asks everyone on its team")
    confirm_password(client, "/my/two-step/app/")
    secret = client.get("/my/two-step/app/").context["form"].secret
    codes = client.post("/my/two-step/app/", {"code": app_code(secret)}, follow=True)

    assert 'href="/my/two-step/needed/"' in codes.content.decode()
    assert client.get("/my/two-step/needed/")["Location"] == DASHBOARD
    assert client.get(DASHBOARD).status_code == 200
    # The way back is shown once.
    assert 'href="/my/two-step/needed/"' not in client.get("/my/two-step/").content.decode()


def test_who_has_one_but_logged_in_before_is_asked_for_it(strict: Account, alice: User) -> None:
    client = open_browser(alice)
    secret = add_app(alice)

    asked = client.get(client.get(DASHBOARD)["Location"])
    assert asked["Location"] == "/my/two-step/confirm/code/?next=%2Fmy%2Ftwo-step%2Fneeded%2F"
    step = client.post(asked["Location"], {"code": app_code(secret), "next": "/my/two-step/needed/"}, follow=True)

    assert step.redirect_chain == [("/my/two-step/needed/", 302), (DASHBOARD, 302)]
    assert step.status_code == 200


def test_confirming_by_the_password_is_not_a_second_step(strict: Account, alice: User) -> None:
    client = open_browser(alice)
    add_app(alice)
    confirm_password(client, "/my/two-step/needed/")

    assert client.get(DASHBOARD)["Location"] == NEEDED


def test_whoever_logs_in_by_both_steps_just_enters(strict: Account, alice: User) -> None:
    assert log_in_by_app(alice, add_app(alice)).get(DASHBOARD).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", [DASHBOARD, TEAM, f"{DASHBOARD}payments/payments.csv", f"{DASHBOARD}groups/new/"])
def test_no_page_of_that_dashboard_opens_before(strict: Account, alice: User, path: str, method: str) -> None:
    answer = getattr(open_browser(alice), method)(path)

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/my/two-step/needed/")


def test_to_a_stranger_and_a_role_that_may_not_it_does_not_exist_all_the_same(
    strict: Account, bob: User, charlie: User
) -> None:
    assert open_browser(charlie).get(DASHBOARD).status_code == 404
    assert open_browser(bob).get(TEAM).status_code == 404


def test_customers_and_other_studios_are_not_asked(strict: Account, alice: User) -> None:
    elsewhere = StaffFactory.create(user=alice, account__slug="hill", role=Role.OWNER).account
    customer: Customer = CustomerFactory.create(account=strict, user=UserFactory.create())

    assert open_browser(alice).get(f"/dashboard/{elsewhere.slug}/").status_code == 200
    assert open_browser(customer).get("/river/").status_code == 200
    assert open_browser(alice).get("/river/").status_code == 200


def test_who_passed_as_somebody_else_has_not_passed(strict: Account, alice: User) -> None:
    # Somebody gave their code in this browser, but did not get in after all; then Alice logs in.
    client = Client()
    session = client.session
    session["second_step_of"] = UserFactory.create().pk
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    client.force_login(alice)
    assert "second_step_of" in client.session

    assert client.get(DASHBOARD)["Location"] == NEEDED


def test_an_owner_cannot_lock_themselves_out_by_switching_it_on(studio: Account, alice: User) -> None:
    client = open_browser(alice)

    refused = client.post(SWITCH, {"requires_two_step": "on"})

    studio.refresh_from_db()
    assert studio.requires_two_step is False
    assert refused["Location"] == "/my/two-step/needed/?next=%2Fdashboard%2Friver%2Fsettings%2Fteam%2F"
    assert shown_messages(client.get(refused["Location"])) == [
        "Use two-step login yourself first, then switch it on for the team."
    ]
    assert "This studio asks" not in page_text(client.get(NEEDED))


def test_an_owner_with_a_second_step_switches_it_on_and_off(studio: Account, alice: User) -> None:
    client = log_in_by_app(alice, add_app(alice))
    states = []
    for data in ({"requires_two_step": "on"}, {}):
        assert client.post(SWITCH, data)["Location"] == TEAM
        studio.refresh_from_db()
        states.append(studio.requires_two_step)
    assert states == [True, False]


def test_only_owners_switch_it(studio: Account, bob: User, charlie: User) -> None:
    for client in (open_browser(bob), open_browser(charlie)):
        assert client.post(SWITCH, {"requires_two_step": "on"}).status_code == 404
    studio.refresh_from_db()
    assert studio.requires_two_step is False


def test_the_last_method_stays_while_a_studio_needs_it(strict: Account, alice: User) -> None:
    client = log_in_by_app(alice, add_app(alice))
    confirm_password(client, "/my/")

    refused = client.post("/my/two-step/app/remove/")

    assert "A studio you work for needs your two-step login. Add another method" in page_text(refused)
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_a_passkey_that_is_the_last_method_stays_too(strict: Account, alice: User) -> None:
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Key", "credential": {}})
    client = open_browser(alice)
    pass_second_step(client, alice)
    confirm_password(client, "/my/")

    client.post(f"/my/two-step/passkeys/{key.pk}/remove/")
    assert Authenticator.objects.filter(pk=key.pk).exists()

    add_app(alice)
    client.post(f"/my/two-step/passkeys/{key.pk}/remove/")
    assert not Authenticator.objects.filter(pk=key.pk).exists()


def test_asking_costs_no_statement(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = log_in_by_app(alice, add_app(alice))
    client.get(TEAM)
    with django_assert_num_queries(4):
        client.get(TEAM)
    Account.objects.update(requires_two_step=True)
    with django_assert_num_queries(4):
        assert client.get(TEAM).status_code == 200
