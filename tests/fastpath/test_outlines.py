"""A page from an outline is the page that its template draws, whatever it says; and looks at nothing but its shape."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from django.template import engines
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookwhen.fastpath import outlines
from bookwhen.fastpath.outlines import NotPlainError, Outlines, Said, SaidKey, Shown, said
from offers.eligibility import Reason

PAGE: Final = """{% load i18n %}<title>{{ title }}</title>{% if about %}<p>{{ about }}</p>{% else %}none{% endif %}
{% for line in lines %}<li id="{{ line.name }}">{{ line.title }}{% if line.free %} {% translate "Free" %}{% endif %}
{% blocktranslate with title=line.title %}Book “{{ title }}”{% endblocktranslate %}</li>{% endfor %}
<a href="{% url "public:entry" page=slug entry=uuid %}?next={{ back }}" id="n{{ number }}">{{ title|default:"x" }}</a>
{% include "_banners.html" %}{% csrf_token %}"""
_numbers: Final = count()


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "dirs", [*engine.dirs, tmp_path])
    return tmp_path


def outline_of(templates: Path, text: str) -> Outlines:
    name = f"outline{next(_numbers)}.html"
    (templates / name).write_text(text)
    return Outlines(name, most=100_000)


def shapes(kept: Outlines) -> int:
    return len(kept._known._values)  # noqa: SLF001


TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'%{}\ue000\ue001\ue002"), max_size=8)
HTML = TEXTS.map(lambda text: mark_safe(f"<b>{escape(text)}</b>"))  # noqa: S308
SLUGS = st.from_regex(r"\A[-a-z0-9_]{1,9}\Z")
LINES = st.fixed_dictionaries({"name": SLUGS, "title": TEXTS | HTML, "free": st.booleans()})


def told(page: dict[str, Any]) -> Shown:
    return {
        "title": said(page["title"]),
        "about": said(page["about"]),
        "slug": SaidKey(page["slug"]),
        "uuid": SaidKey(page["uuid"]),
        "number": SaidKey(page["number"]),
        "back": Said(page["slug"]),
        "csrf_token": SaidKey(lambda: page["slug"], later=True),
        "lines": [{**line, "name": SaidKey(line["name"]), "title": said(line["title"])} for line in page["lines"]],
        "messages": [{"message": said(each), "level_tag": "error", "is_toast": False} for each in page["messages"]],
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.lists(
        st.fixed_dictionaries(
            {
                "title": TEXTS | HTML,
                "about": TEXTS | HTML,
                "slug": SLUGS,
                "uuid": st.uuids(),
                "number": st.integers(1, 2**62),
                "lines": st.lists(LINES, max_size=2),
                "messages": st.lists(TEXTS, max_size=1),
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_it_says_what_its_template_draws(templates: Path, pages: list[dict[str, Any]]) -> None:
    kept = outline_of(templates, PAGE)
    for page in pages * 2:
        shown = told(page)
        assert kept.render(shown) == kept.draw(shown)


@pytest.mark.parametrize(
    "looks",
    [
        '{% if text == "x" %}y{% endif %}',
        '{% if "x" in text %}y{% endif %}',
        "{% if text in others %}y{% endif %}",
        "{{ text|upper }}",
        "{{ text|length }}",
        '{{ text|urlencode:"" }}',
        "{{ text|slugify }}",
        "{{ text|truncatechars:1 }}",
        "{{ text|safe }}",
        '{{ text|add:"x" }}',
        "{{ text.0 }}",
        "{% for letter in text %}{{ letter }}{% endfor %}",
        "{% translate text %}",
        '{% url "public:schedule" page=text %}',
    ],
)
def test_a_template_that_looks_at_what_it_is_only_to_say_is_drawn_each_time(
    templates: Path, monkeypatch: pytest.MonkeyPatch, looks: str
) -> None:
    logged: list[tuple[object, ...]] = []
    monkeypatch.setattr(outlines.log, "error", lambda *said: logged.append(said))
    kept = outline_of(templates, "{% load i18n %}[{{ text }}] " + looks)

    for text in ("x", "yx", "z-1", "x"):
        shown = {"text": Said(text), "others": ["x"]}
        assert kept.render(shown) == kept.draw(shown)

    assert len(logged) == 1


def test_a_shape_is_all_but_what_is_said(templates: Path) -> None:
    kept = outline_of(templates, "{{ a }}|{{ b.c }}|{{ d.0 }}")
    same: list[Shown] = [{"a": said(text), "b": {"c": 1}, "d": [Said(text)]} for text in ("x", "<y>")]
    other: list[Shown] = [
        {"a": "", "b": {"c": 1}, "d": [Said("x")]},
        {"a": None, "b": {"c": 1}, "d": [Said("x")]},
        {"a": said("x"), "b": {"c": True}, "d": [Said("x")]},
        {"a": said("x"), "b": {"c": "1"}, "d": [Said("x")]},
        {"a": said("x"), "b": {"d": 1}, "d": [Said("x")]},
        {"a": said("x"), "b": {"c": 1}, "d": []},
        {"a": said("x"), "b": {"c": 1}, "d": [SaidKey("x")]},
    ]
    found = [kept.render(each) for each in (*same, *other)]

    assert found == [kept.draw(each) for each in (*same, *other)]
    assert found[:2] == ["x|1|x", "&lt;y&gt;|1|&lt;y&gt;"]
    assert shapes(kept) == 1 + len(other)


@pytest.mark.parametrize("odd", [mark_safe("<b>"), 1.5, date(2030, 1, 1), Reason.SOLD_OUT, object(), uuid4()])
def test_nothing_that_could_be_looked_at_goes_unseen(templates: Path, odd: object) -> None:
    with pytest.raises(NotPlainError):
        outline_of(templates, "{{ odd }}").render({"odd": odd})


def test_each_language_has_its_own(templates: Path) -> None:
    kept = outline_of(templates, "{% load i18n %}{% get_current_language as here %}{{ here }}")
    found = []
    for language in ("en-gb", "en-us", "en-gb"):
        with override(language):
            found.append(kept.render({}))
    assert found == ["en-gb", "en-us", "en-gb"]


def test_what_is_said_later_is_asked_for_only_where_it_is_said(templates: Path) -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return "token"

    shown = {"token": SaidKey(ask, later=True), "uuid": SaidKey(UUID(int=1))}
    assert outline_of(templates, "{{ uuid }}").render(shown) == str(UUID(int=1))
    assert asked == []
