"""Every text has a bound, in the form and in the database."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
from django import forms
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet

import accounts
import bookwhen.payments
import groups
import memberships
import offers
import tickets
from accounts.models import LetterWording
from accounts.models.wording import PART_LENGTH
from bookwhen.db import DESCRIPTION_LENGTH, NOTE_LENGTH, TextCheck, mend_texts
from bookwhen.forms import TEXT_LENGTH, Form, HouseStyle
from tests.accounts.mailings.acts import draft
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory, StaffFactory, UserFactory
from tests.factories.codes import DiscountCodeFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tickets.models import EntryCancellation, Leader, Location, MoneyMethod, Picture, ReceiptSettings, Tag, VatRate
from tickets.models.vat import ADDRESS_LENGTH
from tickets.money.studio import Handed, take_money

APPS: Final = {"accounts", "groups", "installation", "memberships", "offers", "payments", "tickets"}
WRITTEN_BY_US: Final = {
    "accounts.Customer.other_addresses": "the database writes it, of addresses that have bounds",
    "accounts.EmailBlock.detail": "what a mail server answered, cut where it is stored",
    "accounts.MailOutage.error": "what a mail server answered, cut where it is stored",
    "accounts.ListImportRow.error": "one of our sentences, cut where it is stored",
    "accounts.Operation.error": "one of our sentences, or Stripe’s, cut where it is stored",
    "accounts.Letter.text": "our templates write it, of texts that have bounds",
    "accounts.Letter.html": "our templates write it, of texts that have bounds",
    "accounts.Letter.calendar": "written of entries, whose texts have bounds",
    "accounts.Letter.error": "what a mail server answered, cut where it is stored",
    "memberships.Invoice.hosted_url": "an address that Stripe made",
    "memberships.Invoice.pdf_url": "an address that Stripe made",
    "groups.PastedPart.text": "cut into parts of a bounded length where it is stored",
    "payments.Comparison.trouble": "what an error says, cut where it is stored",
    "payments.Connection.encrypted_key": "a key, encrypted; the form bounds it",
    "payments.Connection.trouble": "one of our sentences",
    "payments.EndpointSecret.encrypted_secret": "a secret that Stripe made, encrypted",
    "payments.StripeEvent.error": "cut where it is stored",
    "tickets.Refund.trouble": "one of our sentences",
}
"""Columns of text without a length of their own, and what bounds them."""
ON_LINES: Final = (models.EmailField, models.SlugField)


def text_columns() -> Iterator[tuple[str, "models.Field[Any, Any]"]]:
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            for column in model._meta.get_fields():
                if isinstance(column, models.CharField | models.TextField):
                    yield f"{model._meta.label}.{column.name}", column


def text_checks() -> Iterator[tuple[type[models.Model], TextCheck]]:
    for model in apps.get_models():
        yield from ((model, each) for each in model._meta.constraints if isinstance(each, TextCheck))


def house_forms() -> Iterator[type[HouseStyle]]:
    """Every form of the site: every module is read, so that none is missing."""
    for package in (accounts, bookwhen.payments, groups, memberships, offers, tickets):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)
    waiting = [HouseStyle]
    while waiting:
        form = waiting.pop()
        waiting.extend(form.__subclasses__())
        if form.__module__.partition(".")[0] in {
            "accounts",
            "groups",
            "installation",
            "memberships",
            "offers",
            "tickets",
        }:
            yield form


def test_every_column_of_text_has_a_bound() -> None:
    checked = {f"{model._meta.label}.{name}" for model, check in text_checks() for name in check.longest}
    unbounded = {name for name, column in text_columns() if isinstance(column, models.TextField)} - checked
    assert unbounded == set(WRITTEN_BY_US)


def test_a_form_is_bounded_as_its_column_is() -> None:
    for model, check in text_checks():
        assert {name: model._meta.get_field(name).max_length for name in check.longest} == check.longest  # type: ignore[union-attr]


class UnboundedForm(Form):
    """A form that says no bound."""

    line = forms.CharField(label="Line")
    note = forms.CharField(label="Note", widget=forms.Textarea)


def test_a_field_that_says_no_bound_has_one() -> None:
    longest = {"line": "x" * TEXT_LENGTH, "note": "x\r\n" * (TEXT_LENGTH // 2 - 1) + "xx"}
    assert UnboundedForm(longest).is_valid() is True
    assert UnboundedForm({name: f"{value}xx" for name, value in longest.items()}).errors == {
        "line": ["Use at most 10000 characters for “Line”: you’ve used 10002"],
        "note": ["Use at most 10000 characters for “Note”: you’ve used 10002"],
    }


def test_every_form_of_the_site_is_of_the_house_and_one_box_alone_takes_anything() -> None:
    """What is pasted into that box is divided and judged line by line, and its length by `groups.pasted_addresses`."""
    found = list(house_forms())
    fields = [(form.__name__, name, field) for form in found for name, field in form.base_fields.items()]
    assert len(found) > 20
    assert {(form, name) for form, name, field in fields if getattr(field, "takes_anything", False)} == {
        ("CustomersForm", "emails")
    }
    made_here = {
        each
        for each in _subclasses(forms.BaseForm)
        if each.__module__.partition(".")[0]
        in {"accounts", "groups", "installation", "memberships", "offers", "tickets"}
    }
    assert made_here == set(found)


def _subclasses(of: type[Any]) -> set[type[Any]]:
    return {each for direct in of.__subclasses__() for each in {direct, *_subclasses(direct)}}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\t", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"]
)
def test_the_database_keeps_names_and_titles_on_one_line(mark: str) -> None:
    entry = EntryFactory.create()
    ticket = TicketFactory.create(entry=entry)
    seat = book_seat_manually(entry, ticket)
    taken = Handed(amount=500, method=MoneyMethod.CASH, at=NOW)
    made = {
        "studio_payment_text": take_money(entry.account, {seat.pk: 0}, taken, by=None, key=uuid4(), now=NOW).payment,
        "account_text": AccountFactory.create(),
        "customer_text": CustomerFactory.create(),
        "page_text": SchedulePageFactory.create(),
        "user_text": UserFactory.create(),
        "group_text": GroupFactory.create(),
        "offer_text": OfferFactory.create(group=GroupFactory.create()),
        "entry_text": entry,
        "ticket_text": ticket,
        "seat_text": seat,
        "entrycancellation_text": EntryCancellation.objects.create(
            account=entry.account, entry=entry, reason="Ill", created_at=NOW
        ),
        "letter_wording_text": LetterWording.objects.create(
            account=entry.account, kind="booked", subject="Hello", changed_at=NOW
        ),
        "leader_text": Leader.objects.create(account=entry.account, name="Anna"),
        "location_text": Location.objects.create(account=entry.account, name="Studio"),
        "mailing_text": draft(entry.account),
        "tag_text": Tag.objects.create(account=entry.account, name="Yoga"),
        "vat_rate_text": VatRate.objects.create(
            account=entry.account, name="Standard", basis_points=2000, created_at=NOW
        ),
        "receipt_settings_text": ReceiptSettings.objects.create(account=entry.account),
        "discount_code_text": DiscountCodeFactory.create(account=entry.account),
        "picture_text": Picture.objects.create(account=entry.account, alt="A mat", width=1, height=1),
    }
    # Nobody changes a line of the history, or a receipt, so that only a new one could be wrong.
    inserted = {"audit_text", "receipt_text", "receipt_line_text"}
    for model, check in text_checks():
        if check.name not in made:
            continue
        rows: QuerySet[Any] = QuerySet(model).filter(pk=made[check.name].pk)
        for column in check.one_line:
            with pytest.raises(IntegrityError, match=check.name), transaction.atomic():
                rows.update(**{column: f"a{mark}b"})
            longest = model._meta.get_field(column).max_length  # type: ignore[union-attr]
            rows.update(**{column: "Zoë O’Neil 👩\u200d🏫 李"[:longest]})
    others = {check.name for _model, check in text_checks() if check.one_line} - set(made) - inserted
    assert others == {"membership_text", "price_text", "extra_uses_text"}


@pytest.mark.django_db
def test_the_database_refuses_what_is_too_long() -> None:
    page = SchedulePageFactory.create(description="é" * DESCRIPTION_LENGTH)
    with pytest.raises(IntegrityError, match="page_text"):
        type(page).objects.filter(pk=page.pk).update(description="x" * (DESCRIPTION_LENGTH + 1))


@pytest.mark.django_db
def test_rows_from_before_are_mended() -> None:
    entry = EntryFactory.create(title="Yoga", description="short")
    check = TextCheck(name="entry_text", one_line=["title", "location"], longest={"description": 10})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_entry DROP CONSTRAINT entry_text")
        cursor.execute(
            "UPDATE tickets_entry SET title = %s, description = %s", ["\nYoga\r\n\u2028now\u202e", "line\n" + "x" * 20]
        )
        cursor.execute(mend_texts("tickets_entry", check))
    entry.refresh_from_db()
    assert (entry.title, entry.location, entry.description) == ("Yoga now", "", "line\nxxxxx")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "sent", "says"),
    [
        (
            "settings/pages/new/",
            {"title": "Page", "slug": "new-page", "accent": "teal", "description": "x" * 200_000},
            "Use at most 10000 characters for “Description”: you’ve used 200000",
        ),
        (
            "groups/new/",
            {"name": "Gold", "description": "x" * 2001, "key": "0d0cf0a4-4b71-4c8c-8e5e-8f8f8f8f8f8f"},
            "Use at most 2000 characters for “Group description”: you’ve used 2001",
        ),
    ],
)
def test_a_text_that_is_too_long_says_how_long_it_may_be_and_stays(path: str, sent: dict[str, str], says: str) -> None:
    staff = StaffFactory.create()
    answer = open_browser(staff.user).post(f"/dashboard/{staff.account.slug}/{path}", sent)
    assert answer.status_code == 422
    assert says in page_text(answer)
    assert sent["description"] in answer.content.decode()


def test_lists_of_tickets_and_groups_have_the_shorter_bound() -> None:
    bounds = {f"{model._meta.label}": check.longest for model, check in text_checks() if check.longest}
    assert bounds == {
        "accounts.SchedulePage": {"description": DESCRIPTION_LENGTH},
        "accounts.Customer": {"note": NOTE_LENGTH},
        "accounts.LetterWording": {"closing": PART_LENGTH, "opening": PART_LENGTH},
        "accounts.Mailing": {"text": DESCRIPTION_LENGTH},
        "groups.Group": {"description": NOTE_LENGTH},
        "memberships.Membership": {"description": DESCRIPTION_LENGTH},
        "tickets.Entry": {"description": DESCRIPTION_LENGTH},
        "tickets.EntryCancellation": {"message": NOTE_LENGTH},
        "tickets.Receipt": {"business_address": ADDRESS_LENGTH},
        "tickets.ReceiptSettings": {"business_address": ADDRESS_LENGTH},
        "tickets.Ticket": {"description": NOTE_LENGTH},
    }
