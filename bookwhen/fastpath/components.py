"""Components of pages (`<c-…>`) that are worked out once, as far as they are the same each time.

A builtin library of templates (settings): its tag takes the place of cotton's own. Where a component stands, most of
what it is given is written there (`tone="good" icon="check"`). So what depends on that alone is decided when it is
first drawn: conditions, icons, the values themselves. What is left is drawn each time, in the same context as
cotton's.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.template import Context, Library, Node, NodeList
from django.template.base import FilterExpression, Parser, TextNode, Token, Variable, VariableNode
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.library import SimpleNode
from django.template.smartif import TokenBase
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django_cotton.templatetags import Attrs, UnprocessableDynamicAttr
from django_cotton.templatetags._component import AttrKind, CottonComponentNode, PreparedAttr, cotton_component
from django_cotton.templatetags._slot import CottonSlotNode
from django_cotton.templatetags._vars import CottonVarsNode
from django_cotton.utils import get_cotton_data

from bookwhen.icons import lucide

register = Library()
PURE: Final = frozenset({lucide})
"""Tags that say the same whenever they are given the same."""
Given = Mapping[str, Any]


@register.tag
def cotton(parser: Parser, token: Token) -> Node:
    """A component, as cotton reads it."""
    node = cotton_component(parser, token)
    node.__class__ = Component
    return node


class Component(CottonComponentNode):  # type: ignore[misc]
    """Where a component stands in a template."""

    _plan: "Plan | None" = None

    def render(self, context: Context) -> str:
        """Draw it, as cotton would."""
        if self._plan is None:
            self._plan = Plan(self, context)
        if not self._plan.is_simple or not context.autoescape:
            return str(super().render(context))
        return self._plan.render(context)


class Plan:
    """What is known of a component where it stands, and what is left to do when it is drawn."""

    def __init__(self, component: Component, context: Context) -> None:
        """Work out what is the same each time."""
        template = component._get_cached_template(context, {})  # noqa: SLF001 - cotton's, as it finds it
        prepared: list[PreparedAttr] = component._prepared_attrs  # noqa: SLF001
        declared = [each for node in template.nodelist if isinstance(node, CottonVarsNode) for each in _declared(node)]
        keys = {attr.key for attr in prepared}
        self.is_simple = not (
            component.only
            or keys & {"is", "attrs"}
            or any(attr.kind == AttrKind.BOOLEAN and attr.key.startswith(":") for attr in prepared)
            or any(default.kind != AttrKind.STATIC for default in declared)
        )
        self.slot: NodeList = component.nodelist
        self.has_slots = any(_slots(self.slot))
        fixed = {attr.key: attr.value for attr in prepared if attr.kind in {AttrKind.STATIC, AttrKind.BOOLEAN}}
        self.order = [attr.key for attr in prepared]
        self.open = [attr for attr in prepared if attr.key not in fixed]
        self.fallbacks = {default.key: default.value for default in declared if default.key in keys}
        known = {default.accessible_key: default.value for default in declared if default.key not in keys}
        known |= {key.replace("-", "_"): value for key, value in fixed.items()}
        # A slot may take the place of what is not given.
        self.defaults = {key: value for key, value in known.items() if self.has_slots and key not in fixed}
        self.known = {key: value for key, value in known.items() if key not in self.defaults}
        self.fixed = fixed
        self.shown = {default.exclude_key for default in declared} | set(_empty(template.nodelist)) | {"is"}
        self.has_attrs = "attrs" in template.source
        self.nodes = _folded(template.nodelist, self.known)

    def render(self, context: Context) -> str:
        """Draw what is left."""
        given: dict[str, Any] = {}
        cotton_data = get_cotton_data(context)
        slots: dict[str, str] = {}
        if self.has_slots:
            cotton_data["stack"].append({"slots": slots})
        lost = self._read(given, context)
        state = {**self.known, **self.defaults}
        slot = self.slot.render(context)
        if self.has_slots:
            cotton_data["stack"].pop()
            state |= slots | {key: value for key, value in self.fixed.items() if key in slots}
        state |= {key.replace("-", "_"): value for key, value in given.items()}
        state |= {key.replace("-", "_"): self.fallbacks[key] for key in lost if key in self.fallbacks}
        state |= {"slot": slot, "cotton_data": cotton_data}
        if self.has_attrs:
            everything = {**self.fixed, **given}
            attrs = Attrs({key: everything[key] for key in self.order if key in everything})
            for name in (*self.shown, *lost):
                attrs.exclude_from_string_output(name)
            state["attrs"] = attrs
        with context.push(state):
            return self.nodes.render(context)

    def _read(self, given: dict[str, Any], context: Context) -> list[str]:
        """Read what is given by the context; the names of what could not be read."""
        lost = []
        for attr in self.open:
            if attr.kind == AttrKind.ESCAPED:
                given[attr.key] = attr.compiled.nodelist.render(context) if attr.compiled else attr.value
                continue
            try:
                given[attr.key] = attr.compiled.resolve(context)
            except UnprocessableDynamicAttr:
                if attr.kind == AttrKind.UNQUOTED:
                    given[attr.key] = attr.value
                else:
                    lost.append(attr.key)
        return lost


def _declared(node: CottonVarsNode) -> list[Any]:
    return list(node._prepared_vars)  # noqa: SLF001


def _empty(nodes: Iterable[Node]) -> Iterable[str]:
    return [name for node in nodes if isinstance(node, CottonVarsNode) for name in node.empty_vars]


def _slots(nodes: Iterable[Node]) -> Iterable[CottonSlotNode]:
    """The named slots that are filled here, and not in a component within."""
    for node in nodes:
        if isinstance(node, CottonSlotNode):
            yield node
        elif not isinstance(node, CottonComponentNode):
            for name in node.child_nodelists:
                yield from _slots(getattr(node, name, None) or ())


def _folded(nodes: Iterable[Node], known: Given) -> NodeList:
    """The nodes that are left of some once these values are known; text that follows text is one."""
    left: list[Node] = []
    for node in nodes:
        for each in _fold(node, known):
            if isinstance(each, TextNode) and left and isinstance(left[-1], TextNode):
                left[-1] = _text(left[-1].s + each.s, each)
            else:
                left.append(each)
    return NodeList(left)


def _fold(node: Node, known: Given) -> Iterable[Node]:
    match node:
        case CottonVarsNode() | LoadNode() | CommentNode():
            return []
        case IfNode():
            return _fold_condition(node, known)
        case VariableNode() if _names(node.filter_expression) <= known.keys():
            value = node.filter_expression.resolve(Context(known))
            return [_text(conditional_escape(value), node)] if isinstance(value, str) else [node]
        case SimpleNode() if _is_pure(node, known):
            arguments, named = node.get_resolved_arguments(Context(known))
            return [_text(conditional_escape(node.func(*arguments, **named)), node)]
    return [node]


def _fold_condition(node: IfNode, known: Given) -> Iterable[Node]:
    """The branch that is taken, where that is known; else the branches that may be."""
    branches: list[tuple[Any, NodeList]] = []
    for condition, nodes in node.conditions_nodelists:
        if condition is not None and not _conditions(condition) <= known.keys():
            branches.append((condition, _folded(nodes, known)))
        elif condition is None or condition.eval(Context(known)):
            if not branches:
                return _folded(nodes, known)
            branches.append((None, _folded(nodes, known)))
            break
    return [_like(IfNode(branches), node)] if branches else []


def _conditions(condition: TokenBase | None) -> set[str]:
    """The names that a condition looks at."""
    if condition is None:
        return set()
    if isinstance(expression := getattr(condition, "value", None), FilterExpression):
        return _names(expression)
    return _conditions(condition.first) | _conditions(condition.second)


def _names(expression: FilterExpression) -> set[str]:
    """The names that an expression looks at; a filter may look at anything."""
    if expression.filters:
        return {""}
    variable = expression.var
    return {variable.lookups[0]} if isinstance(variable, Variable) and variable.lookups else set()


def _is_pure(node: SimpleNode, known: Given) -> bool:
    given = [*node.args, *node.kwargs.values()]
    return node.func in PURE and node.target_var is None and all(_names(each) <= known.keys() for each in given)


def _text(text: str, node: Node) -> TextNode:
    return _like(TextNode(SafeString(text)), node)


def _like(made: Any, node: Node) -> Any:  # noqa: ANN401 - a node of any kind
    made.token, made.origin = getattr(node, "token", None), getattr(node, "origin", None)
    return made
