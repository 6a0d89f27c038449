"""A form of the review that is kept is the form that Django draws, for everybody and at every ticket."""

from itertools import product

import pytest

from bookwhen.fastpath.known import Known
from offers.eligibility import Attendee
from tests.factories.schedule import create_customer_with_login
from tests.worlds.river import RiverStudio
from tickets.availability.facts import ANONYMOUS, Person, person_of_customer
from tickets.public.order import forms
from tickets.public.order.forms import AttendeeForm, BookerForm, CachedForm

NAMES = ("", "Ada", "“O’Hara” <b> & co")


def drawn_by_django(form: CachedForm) -> str:
    return form.render(form.template_drawn)


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms._FORMS, "_known", Known(100))  # noqa: SLF001 - as in a new process


def test_who_attends() -> None:
    for me, who, prefix in product(NAMES, (*Attendee, "x", ""), ("t1-1", "t23-2")):
        for name, email in (("", ""), ("Zoe", ""), ("", "zoe@example.org")):
            form = AttendeeForm(prefix=prefix, me=me, initial={"who": str(who), "name": name, "email": email})
            assert form.drawn == drawn_by_django(form)
            assert form.drawn == form.drawn
    # One for each who may be chosen, with a name and without.
    assert len(forms._FORMS._known._values) == 2 * len(Attendee)  # noqa: SLF001


def test_what_was_typed() -> None:
    data = {"t1-1-who": "guest", "t1-1-name": "<i>", "t1-1-email": "nobody"}
    form = AttendeeForm(data, prefix="t1-1", me="Ada", initial={"who": "self", "name": "", "email": ""})
    assert (form.drawn, "&lt;i&gt;" in form.drawn) == (drawn_by_django(form), True)


@pytest.mark.django_db
def test_who_books(studio: RiverStudio) -> None:
    customer = person_of_customer(create_customer_with_login(studio.account))
    unproved = Person(None, logged_in=True, proved=False, address="ada@example.org")
    for who, name in product((ANONYMOUS, customer, unproved), NAMES):
        form = BookerForm(who=who, prefix="booker", initial={"name": name, "email": ""})
        assert form.drawn == drawn_by_django(form)
