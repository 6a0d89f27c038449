"""Every form that takes an email address takes it by the one field, and keeps what that field makes of it."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.db import IntegrityError, connection, transaction
from django.test import Client
from time_machine import travel

import accounts
import bookwhen
import groups
import memberships
import offers
import tickets
from accounts.models import Customer, Letter, User
from accounts.public.forms import LoginForm
from bookwhen.email_field import EmailField
from tests.browsing import form_fields, page_text
from tests.factories.accounts import CustomerFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory
from tests.sentences import EMAIL_LIKE
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Seat

APPS = (accounts, bookwhen, groups, memberships, offers, tickets)
TYPED = "\ufeff\u202aMAILTO:Ada.O\u2019Neill@Bücher.example\u200b.\u202c"
"""As an office program gives it."""
KEPT = "ada.o'neill@xn--bcher-kva.example"


def own_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of the project, whichever page it is on."""
    for app in APPS:
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if not {"migrations", "management", "sandbox", "wsgi", "celery"} & set(module.name.split(".")):
                importlib.import_module(module.name)
    waiting, seen = [forms.BaseForm], set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in seen:
                seen.add(kind)
                waiting.append(kind)
                # The project's abstract bases have no fields.
                if kind.__module__.partition(".")[0] in {app.__name__ for app in APPS} and hasattr(kind, "base_fields"):
                    yield kind


