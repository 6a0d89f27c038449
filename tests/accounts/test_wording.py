"""Emails in a studio's own words: what placeholders say, and that nothing typed makes markup or takes facts away."""

import re
from datetime import timedelta
from time import process_time
from typing import Any, Final

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.dashboard.wording.catalogue import FAMILIES, LETTERS, NOT_WORDED, WordedLetter
from accounts.dashboard.wording.examples import example_letter
from accounts.email_delivery import letter_html
from accounts.email_queue import Envelope, queue_letter, queue_letters
from accounts.email_text import read_markup
from accounts.email_wording import PLACEHOLDERS, VALUES, word
from accounts.models import Account, Letter, LetterKind, LetterWording
from accounts.placeholders import has_odd_brackets, unknown_placeholders
from accounts.wording import Parts, save_wording
from tests.accounts.letters import NOW, send_due
from tests.factories.accounts import AccountFactory, CustomerFactory, UserFactory
from tests.factories.schedule import GroupFactory, add_member, book_member_place

pytestmark = pytest.mark.django_db

OWN: Final = Parts(
    subject="See you on {date}, {name}!",
    opening="Lovely that you’re coming, {name}.\n\nPark behind the house: https://river.example/parking",
    closing="Namaste,\nthe team of {studio}",
)


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(slug="river", name="River Studio", time_zone="Europe/London")


def save(studio: Account, parts: Parts, kind: LetterKind = LetterKind.BOOKED) -> Account:
    save_wording(studio, kind, parts, called="x", by=UserFactory.create(), now=NOW)
    return Account.objects.get(pk=studio.pk)


def say(text: str, **context: Any) -> str:
    """What a text says as an opening, as markup without what marks it as typed."""
    return re.sub("</?address>", "", word(LetterWording(opening=text), context).opening)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("{name}, see river.example", "evil. example, see river.example"),
        ("{group}", "As usual"),
        ("{group}, hello", "Hello"),
    ],
)
def test_a_subject_keeps_an_address_and_a_name_in_it_makes_none(subject: str, expected: str) -> None:
    own = word(LetterWording(subject=subject), {"name": "evil.example"})
    assert read_markup(own.around("<title>As usual</title>")).subject == expected


@pytest.mark.parametrize("letter", LETTERS.values(), ids=str)
def test_an_opening_replaces_what_its_page_says_it_does(studio: Account, letter: WordedLetter) -> None:
    standard = example_letter(studio, letter, Parts(), now=NOW).text.split("\n\n")
    own = example_letter(studio, letter, Parts(opening="In our words"), now=NOW).text.split("\n\n")

    replaced = [str(letter.opening).replace("(your page)", studio.name)] if letter.opening else []
    assert [each for each in standard if each not in own] == replaced


def test_every_kind_is_worded_by_the_studio_or_kept_from_it_on_purpose() -> None:
    assert set(LETTERS) | NOT_WORDED == set(LetterKind)
    assert not set(LETTERS) & NOT_WORDED
    assert sum(len(family.letters) for family in FAMILIES) == len(LETTERS)
    assert {name for each in LETTERS.values() for name in each.placeholders} == set(PLACEHOLDERS) == set(VALUES)


@pytest.mark.parametrize("letter", LETTERS.values(), ids=str)
def test_every_example_is_written_with_all_that_may_stand_in_it(studio: Account, letter: WordedLetter) -> None:
    standard = example_letter(studio, letter, Parts(), now=NOW)
    text = " / ".join(f"<{name}={{{name}}}>" for name in letter.placeholders)
    own = example_letter(
        studio, letter, Parts(subject=text, opening=f"Before {text}", closing=f"After {text}"), now=NOW
    )

    assert standard.subject
    for part in (own.subject, own.text, own.html):
        assert "{" not in part
        assert ("=>" in part, "=&gt;" in part) == (False, False)
    assert own.text.index("Before") < own.text.index("After")
    # All that it says anyway is in it still.
    lost = [line for line in standard.text.split("\n") if line and line not in own.text]
    assert lost == ([line for line in lost if "We look forward to seeing you." in line])
    assert len(lost) <= 1
    assert [each for each in re.findall(r'href="[^"]+"', standard.html) if each not in own.html] == []


