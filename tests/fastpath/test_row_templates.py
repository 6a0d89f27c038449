"""A row that is drawn once in each of its shapes says what its template would say."""

import gc
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.fastpath import outlines
from bookwhen.fastpath.outlines import NotPlainError
from bookwhen.fastpath.row_templates import RowTemplate, joined
from memberships.models import SubscriptionState
from offers.models import OfferKind
from tests.browsing import open_browser
from tests.worlds.full_studio import FullStudio

PAGES = (
    "groups/{group}/",
    "groups/{group}/customers/",
    "groups/{group}/offers/",
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
    "presence": ["present", "absent", ""],
    "state": SubscriptionState.values,
}
"""What a part of a shape can be that is neither true nor false."""
ODD = '50% of %(name)s & <b>"O’Hara"</b> {{ name }}'
Shape = Mapping[str, Any]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a template is its source."""

    def drawn(source: str, context: dict[str, Any]) -> str:
        return Template(source).render(Context(context))

    monkeypatch.setattr(outlines, "render_to_string", drawn)


@pytest.mark.usefixtures("source")
@given(
    name=st.text(st.characters() | st.sampled_from("\ue000\ue001%{}<&\u202e")), number=st.integers(), bold=st.booleans()
)
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
def test_a_text_of_a_row_may_be_empty() -> None:
    row = RowTemplate("<b>{{ name }}</b>{{ number }}")
    assert [row.draw({"name": name, "number": 0}) for name in ("", "Ada", "")] == [
        "<b></b>0",
        "<b>Ada</b>0",
        "<b></b>0",
    ]


@pytest.mark.usefixtures("source")
def test_what_looks_alike_is_another_shape() -> None:
    row = RowTemplate("{{ kind }}")
    assert [row.draw({}, kind=kind) for kind in (1, True, "1", None, "", 0, False)] == [
        "1",
        "True",
        "1",
        "None",
        "",
        "0",
        "False",
    ]
    for odd in (SafeString("<b>"), 1.0, SubscriptionState.ACTIVE):
        with pytest.raises(NotPlainError):
            row.draw({}, kind=odd)


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
        name = _name(row)
        html = draw(row, texts, **shape)
        assert html == render_to_string(name, {**texts, **shape})
        seen[name] = (row, texts, shape)
        return html

    monkeypatch.setattr(RowTemplate, "draw", watched)
    _visit(FullStudio())
    assert set(seen) == {
        _name(each) for each in gc.get_objects() if type(each) is RowTemplate and _name(each).endswith(".html")
    }
    for name, (row, texts, shape) in seen.items():
        with subtests.test(name):
            for each, odd in product(_shapes(shape), (ODD, "")):
                others = {key: odd if type(text) is str else text for key, text in texts.items()}
                assert draw(row, others, **each) == render_to_string(name, {**others, **each})


def _visit(studio: FullStudio) -> None:
    client = open_browser(studio.staff.user)
    found = studio.by_folder
    ids = {"group": found["groups"], "membership": found["memberships"]}
    ids |= {"customer": found["customers"], "entry": found["schedule"]}
    for page in PAGES:
        assert client.get(f"/dashboard/{studio.account.slug}/{page.format(**ids)}").status_code == 200


def _name(row: RowTemplate) -> str:
    return row.outlines._template  # noqa: SLF001 - the test's business


def _shapes(shape: Shape) -> Iterator[Shape]:
    """Every shape that there can be."""
    values = [[True, False] if isinstance(value, bool) else VALUES[name] for name, value in shape.items()]
    return (dict(zip(shape, each, strict=True)) for each in product(*values))