def test_no_form_takes_an_address_by_another_field() -> None:
    found: dict[type[forms.BaseForm], dict[str, forms.Field]] = {
        **{kind: kind.base_fields for kind in own_forms()},  # type: ignore[attr-defined]  # its stubs forget it
        LoginForm: LoginForm().fields,
    }
    takes = {
        f"{kind.__name__}.{name}": isinstance(field, EmailField)
        for kind, fields in found.items()
        for name, field in fields.items()
        if isinstance(field, forms.EmailField) or "email" in name.split("_")
    }

    assert len(takes) >= 5
    assert [name for name, ours in takes.items() if not ours] == []
    assert takes.keys() >= {"BookerForm.email", "AttendeeForm.email", "ByHandForm.email", "StaffForm.email"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the email address"),
        ("\u200b", "Enter the email address"),
        ("ada", EMAIL_LIKE),
        ("ada@river", EMAIL_LIKE),
        ("ada @river.example", "Take the space out of the email address"),
        ("ada@river.example bob@river.example", "Take the space out of the email address"),
        ("ada@river.example,bob@river.example", "Enter one email address, with a single @"),
        ("ädä@river.example", "Use only the letters a to z, without accents, before the @ of the email address"),
        ("a" * 250 + "@river.example", "Use at most 254 characters for “Email address”: you’ve used 264"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_address_is_kept_and_says_what_to_do(typed: str, sentence: str) -> None:
    response = Client().post("/accounts/signup/", {"email": typed})

    assert response.status_code == 422
    assert sentence in page_text(response)
    assert response.context["form"]["email"].value() == typed
    assert Letter.objects.count() == 0


@pytest.fixture
def dashboard(db: None) -> Dashboard:
    return open_dashboard(SchedulePageFactory.create(slug="river").account)


def sign_up(_dashboard: Dashboard, typed: str) -> str:
    Client().post("/accounts/signup/", {"email": typed})
    return Letter.objects.get().recipient


def reset_password(_dashboard: Dashboard, typed: str) -> str:
    Client().post("/accounts/password/reset/", {"email": typed})
    return Letter.objects.get().recipient


def add_to_team(dashboard: Dashboard, typed: str) -> str:
    dashboard.post("staff_new", {"email": typed, "role": "leader"})
    return User.objects.latest("pk").email


def add_to_group(dashboard: Dashboard, typed: str) -> str:
    dashboard.post("customers_add", {"emails": typed}, pk=GroupFactory.create(account=dashboard.account).pk)
    return Customer.objects.get().email


def book_by_hand(dashboard: Dashboard, typed: str) -> str:
    entry = EntryFactory.create(page=dashboard.account.pages.get())
    form = {"email": typed, "name": "Ada", "ticket": TicketFactory.create(entry=entry).pk, "key": str(uuid4())}
    dashboard.post("entry_book", form, pk=entry.pk)
    return Customer.objects.get().email


def _book(dashboard: Dashboard, **typed: str) -> None:
    entry = EntryFactory.create(page=dashboard.account.pages.get())
    path = f"/river/entries/{entry.uuid}/book/?t{TicketFactory.create(entry=entry).pk}=1"
    client = Client()
    form = form_fields(client.get(path))
    form.pop("add", None)
    prefix = next(name.removesuffix("who") for name in form if name.endswith("-who"))
    booker = {"booker-name": "Zoe", "booker-email": "zoe@example.org"}
    client.post(path, {**form, **booker, **{name.replace("attendee-", prefix): typed[name] for name in typed}})


def book_as_guest(dashboard: Dashboard, typed: str) -> str:
    _book(dashboard, **{"booker-email": typed})
    return Customer.objects.get().email


def book_for_somebody(dashboard: Dashboard, typed: str) -> str:
    _book(dashboard, **{"attendee-who": "guest", "attendee-name": "Ada", "attendee-email": typed})
    return Seat.objects.get().attendee_email


FORMS = [sign_up, reset_password, add_to_team, add_to_group, book_by_hand, book_as_guest, book_for_somebody]


@pytest.mark.parametrize("form", FORMS)
@travel(NOW, tick=False)
def test_every_form_keeps_the_address_that_a_person_sees(
    dashboard: Dashboard, form: Callable[[Dashboard, str], str]
) -> None:
    assert form(dashboard, TYPED) == KEPT


@pytest.mark.django_db
def test_one_logs_in_with_an_address_as_it_was_copied() -> None:
    UserFactory.create(email=KEPT)

    answer = Client().post("/accounts/login/", {"login": TYPED, "password": "correct horse"})

    assert (answer.status_code, answer["Location"]) == (302, "/my/")


@travel(NOW, tick=False)
def test_a_customer_is_found_by_an_address_as_it_was_copied(dashboard: Dashboard) -> None:
    CustomerFactory.create(account=dashboard.account, email=KEPT, name="Nora")
    CustomerFactory.create(account=dashboard.account, email="bob@example.org", name="Bob")

    found = {words: page_text(dashboard.get("customers", {"q": words})) for words in (TYPED, "neill@", "nor", ".;")}

    assert {words: ("Nora" in page, "Bob" in page) for words, page in found.items()} == {
        TYPED: (True, False),
        "neill@": (True, False),
        "nor": (True, False),
        ".;": (False, False),
    }


@pytest.mark.django_db
@travel(NOW, tick=False)
def test_an_invisible_character_does_not_evade_the_limit_on_password_letters() -> None:
    typed = [
        "ada@example.org",
        "ada@example.org\u200b",
        "\ufeffADA@example.org",
        "<ada@example.org>",
        "ada\xad@example.org",
    ]
    answers = [
        Client(REMOTE_ADDR=f"10.0.0.{number}").post("/accounts/password/reset/", {"email": each}).status_code
        for number, each in enumerate([*typed, "ada@example\u2060.org"])
    ]

    assert answers == [302] * 5 + [429]
    assert list(Letter.objects.values_list("recipient", flat=True)) == ["ada@example.org"] * 5


@pytest.mark.django_db
def test_a_link_to_the_form_fills_in_the_address() -> None:
    response = Client().get("/accounts/signup/", {"email": TYPED})

    assert response.context["form"]["email"].value() == KEPT


@pytest.mark.django_db
@pytest.mark.parametrize(
    "hidden", ["ada@example.org\u200b", "\ufeffada@example.org", "ada@bücher.example", "a da@x.org"]
)
def test_the_database_keeps_no_address_with_a_character_that_nobody_sees(hidden: str) -> None:
    account = CustomerFactory.create(email="ada@river.example").account
    UserFactory.create(email="ada@river.example")

    for constraint, change in (
        ("customer_email_plain", lambda: Customer.objects.update(email=hidden)),
        ("customer_email_plain", lambda: Customer.objects.bulk_create([Customer(account=account, email=hidden)])),
        ("user_email_plain", lambda: User.objects.update(email=hidden)),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            change()


@pytest.mark.django_db
def test_addresses_that_were_kept_before_are_cleaned_and_nobody_is_lost() -> None:
    clean = importlib.import_module("accounts.migrations.0008_clean_addresses").clean
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_customer DROP CONSTRAINT customer_email_plain")
        cursor.execute("ALTER TABLE accounts_customeraddress DROP CONSTRAINT customer_address_plain")
        cursor.execute("ALTER TABLE accounts_user DROP CONSTRAINT user_email_plain")
    one = CustomerFactory.create(email="ada@river.example")
    hidden = CustomerFactory.create(email="x@x.org").pk, CustomerFactory.create(account=one.account, email="y@x.org").pk
    Customer.objects.filter(pk__in=hidden).update(email="ada@river.example\u200b")
    user = UserFactory.create(email="bob@x.org")
    User.objects.update(email="bob@bücher.example")
    EmailAddress.objects.update(email="bob@bücher.example")

    clean(_Apps(), None)

    assert Customer.objects.get(pk=hidden[0]).email == "ada@river.example"
    assert Customer.objects.get(pk=hidden[1]).email == f"ada%40river.example%e2%80%8b.{hidden[1]}@unreadable.invalid"
    assert Customer.objects.get(pk=one.pk).email == "ada@river.example"
    assert User.objects.get(pk=user.pk).email == "bob@xn--bcher-kva.example"
    assert EmailAddress.objects.get().email == "bob@xn--bcher-kva.example"


class _Apps:
    """The models as they are, in the place of a migration's."""

    def get_model(self, _app: str, name: str) -> Any:
        return {"User": User, "Customer": Customer, "EmailAddress": EmailAddress}[name]