class TestPlaceholders:
    def test_a_first_name_is_the_first_word_and_cut(self) -> None:
        assert say("Hi {name}!", name="Ada Lovelace") == "<p>Hi Ada!</p>"
        assert say("Hi {name}!", name="x" * 100) == f"<p>Hi {'x' * 60}!</p>"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("See you soon, {name}!", "<p>See you soon!</p>"),
            ("{name}, see you soon!", "<p>See you soon!</p>"),
            ("Hello {name},\nsee you", "<p>Hello,<br>see you</p>"),
            ("One\n{name}, two", "<p>One<br>Two</p>"),
            ("See you ,, \t, {name}!", "<p>See you ,,!</p>"),
        ],
    )
    def test_where_nobody_has_a_name_the_sentence_goes_without(self, text: str, said: str) -> None:
        assert say(text) == said

    def test_a_long_row_of_spaces_before_nobodys_name_takes_no_time(self) -> None:
        text, began = f"x{' ' * 990}y{{name}}", process_time()
        for _letter in range(20):
            assert say(text) == f"<p>{text.removesuffix('{name}')}</p>"
        assert process_time() - began < 3  # of one customer: it took as long for every letter

    def test_case_and_spaces_do_not_matter(self) -> None:
        assert say("{ Name } and {NAME}", name="Ada") == "<p>Ada and Ada</p>"

    def test_what_is_unknown_is_found_as_it_was_typed(self) -> None:
        assert unknown_placeholders("{nmae} {name} { Clas } {nmae}", ("name",)) == ["{nmae}", "{ Clas }"]
        assert (has_odd_brackets("{name"), has_odd_brackets("name}"), has_odd_brackets("{name}")) == (True, True, False)

    def test_what_a_stranger_typed_makes_neither_markup_nor_links(self, studio: Account) -> None:
        letter = LETTERS["booked"]
        plain = example_letter(studio, letter, OWN, now=NOW)
        studio.name = "<b>x</b> https://evil.example"
        nasty = example_letter(studio, letter, OWN, now=NOW)
        assert ("<b>" in nasty.html, "https://evil" in nasty.text) == (False, False)
        assert nasty.html.count("<p>") == plain.html.count("<p>")

    def test_what_the_operator_typed_makes_no_markup_and_its_address_stays(self, studio: Account) -> None:
        parts = Parts(opening="<a class=button href=https://x.example>y</a>\n\nhttps://river.example/parking")
        written = example_letter(studio, LETTERS["booked"], parts, now=NOW)
        assert "&lt;a class=button href=https://x.example&gt;y&lt;/a&gt;" in written.html
        assert "https://river.example/parking" in written.text


class TestWriting:
    def test_a_confirmation_is_worded_as_it_is_written(self, studio: Account) -> None:
        group = GroupFactory.create(account=studio)
        customer = CustomerFactory.create(account=studio, email="ada@example.org", name="Ada Lovelace")
        add_member(group, customer)
        book_member_place(group, customer)
        save(studio, OWN)

        [sent] = send_due()

        assert sent.subject == "See you on Thursday 17 January 2030, 12:00, Ada!"
        assert "Hello Ada Lovelace,\n\nLovely that you’re coming, Ada.\n\nPark behind" in sent.text
        assert sent.text.endswith("Namaste,\nthe team of River Studio\n")
        assert "We look forward to seeing you" not in sent.text
        assert ("Booking reference:" in sent.text, "/my/bookings/" in sent.text) == (True, True)
        assert mail.outbox[-1].subject == sent.subject

    def test_others_are_worded_as_they_are_posted_and_stay_so(self, studio: Account) -> None:
        account = save(studio, Parts(closing="Yours, {studio}"), LetterKind.ADDED)
        letter = post_added(account)
        save(account, Parts(closing="Later"), LetterKind.ADDED)
        letter.refresh_from_db()
        assert letter.text.endswith("Yours, River Studio\n")
        assert letter_html(letter).index("Yours, River Studio") > 0

    def test_another_kind_and_another_studio_say_what_they_always_say(self, studio: Account) -> None:
        account = save(studio, OWN)
        assert "Namaste" not in post_added(account).text
        assert "Namaste" not in post_added(AccountFactory.create()).text

    def test_many_letters_read_the_words_once_and_without_any_nothing_is_read(self, studio: Account) -> None:
        def statements(account: Account, count: int) -> int:
            envelopes = [Envelope(f"{number}@example.org", {"for_whom": ""}) for number in range(count)]
            with CaptureQueriesContext(connection) as found:
                queue_letters(envelopes, kind="added", template="groups/letters/added", account=account, now=NOW)
            return len(found)

        plain = statements(studio, 5)
        account = save(studio, OWN, LetterKind.ADDED)
        assert (statements(account, 1), statements(Account.objects.get(), 5)) == (plain + 1, plain + 1)

    def test_back_to_the_standard_text(self, studio: Account) -> None:
        account = save(save(studio, OWN, LetterKind.ADDED), Parts(), LetterKind.ADDED)
        assert (account.words_letters, LetterWording.objects.count()) == (False, 0)
        assert "Namaste" not in post_added(account).text


def post_added(account: Account) -> Letter:
    letter = queue_letter(
        kind="added",
        recipient="ada@example.org",
        template="groups/letters/added",
        context={},
        account=account,
        now=NOW + timedelta(seconds=Letter.objects.count()),
    )
    assert letter is not None
    return letter
