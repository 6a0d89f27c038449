"""A row that is drawn once in each of its shapes says what its template would say, and refuses templates that look."""

import gc
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.fastpath import row_templates
from bookwhen.fastpath.row_templates import LookedAtError, RowTemplate, joined
from memberships.models import SubscriptionState
from offers.models import OfferKind
from tests.browsing import open_browser
from tests.worlds.full_studio import FullStudio

PAGES = (
    "groups/{group}/",
    "groups/{group}/tickets/",
    "memberships/{membership}/customers/",
    "subscriptions/",
    "customers/{customer}/",
    "schedule/{entry}/",
)
"""Where rows are drawn so; every such template is on one of them."""
VALUES: dict[str, list[Any]] = {
    "goes": ["ended", "ends", "starts again", "paused until", "paused", "renews", ""],
    "kind": [each.value for each in OfferKind],
    "state": list(SubscriptionState),
}
"""What a part of a shape can be that is neither true nor false."""
ODD = '50% of %(name)s & <b>"O’Hara"</b> {{ name }}'
Shape = Mapping[str, Any]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a template is its source."""

    def drawn(source: str, context: dict[str, Any]) -> str:
        return Template(source).render(Context(context))

    monkeypatch.setattr(row_templates, "render_to_string", drawn)


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    "template",
    [
        "{% if name %}x{% endif %}",
        "{% if not name %}x{% endif %}",
        '{% if name == "x" %}x{% endif %}',
        '{% if "x" in name %}x{% endif %}',
        "{% if kind == name %}x{% endif %}",
        "{% if kind or name %}x{% endif %}",
        "{{ name|upper }}",
        "{{ name|default:'–' }}",
        "{{ name|length }}",
        "{{ name|date:'j M Y' }}",
        "{{ name|truncatechars:9 }}",
        "{{ name|linebreaksbr }}",
        "{{ name|urlencode }}",
        "{{ name|safe }}",
        "{{ name|add:'1' }}",
        "{{ name|yesno }}",
        "{{ name.first }}",
        "{{ name.0 }}",
        "{{ kind|default:name }}{{ name|first }}",
        "{% for each in name %}x{% endfor %}",
        "{% firstof name kind %}",
        "{% with other=name|lower %}{{ other }}{% endwith %}",
        "{% load i18n %}{% blocktranslate with other=name|upper %}{{ other }}{% endblocktranslate %}",
        '{% url "dashboard:customer" account="demo" pk=name %}',
    ],
)
def test_a_template_may_only_write_its_texts(template: str) -> None:
    with pytest.raises(LookedAtError):
        RowTemplate(template).draw({"name": "Ada"}, kind="")


@pytest.mark.usefixtures("source")
@given(name=st.text(), number=st.integers(), bold=st.booleans())
def test_texts_are_put_in_as_a_template_would_write_them(name: str, number: int, *, bold: bool) -> None:
    source = (
        '{% load i18n %}{% if bold %}<b title="{{ name }}">{% endif %}100% {{ name }} {{ number }} {{ kept }}'
        "{% with other=name %}{{ other }}{% endwith %}"
        "{% blocktranslate %}{{ name }} of {{ number }} %s{% endblocktranslate %}"
    )
    texts = {"name": name, "number": number, "kept": SafeString("<i>&amp;</i>")}
    plain = Template(source).render(Context({**texts, "bold": bold}))
    assert RowTemplate(source).draw(texts, bold=bold) == plain


@pytest.mark.usefixtures("source")
def test_a_shape_is_drawn_once_in_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[str]()
    plainly = RowTemplate._draw_with_holes  # noqa: SLF001 - what is to be counted

    def counted(row: RowTemplate, texts: Mapping[str, object], shape: Shape) -> str:
        drawn.append(html := plainly(row, texts, shape))
        return html

    monkeypatch.setattr(RowTemplate, "_draw_with_holes", counted)
    row = RowTemplate("{% if bold %}!{% endif %}{% load i18n %}{% get_current_language as language %}{{ language }}")
    assert [row.draw({}, bold=bold) for bold in (True, False, True, True)] == ["!en-gb", "en-gb", "!en-gb", "!en-gb"]
    assert len(drawn) == 2
    with override("de"):
        assert row.draw({}, bold=True) == "!de"
    assert row.draw({}, bold=True) == "!en-gb"
    assert len(drawn) == 3


def test_rows_that_are_joined_are_html() -> None:
    found = joined([SafeString("<p>"), SafeString("</p>")])
    assert (found, type(found)) == ("<p></p>", SafeString)


@pytest.mark.django_db
def test_every_row_of_the_house_is_as_its_template_draws_it(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    seen: dict[str, tuple[RowTemplate, Mapping[str, Any], Shape]] = {}
    draw = RowTemplate.draw

    def watched(row: RowTemplate, texts: Mapping[str, Any], **shape: Any) -> SafeString:
        name = row._name  # noqa: SLF001 - the test's business
        html = draw(row, texts, **shape)
        assert html == render_to_string(name, {**texts, **shape})
        seen[name] = (row, texts, shape)
        return html

    monkeypatch.setattr(RowTemplate, "draw", watched)
    _visit(FullStudio())
    assert set(seen) == {each._name for each in gc.get_objects() if type(each) is RowTemplate and _is_ours(each)}  # noqa: SLF001
    for name, (row, texts, shape) in seen.items():
        with subtests.test(name):
            odd = {each: ODD if type(text) is str else text for each, text in texts.items()}
            for each in _shapes(shape):
                assert draw(row, odd, **each) == render_to_string(name, {**odd, **each})


def _visit(studio: FullStudio) -> None:
    client = open_browser(studio.staff.user)
    found = studio.by_folder
    ids = {"group": found["groups"], "membership": found["memberships"]}
    ids |= {"customer": found["customers"], "entry": found["schedule"]}
    for page in PAGES:
        assert client.get(f"/dashboard/{studio.account.slug}/{page.format(**ids)}").status_code == 200


def _is_ours(row: RowTemplate) -> bool:
    return row._name.endswith(".html")  # noqa: SLF001


def _shapes(shape: Shape) -> Iterator[Shape]:
    """Every shape that there can be."""
    values = [[True, False] if isinstance(value, bool) else VALUES[name] for name, value in shape.items()]
    return (dict(zip(shape, each, strict=True)) for each in product(*values))
