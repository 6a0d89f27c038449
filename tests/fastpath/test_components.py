"""A component that is worked out once is drawn as cotton draws it, wherever it stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, engines
from django.template.base import Node, Template
from django_cotton.templatetags._component import CottonComponentNode

from bookwhen.fastpath.components import Component

TEMPLATES = sorted(
    str(path.relative_to(folder))
    for folder in [Path(settings.BASE_DIR) / "templates"]
    for path in folder.rglob("*.html")
    if "<c-" in path.read_text()
)
FACTS: list[dict[str, Any]] = [
    {},
    {"title": "a & b", "href": "/<x>", "label": "“l”", "icon": "check", "tone": "warn", "value": 1000, "limit": 3},
]


def source_of(text: str) -> Template:
    found: Template = engines["django"].from_string(text).template  # type: ignore[attr-defined]
    return found


def compiled(text: str) -> Template:
    """A template as the loader reads it from a file."""
    from django_cotton.compiler_regex import CottonCompiler

    return source_of(CottonCompiler().process(text))


def drawn(text: str, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """As it is, twice, and as cotton draws it."""
    template = compiled(text)
    first = template.render(Context(facts))
    assert template.render(Context(facts)) == first
    with monkeypatch.context() as plainly:
        plainly.setattr(Component, "render", CottonComponentNode.render)
        return first, compiled(text).render(Context(facts))


CASES = [
    "<c-badge>x</c-badge>",
    '<c-badge tone="good" icon="check">{{ title }}</c-badge>',
    '<c-badge tone="{{ tone }}" icon="{{ icon }}">{{ title }}</c-badge>',
    '<c-badge tone="{% if value %}warn{% endif %}">{{ tone }}</c-badge>',
    '<c-button href="{{ href }}" variant="primary" icon="plus" data-x="{{ title }}" autofocus>{{ label }}</c-button>',
    '<c-button label="a & b" type="button" />',
    '<c-button label="{{ title }}" />',
    '<c-card heading="a & b" hint="{{ title }}" id="x" flush>y<c-slot name="footer">{{ title }}</c-slot></c-card>',
    '<c-card heading="x">y{% if value %}<c-slot name="actions"><c-badge>z</c-badge></c-slot>{% endif %}</c-card>',
    '<c-card><c-card heading="inner"><c-slot name="footer">f</c-slot>i</c-card>o</c-card>',
    '<c-stat label="l" value="{{ value }}" />',
    '<c-stat label="l" :value="value" href="{{ href }}" />',
    '<c-uses used="{{ value }}" limit="{{ limit }}" period="p" />',
    '<c-uses :used="value" :limit="limit" />',
    '<c-uses :used="nothing.at.all" />',
    '<c-menu id="m" name="{{ title }}"><c-menu.item href="{{ href }}" icon="x">i</c-menu.item><c-menu.gap /></c-menu>',
    '<c-menu id="m" name="n" label="{{ label }}"><c-menu.item action="/a" name="b" value="{{ value }}">c</c-menu.item>'
    "</c-menu>",
    '{% for each in "ab" %}<c-badge tone="{{ each }}">{{ forloop.counter }}{{ each }}</c-badge>{% endfor %}',
    '<c-tabs.item href="/" current="{% if value %}page{% endif %}" count="{{ value }}">a</c-tabs.item>',
    '<c-empty-state title="{{ title }}" icon="{{ icon }}">e<c-slot name="action">a</c-slot></c-empty-state>',
    '<c-banner title="t">b<c-slot name="action"><c-button>c</c-button></c-slot></c-banner>',
    '<c-reveal on="first"><c-slot name="control">c</c-slot>b</c-reveal>',
    '<c-confirm label="l" cancel="/c"><li>{{ title }}</li></c-confirm>',
]


@pytest.mark.parametrize("facts", FACTS)
@pytest.mark.parametrize("text", CASES)
def test_a_component_is_drawn_as_cotton_draws_it(
    text: str, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, plain = drawn(text, facts, monkeypatch)
    assert fast == plain


def nodes(template: Template) -> Iterator[Node]:
    return iter(template.nodelist.get_nodes_by_type(Node))


def test_every_component_of_the_house_is_one_of_these() -> None:
    found = [
        node
        for name in TEMPLATES
        for node in nodes(engines["django"].get_template(name).template)
        if isinstance(node, CottonComponentNode)
    ]
    assert len(found) > 300
    assert {type(node) for node in found} == {Component}


def test_what_is_written_where_it_stands_is_decided_once() -> None:
    template = compiled('<c-badge tone="good" icon="check">x</c-badge>')
    template.render(Context())

    [component] = [node for node in nodes(template) if isinstance(node, Component)]
    assert component._plan is not None  # noqa: SLF001 - that is what this is about
    assert [type(node).__name__ for node in component._plan.nodes] == ["TextNode", "VariableNode", "TextNode"]  # noqa: SLF001
