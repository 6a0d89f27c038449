"""What is kept in a process: how much of it, and for whom."""

from django.utils.translation import override

from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.known import Known


def test_what_nobody_asked_for_longest_makes_room() -> None:
    known = Known[str, int](2)
    known.put("a", 1)
    known.put("b", 2)
    assert known.get("a") == 1
    assert known.put("c", 3) == 3
    assert [known.get(key) for key in "abc"] == [1, None, 3]
    known.put("a", 4)
    known.forget("c")
    known.forget("never known")
    assert [known.get(key) for key in "abc"] == [4, None, None]


def test_html_is_drawn_once_for_all_that_it_says_and_the_language() -> None:
    kept, drawn = KeptHtml[str](10), list[str]()

    def draw(says: str) -> str:
        drawn.append(says)
        return f"<p>{says}</p>"

    for says, language in (("a", "en"), ("a", "en"), ("b", "en"), ("a", "de"), ("a", "de")):
        with override(language):
            assert kept.get(says, lambda says=says: draw(says)) == f"<p>{says}</p>"  # type: ignore[misc]
    assert drawn == ["a", "b", "a"]
