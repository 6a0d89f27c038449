"""What is found by words, against plainly looking everywhere."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.dashboard.query import name_or_email
from accounts.models import Account, Customer
from bookwhen.search import PlainText, address_has, few_have, is_short, name_has, text_has
from bookwhen.text import APOSTROPHES, plain_letters, without_accents
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.plans import reading, run

pytestmark = pytest.mark.django_db

NAMES = (
    "Ada Lovelace", "ADA", "Jo", "Zoë", "zoe", "Зоя Петровна", "зоя", "李明", "王李明", "O’Brien", "O'Brien",
    "M303234ller", "Müller", "MÜLLER", "100%", "a_b", "a\\b", "\\303", "303", "😀 Bea", "Anna-Maria", "ÅÄÖ", "ß",
    "Straße", "", "x y z", "Zoe\u0308", "José \u00b4Łukasz` Sørensen", "NGUYỄN Đình", "Æsa Þórsdóttir",
    "I\u015f\u0131k İnan", "Андрей", "Ελένη", "ΕΛΕΝΗ", "한지민", "하늘", "が", "か", "محمّد", "أحمد", "\uff26u\uff2c",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(
        [*NAMES, "love", "зо", "303", "%", "_", "\\", "ada l", "'", "--", "o'b", "ü", "李", "j", "jo", "l"]
    ),
    st.text("adAZДяёüÜ303' -\\%_", min_size=1, max_size=5).map(str.strip).filter(bool),
    st.text("aäAÄoøØlŁsßẞS\u0301\u0308\u00b4’`' \u0435й한하がかÆeE\u03b9ί", min_size=1, max_size=4)
    .map(str.strip)
    .filter(bool),
)


def keep(account: Account) -> None:
    Customer.objects.bulk_create(
        Customer(account=account, email=f"n{number}@example.com", name=name) for number, name in enumerate(NAMES)
    )


def plainly(text: str) -> str:
    """How texts are compared, said once more without a database."""
    return plain_letters(text.translate({ord(each): "'" for each in APOSTROPHES}))


class PropertiesTest(TestCase):
    @given(words=WORDS)
    def test_found_is_what_has_the_words_in_it_or_begins_with_what_is_short(self, words: str) -> None:
        account = AccountFactory.create()
        keep(account)
        found = set(account.customers.filter(text_has("name", words)).values_list("name", flat=True))
        wanted, is_here = plainly(words).strip(), str.startswith if is_short(words) else str.__contains__
        plain = {each for each in NAMES if is_here(plainly(each), wanted)}
        # What has neither letter nor digit is looked for by nobody, and by no index.
        assert found == (plain if any(each.isalnum() or ord(each) > 127 for each in wanted) else set())
        # Among few, of which no index is needed, it is found anywhere.
        among_few = set(account.customers.filter(few_have("name", words)).values_list("name", flat=True))
        assert among_few == {each for each in NAMES if wanted and wanted in plainly(each)}


def test_every_character_is_in_sql_what_it_is_in_python() -> None:
    """But for characters that one of the two does not know yet."""
    characters = [chr(code) for code in range(1, 0x20000) if unicodedata.category(chr(code)) not in {"Cs", "Cn", "Co"}]
    with connection.cursor() as cursor:
        form = PlainText.template % {"expressions": "known.typed"}
        of_all = "unnest(%s::text[], %s::text[]) AS known (typed, plain)"
        plain = [without_accents("'" if each in APOSTROPHES else each) for each in characters]
        cursor.execute(
            f"SELECT typed, {form}, upper(plain) FROM {of_all} WHERE {form} <> upper(plain)",  # noqa: S608 - ours
            [characters, plain],
        )
        assert cursor.fetchall() == []
    assert len(characters) > 75_000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("zoe", "Zoë"),
        ("Zoë", "ZOE"),
        ("Zoë", "Zoe\u0308"),
        ("zoe\u0308", "ZOË"),
        ("jose", "José"),
        ("muller", "Müller"),
        ("lukasz", "Łukasz"),
        ("soren", "Søren"),
        ("so", "Søren"),
        ("ø", "Ole"),
        ("strasse", "Straße"),
        ("Straße", "STRASSE"),
        ("sören", "Søren"),
        ("nguyen", "Nguyễn"),
        ("isik", "I\u015f\u0131k"),
        ("IŞIK", "\u0131\u015f\u0131k"),
        ("thor", "Þór"),
        ("o'brien jose", "José O\u00b4Brien"),
        ("garcia jose", "José Maria-García"),
        ("елена", "Елёна"),
        ("Андреи", "Андрей"),
        ("ελενη", "Ελένη"),
        ("한지", "한지민"),
        ("が", "がく"),
        ("محمد", "محمد علي"),
        ("\u0149o smith", "Smith \u0149o"),
    ],
)
def test_accents_count_for_nothing(typed: str, kept: str) -> None:
    customer = CustomerFactory.create(name=kept)
    found = customer.account.customers.filter(name_or_email(typed))
    assert list(found) == ([customer])


@pytest.mark.parametrize(
    ("typed", "kept"), [("하", "한지민"), ("か", "がく"), ("zoe", "Zoya"), ("\u0301", "Zoë"), ("\u00b4", "Ada")]
)
def test_other_letters_are_others(typed: str, kept: str) -> None:
    customer = CustomerFactory.create(name=kept)
    assert not customer.account.customers.filter(name_or_email(typed)).exists()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("n1@", {"n1@example.com"}),
        ("e.c", {f"n{number}@example.com" for number in range(len(NAMES))}),
        ("n2", {"n2@example.com", *(f"n2{number}@example.com" for number in range(10))}),
        ("зоя", set()),
        ("@", set()),
    ],
)
def test_addresses_are_found_likewise(words: str, found: set[str]) -> None:
    account = AccountFactory.create()
    keep(account)
    assert set(account.customers.filter(address_has("email", words)).values_list("email", flat=True)) == found


def test_one_letter_or_two_are_looked_for_where_the_listed_name_or_the_address_begins() -> None:
    account = AccountFactory.create()
    keep(account)
    found = account.customers.filter(name_or_email("jo")) | account.customers.filter(name_or_email("N7"))
    assert set(found.values_list("name", flat=True)) == {"Jo", "José \u00b4Łukasz` Sørensen", "李明"}
    assert account.customers.filter(name_or_email("o")).count() == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("o'brien", {"O’Brien", "O'Brien"}),
        ("O’Brien", {"O’Brien", "O'Brien"}),
        ("O\u2018BRIEN", {"O’Brien", "O'Brien"}),
        ("lovelace ada", {"Ada Lovelace"}),
        ("Lovelace, Ada", {"Ada Lovelace"}),
        ("lace ada", set()),
        ("ada l", {"Ada Lovelace"}),
        ("петровна зоя", {"Зоя Петровна"}),
        ("maria anna", {"Anna-Maria"}),
        ("ada ada ada ada ada", set()),
        (", ,", set()),
    ],
)
def test_people_are_found_however_their_names_are_written(words: str, found: set[str]) -> None:
    account = AccountFactory.create()
    keep(account)
    assert set(account.customers.filter(name_has("name", words)).values_list("name", flat=True)) == found


@pytest.mark.usefixtures("new_files")
@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("zephyrine", 1),
        ("quill zephyrine", 1),
        ("Зоя", 1),
        ("zq", 0),
        ("xy", 1),
        ("qq@", 0),
        ("--", 0),
        ("nobody", 0),
    ],
)
def test_what_few_have_is_found_by_the_index(words: str, count: int) -> None:
    account = AccountFactory.create()
    run(
        "INSERT INTO accounts_customer (account_id, email, name, created_at)"
        " SELECT %(account)s, 'person' || number || '@example.com', 'Ada ' || md5(number::text), now()"
        " FROM generate_series(1, 20000) AS number",
        account=account.pk,
    )
    for number, name in enumerate(("Zephyrine Quill", "Зоя", "Xy")):
        Customer.objects.create(account=account, email=f"{number}@example.org", name=name)
    run("ANALYZE accounts_customer", "SELECT gin_clean_pending_list('customer_found')")
    with reading() as read:
        assert len(account.customers.filter(name_or_email(words))) == count
    assert read.most < 120  # of the thousand of the table
