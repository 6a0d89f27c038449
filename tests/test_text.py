"""What people type into a field of text: what is kept, what is mended, what is asked for again."""

import unicodedata
from time import process_time

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers import get_or_create_customers
from accounts.models import User
from accounts.public.forms import LoginForm
from bookwhen.forms import HouseStyle, PersonNameField
from bookwhen.payments.stripe_objects import read_account, read_customer
from bookwhen.text import (
    LINE_BREAKS,
    LineBreakError,
    UnstorableError,
    holds_link,
    lines,
    one_line,
    says_something,
    searchable,
)
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, UserFactory

ONE_LINE = "Type “Your name” on one line"
SAVE = "Type “Your name” again: it contains a character we can’t save"
NO_LINK = "Enter a name without a web or email address"
NO_NAME = "Enter a name that has letters in it"


class PlainForm(HouseStyle, forms.Form):
    """Fields that no class of ours made: as allauth's and Django's are."""

    title = forms.CharField(label="Your name")
    note = forms.CharField(label="Your name", widget=forms.Textarea, required=False)
    secret = forms.CharField(label="Your name", widget=forms.PasswordInput, strip=False, required=False)
    page = forms.CharField(label="Your name", widget=forms.HiddenInput, required=False)


class PersonForm(HouseStyle, forms.Form):
    name = PersonNameField(label="Your name")


def cleaned(field: str, typed: str) -> object:
    form = PlainForm({"title": "x", field: typed})
    return form.cleaned_data[field] if form.is_valid() else list(form.errors[field])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada  Lovelace ", "Ada  Lovelace"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("李\u3000小龙", "李 小龙"),
        ("Ada\tLovelace", "Ada Lovelace"),
        ("\ufeffAda\u200b", "Ada"),
        ("A\u200bda\u00ad", "Ada"),
        ("\u202aAda\u202c", "Ada"),
        ("\u2068Ada\u2069\n", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("عائشة\u200f بنت", "عائشة\u200f بنت"),
        ("क\u200dष", "क\u200dष"),
        ("👩\u200d🏫", "👩\u200d🏫"),
        ("O’Neil-García", "O’Neil-García"),
    ],
)
def test_one_line_is_mended_without_a_word(typed: str, kept: str) -> None:
    assert (cleaned("title", typed), cleaned("page", typed)) == (kept, kept)


@pytest.mark.parametrize("mark", [*LINE_BREAKS, "\r\n", "\n\n"])
def test_a_line_break_within_one_line_is_asked_to_be_taken_out(mark: str) -> None:
    assert cleaned("title", f"Ada{mark}Lovelace") == [ONE_LINE]
    assert cleaned("page", f"Ada{mark}Lovelace") == [ONE_LINE]
    assert cleaned("note", f"Ada{mark}Lovelace") == "Ada" + "\n" * (2 if mark == "\n\n" else 1) + "Lovelace"


@pytest.mark.parametrize("mark", [*"\x00\x01\x07\x08\x1b\x7f\x80\x9f\ud800\udfff\ufdd0\uffff\ufffd", "\U0001f600\x00"])
def test_a_character_that_is_none_is_asked_to_be_typed_again(mark: str) -> None:
    typed = f"Ada{mark}Lovelace"
    assert [cleaned(field, typed) for field in ("title", "page", "note", "secret")] == [[SAVE]] * 4


@pytest.mark.parametrize("mark", list("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u206a"))
def test_what_turns_the_direction_unseen_is_asked_to_be_typed_again(mark: str) -> None:
    assert [cleaned(field, f"Ada {mark}ecalevoL") for field in ("title", "note")] == [[SAVE]] * 2


def test_a_secret_is_taken_letter_by_letter() -> None:
    assert cleaned("secret", " a\u00a0\u200be\u0308 ") == " a\u00a0\u200be\u0308 "


def test_a_form_that_is_not_ours_reads_text_the_same_way() -> None:
    form = LoginForm({"login": "ada@example.org", "password": "three\x01otters"})
    assert form.is_valid() is False
    assert form.errors == {"password": ["Type “Password” again: it contains a character we can’t save"]}


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "O’Neil-García",
        "Dr. J. R. R. Tolkien",
        "J.R.R. Tolkien",
        "St.John Smith",
        "Sammy Davis Jr.",
        "李小龙",
        "Ann & Bob",
        "Ann/Bob",
        "🦄",
        "X Æ A-12",
        "Nguyễn Thị Minh Khai",
    ],
)
def test_a_name_is_a_name(name: str) -> None:
    form = PersonForm({"name": name})
    assert (form.is_valid(), form.cleaned_data) == (True, {"name": name})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("See https://evil.example", NO_LINK),
        ("See \uff48ttps\uff1a\uff0f\uff0fevil.example", NO_LINK),
        ("www.evil.example", NO_LINK),
        ("Refund: evil.example/pay", NO_LINK),
        ("Claim at evil.com", NO_LINK),
        ("ada@example.org", NO_LINK),
        ("?!", NO_NAME),
        ("-", NO_NAME),
        ("A" * 101, "Use at most 100 characters for “Your name”: you’ve used 101"),
        ("Ada\u2028Lovelace", ONE_LINE),
        (" \u200b ", "Enter your name"),
    ],
)
def test_what_is_no_name_is_asked_for_again(name: str, says: str) -> None:
    assert list(PersonForm({"name": name}).errors["name"]) == [says]


