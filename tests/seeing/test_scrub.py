"""What no log keeps."""

from time import process_time

import pytest
from django.core import signing
from django.test import RequestFactory
from django.urls import resolve

from bookwhen.seeing.scrub import safe_path, scrub, scrub_values

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("to ada@example.org now", "to <email> now"),
        ("550 <Ada.O'Neil+x@mail.example.co.uk>: no", "550 <<email>>: no"),
        ("ada@[192.0.2.1] refused", "<email> refused"),
        ("/x?email=ada%40example.org", "/x?<email>"),
        ("a@b.example=c@d.example, Pa'.ada@example.org", "<email><email>, Pa'<email>"),
        ("redis://me:pa:55@cache", "redis://<password>@cache"),
        ("österreich@bücher.example", "<email>"),
        ("sk_live_51Abc and rk_test_9x", "<key> and <key>"),
        ("whsec_abcDEF", "<key>"),
        ("pi_3_secret_abc", "<key>"),
        ("redis://:pa55@cache:6379/0", "redis://<password>@cache:6379/0"),
        ("postgres://me:pa55@db/x", "postgres://<password>@db/x"),
        (f"/my/bookings/{UUID}/", "/my/bookings/0f8fad5b…/"),
        (f"key {UUID.replace('-', '')}", "key 0f8fad5b…"),
        ("Connection 12 of evt_123 at celery@host", "Connection 12 of evt_123 at celery@host"),
    ],
)
def test_a_text_keeps_no_secret(text: str, kept: str) -> None:
    assert scrub(text) == kept


@pytest.mark.parametrize(
    "token",
    [
        signing.dumps({"email": "ada@example.org"}, salt="x", compress=True),
        signing.dumps("0f8fad5b", salt="x"),
        signing.Signer(salt="x").sign_object({"account": 1}),
    ],
    ids=["compressed", "text", "without a time"],
)
def test_a_text_keeps_no_signed_link(token: str) -> None:
    assert scrub(f"https://book.example/my/emails/{token}/ was opened") == (
        "https://book.example/my/emails/<token>/ was opened"
    )


@pytest.mark.parametrize("piece", ["a", "%", "%40", "a.", "a:", ":", "=1", "a'", "a@[", "http://a:", "cannot: ", "1-"])
def test_a_long_text_takes_as_much_time_as_it_is_long(piece: str) -> None:
    """Strangers choose what is logged of a bad request: its Host, its values."""
    began = process_time()

    scrub_values("error at redis://" + (piece * 60_000)[:60_000] + " ada@")

    assert process_time() - began < 5  # it took minutes


def test_what_postgresql_repeats_of_a_row_is_left_out() -> None:
    error = (
        'psycopg.errors.CheckViolation: new row for relation "accounts_user" violates check constraint "user_text"\n'
        "DETAIL:  Failing row contains (1, Ada\nLovelace, true).\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
    )

    assert scrub_values(error) == (
        'psycopg.errors.CheckViolation: new row for relation "accounts_user" violates check constraint "user_text"\n'
        "DETAIL: <left out>\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
    )


def test_what_postgresql_repeats_of_a_statement_is_left_out() -> None:
    error = "psycopg.errors.UndefinedColumn: no such column\nLINE 1: SELECT x WHERE name = 'Ada'\n               ^"

    assert scrub_values(error) == "psycopg.errors.UndefinedColumn: no such column\nLINE 1: <left out>"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ValueError: invalid literal for int() with base 10: 'Ada Lovelace'", "10: <value>"),
        ('DataError: invalid input syntax for type integer: "Ada"', "integer: <value>"),
        ("KeyError: 'customer'", "KeyError: 'customer'"),
    ],
)
def test_a_value_that_an_error_complains_of_is_left_out(text: str, kept: str) -> None:
    assert scrub_values(text).endswith(kept)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/dashboard/river/groups/12/", "/dashboard/river/groups/12/"),
        ("/river/", "/river/"),
        (f"/river/entries/{UUID}/", f"/river/entries/{UUID}/"),
        (f"/my/bookings/{UUID}/receipt/", "/my/bookings/0f8fad5b…/receipt/"),
        (f"/stripe/webhooks/{UUID}/", "/stripe/webhooks/0f8fad5b…/"),
        ("/my/emails/abc:def/", "/my/emails/<token>/"),
        ("/accounts/password/reset/abc:def/", "/accounts/password/reset/<token>/"),
        ("/accounts/password/choose/abc-def/", "/accounts/password/choose/<key>/"),
        ("/river/basket/confirm/abc:def/", "/river/basket/confirm/<token>/"),
    ],
)
def test_a_path_shows_only_what_is_no_secret(path: str, shown: str) -> None:
    request = RequestFactory().get(path, {"email": "ada@example.org"})
    request.resolver_match = resolve(path)

    assert safe_path(request) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/wp-login.php", "/wp-login.php"),
        (f"/my/bookings/{UUID}", "/my/bookings/…"),
        ("/my/emails/eyJhY2Nv:abcDEF", "/my/emails/…"),
        ("/ada@example.org/", "/…/"),
        ("/x\nERROR made up", "/…"),
        ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/…"),
    ],
)
def test_a_path_that_leads_nowhere_shows_only_plain_words(path: str, shown: str) -> None:
    request = RequestFactory().get("/")
    request.path_info = path

    assert safe_path(request) == shown
