"""Parts of work about a person, which each app registers for itself."""

import pytest

from accounts.parts import Parts


def test_parts_are_done_in_their_order_whoever_registered_first() -> None:
    parts = Parts[str]()
    parts.register("seats", "s", order=30)
    parts.register("addresses", "a", order=10)

    assert list(parts) == ["a", "s"]
    assert parts.names == ["addresses", "seats"]


@pytest.mark.parametrize(("name", "order"), [("seats", 40), ("others", 30)])
def test_a_name_and_an_order_are_one_part_s(name: str, order: int) -> None:
    parts = Parts[str]()
    parts.register("seats", "s", order=30)

    with pytest.raises(ValueError, match=name):
        parts.register(name, "x", order=order)