def test_a_search_box_refuses_nothing() -> None:
    assert searchable("\u202eAda\x00\n Love\u200blace\u00a0") == "Ada Lovelace"


def test_what_a_machine_calls_somebody_is_brought_onto_one_line() -> None:
    sent = {"id": "cus_1", "email": "ada@example.org", "name": " Ada\r\nLovelace\u202e\0 " + "x" * 300}
    assert read_customer(sent).name == "Ada Lovelace " + "x" * 187
    assert read_account({"id": "acct_1", "business_profile": {"name": "River\u2028Studio"}}).name == "River Studio"


@pytest.mark.django_db
def test_what_is_pasted_as_a_name_is_brought_onto_one_line() -> None:
    names = {"ada@example.org": "Ada\u2028Lovelace\x1b\u202e", "bob@example.org": "x" * 300}
    customers = get_or_create_customers(AccountFactory.create(), names, confirmed=True)
    assert {each.email: each.name for each in customers} == {
        "ada@example.org": "Ada Lovelace",
        "bob@example.org": "x" * 200,
    }


@given(st.text(max_size=60))
def test_whatever_one_line_keeps_is_one_line_and_stays_it(typed: str) -> None:
    try:
        kept = one_line(typed)
    except (LineBreakError, UnstorableError):
        return
    assert len(kept.splitlines()) <= 1
    assert {unicodedata.category(each) for each in kept} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert one_line(kept) == kept


@given(st.text(max_size=60))
def test_whatever_lines_keep_divides_only_at_its_line_ends(typed: str) -> None:
    try:
        kept = lines(typed)
    except UnstorableError:
        return
    assert kept.splitlines() == (kept.split("\n") if kept else [])
    assert lines(kept) == kept


@given(st.text(max_size=60))
def test_no_text_stops_the_search_or_the_reading_of_names(typed: str) -> None:
    assert "\x00" not in searchable(typed)
    assert holds_link(typed + " https://x") is True
    assert says_something(typed + "x") is True


@pytest.mark.django_db
def test_the_name_of_a_login_holds_no_link() -> None:
    user = UserFactory.create(name="Ada")
    answer = open_browser(user).post("/my/details/", {"name": "Claim your refund: https://evil.example/pay"})
    assert (answer.status_code, User.objects.get(pk=user.pk).name) == (422, "Ada")
    assert NO_LINK in page_text(answer)


def test_a_long_run_of_spaces_is_read_in_as_much_time_as_it_is_long() -> None:
    began = process_time()
    assert one_line(f" é{' ' * 500_000}b\u200b ") == f"é{' ' * 500_000}b"
    assert one_line("é" + "\u200b" * 500_000 + "b") == "éb"
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "typed", ["a-" * 500_000, "e" + "\u0301\u0323" * 250_000, "é" + " " * 1_000_000 + "b", "a@b." * 250_000]
)
def test_text_far_beyond_its_bound_is_refused_without_being_read(typed: str) -> None:
    began = process_time()
    form = PersonForm({"name": typed})
    assert form.errors == {
        "name": [f"Use at most 100 characters for “Your name”: you’ve used {len(typed)}"],
    }
    note = PlainForm({"title": "Ada", "note": typed})
    assert note.errors == {"note": [f"Use at most 10000 characters for “Your name”: you’ve used {len(typed)}"]}
    assert process_time() - began < 2


@pytest.mark.parametrize(
    "typed",
    [
        "Urgent call 0900 123456",
        "+44 (20) 7946-0000",
        "Ring \uff10\uff19\uff10\uff10 123456",
        "Ann 020-7946-0000",
    ],
)
def test_a_name_is_no_way_to_say_where_to_ring(typed: str) -> None:
    assert PersonForm({"name": typed}).errors == {"name": ["Enter a name without a phone number"]}


@pytest.mark.parametrize("typed", ["Tom 01-02-2018", "Tom 2018-02-01", "Tom 01.02.2018", "Agent 007", "Ann Ray 123456"])
def test_a_name_may_have_a_number_or_a_date_beside_it(typed: str) -> None:
    assert PersonForm({"name": typed}).errors == {}


def test_a_bare_network_address_is_a_link_too() -> None:
    assert PersonForm({"name": "Pay at 192.0.2.1/pay"}).errors == {"name": [NO_LINK]}
