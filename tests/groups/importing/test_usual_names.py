"""What is read in one look, because nearly everything on a list looks so, is read as the long way reads it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwhen import email_address, text
from groups.pasted import names

NEVER = re.compile(r"(?!)")
_SAID = "and or AND Mail email e-mail mailto address Ann Lisa O'Neill Jean-Luc a x2 Listed7 jr to cc name note I - ' 12"
WORDS = st.sampled_from(_SAID.split())
NAMES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=6).map(" ".join),
    st.text("aBz9 '-.:@=\"", max_size=12),
    st.text(max_size=12),
    st.builds("{}{}".format, st.text("aB9'- ", max_size=90), st.sampled_from(["", "!", " jr.", "-", " and"])),
)


@settings(max_examples=600)
@given(NAMES)
def test_a_usual_name_is_the_same_either_way(written: str) -> None:
    found = names.tidy_name(written)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(names, "_USUAL", NEVER)
        assert found == names.tidy_name(written)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=20), st.text("aB \t\n'=-9", max_size=12)))
def test_plain_text_is_the_same_either_way(written: str) -> None:
    read = (text.storable, text.searchable, text.plain_letters, text.lines, text.one_line)

    def outcomes() -> list[str]:
        found = []
        for each in read:
            try:
                found.append(each(written))
            except ValueError as error:
                found.append(type(error).__name__)
        return found

    found = outcomes()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text, "is_plain", lambda _text: False)
        assert found == outcomes()


@settings(max_examples=300)
@given(st.text(' <aB@.c"-\t\u212a', max_size=14))
def test_a_usual_address_is_the_same_either_way(written: str) -> None:
    found = email_address.fold_email(written)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(email_address, "_USUAL", NEVER)
        assert found == email_address.fold_email(written)
