"""Keys by which Stripe knows that it was asked the same before: whatever people type, they are plain ASCII."""

from hypothesis import given
from hypothesis import strategies as st

from bookwhen.payments.idempotency import idempotency_header, idempotency_key

FACTS = st.lists(st.text() | st.integers() | st.uuids(), max_size=4)


@given(FACTS, st.text(), st.integers(0, 9))
def test_p1_whatever_people_type_is_no_part_of_a_header(facts: list[object], typed: str, attempt: int) -> None:
    for made in (idempotency_key("price", *facts), idempotency_header(typed, attempt)):
        assert made.isascii()
        assert made.isprintable()
        assert len(made) <= 255


@given(FACTS, FACTS)
def test_the_same_facts_make_the_same_key_and_others_another(ours: list[object], theirs: list[object]) -> None:
    is_same = [str(fact) for fact in ours] == [str(fact) for fact in theirs]
    assert (idempotency_key("price", *ours) == idempotency_key("price", *theirs)) is is_same


def test_a_key_is_for_one_purpose_and_one_attempt() -> None:
    key = idempotency_key("price", 1)
    assert key != idempotency_key("product", 1)
    assert idempotency_header(key) == idempotency_header(key, 0)
    assert idempotency_header(key, 1) != idempotency_header(key, 0)
