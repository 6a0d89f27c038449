"""A page from an outline is the page that its template draws, whatever it says; and looks at nothing but its shape."""

import tracemalloc
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
from bookwhen.fastpath.outlines import NotPlainError, Outlines, Said, SaidKey, SaidOrNot, Shown, said
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


def outline_of(templates: Path, text: str, most: int = 100_000) -> Outlines:
    name = f"outline{next(_numbers)}.html"
    (templates / name).write_text(text)
    return Outlines(name, most)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the log says of templates that look at what they are only to say."""
    found: list[object] = []
    monkeypatch.setattr(outlines.log, "error", lambda *said: found.append(said))
    return found


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
def test_it_says_what_its_template_draws(templates: Path, logged: list[object], pages: list[dict[str, Any]]) -> None:
    kept = outline_of(templates, PAGE)
    for page in pages * 2:
        shown = told(page)
        assert kept.render(shown) == kept.draw(shown)
    assert logged == []


@pytest.mark.parametrize(
    "looks",
    [
        '{% if text == "x" %}y{% endif %}',
        '{% if text != "x" %}y{% endif %}',
        '{% if text < "y" %}y{% endif %}',
        '{% if text >= "y" %}y{% endif %}',
        '{% if "x" == text %}y{% endif %}',
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
        "{% if text|divisibleby:2 or nothing %}y{% endif %}",
        "{{ text|get_digit:1 }}",
        "{% widthratio text 2 1 %}",
        '{{ text|json_script:"data" }}',
        "{{ text|pprint }}",
        "{{ text|linebreaks }}",
        '{{ text|stringformat:"r" }}',
        '{{ "a"|add:text }}',
        "{{ others.0|yesno:text }}",
        "{% for other in others %}{% if other == text %}y{% endif %}{% endfor %}",
        "{% filter upper %}{{ text }}{% endfilter %}",
        "{% filter truncatechars:8 %}{{ text }}{% endfilter %}",
        "{% autoescape off %}{{ text }}{% endautoescape %}",
        "{% blocktranslate asvar made %}{{ text }}{% endblocktranslate %}{{ made|title }}",
        "{% blocktranslate asvar made %}{{ text }}{% endblocktranslate %}{{ made|capfirst }}",
    ],
)
@pytest.mark.parametrize("kind", [Said, SaidOrNot])
def test_a_template_that_looks_at_what_it_is_only_to_say_is_drawn_each_time(
    templates: Path, logged: list[object], kind: type[Said], looks: str
) -> None:
    kept = outline_of(templates, "{% load i18n %}[{{ text }}] " + looks)

    for text in ("x", "yx", "z-1", "12", "x"):
        shown = {"text": kind(text), "others": ["x"]}
        assert kept.render(shown) == kept.draw(shown)

    assert len(logged) == 1


@pytest.mark.parametrize(
    "looks",
    ["{% if text %}y{% endif %}", "{{ text|default:'–' }}", "{% firstof text 'n' %}", "{{ text|yesno }}"],
)
def test_whether_there_is_a_text_can_be_hidden(templates: Path, logged: list[object], looks: str) -> None:
    kept = outline_of(templates, looks)

    for text in ("x", "", "<y>"):
        shown = {"text": SaidOrNot(text)}
        assert kept.render(shown) == kept.draw(shown)

    assert len(logged) == 1


@pytest.mark.parametrize(
    "looks",
    [
        "{% if key == other %}y{% endif %}",
        "{% if key != other %}y{% endif %}",
        "{% if key in keys %}y{% endif %}",
        "{% if key < other %}y{% endif %}",
    ],
)
def test_keys_are_compared_with_nothing(templates: Path, logged: list[object], looks: str) -> None:
    kept = outline_of(templates, looks)

    for key, other in (("a", "a"), ("a", "b"), (UUID(int=1), UUID(int=1)), (UUID(int=2), UUID(int=1))):
        shown: Shown = {"key": SaidKey(key), "other": SaidKey(other), "keys": [SaidKey(other)]}
        assert kept.render(shown) == kept.draw(shown)

    assert len(logged) == 1  # all keys have one shape


@pytest.mark.parametrize("changes", ["{{ key.hex }}", "{{ key|upper }}", "{% filter upper %}{{ key }}{% endfilter %}"])
def test_a_key_that_was_made_into_something_else_is_found(templates: Path, logged: list[object], changes: str) -> None:
    kept = outline_of(templates, changes)

    for key in (UUID(int=2**127 + 10), UUID(int=11)):
        shown = {"key": SaidKey(key)}
        assert kept.render(shown) == kept.draw(shown)

    assert len(logged) == 1


def test_however_many_shapes_there_are_they_take_what_they_may(templates: Path) -> None:
    most = 1_500_000
    row = "{% for each in rows %}<li>“{{ each.title }}” {{ each.of }} {{ each.name }}{{ each.title }}</li>{% endfor %}"
    kept = outline_of(templates, row, most)
    kept.render({"rows": []})
    tracemalloc.start()
    for shape in range(0, 90_000, 1000):
        rows = [{"title": said("x"), "of": shape + number, "name": SaidKey("a")} for number in range(60)]
        kept.render({"rows": rows})
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert 1 < shapes(kept) < 90
    assert most / 2 < taken < most * 1.2


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


@pytest.mark.parametrize("name", [1, True, None, mark_safe("<b>")])
def test_names_are_plain_too(templates: Path, name: Any) -> None:
    with pytest.raises(NotPlainError):
        outline_of(templates, "{% for each in odd %}{{ each }}{% endfor %}").render({"odd": {name: "x"}})


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
