"""What can be changed in a module so that a good test should fail: each mutant is changed in one place."""

import ast
import itertools
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import singledispatch
from typing import Final

COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SUMS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
FUNCTIONS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
ORDERS: Final = {"sorted", "reversed"}
CONDITIONS: Final = {"test", "ifs"}
UNTOUCHED: Final = {"annotation", "returns", "decorator_list"}
"""Fields of the syntax tree that do nothing when the program runs, or that the framework reads."""
MANNERS: Final = {"batch_size", "strict"}
"""Keywords that say how something is done, or what is known anyway: whatever they are, the outcome is the same."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's whole `source` with one change, at a `line` of the file: `was` (one statement) is now `becomes`."""

    line: int
    was: str
    becomes: str
    source: str


def plain(source: str) -> str:
    """A module as mutants are written: without comments, each statement on one line."""
    return ast.unparse(ast.parse(source))


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of a module, from its first line to its last."""
    tree = ast.parse(source)
    before = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for parent, field, index, node in _places(tree):
        changed = itertools.chain(_alternatives(node), _negations(node) if field in CONDITIONS else ())
        for other in changed:
            _put(parent, field, index, other)
            after = ast.unparse(tree)
            _put(parent, field, index, node)
            if after != before and after not in found:
                found[after] = Mutant(_line(parent, node), *_difference(before, after), after)
    return sorted(found.values(), key=lambda each: each.line)


def _places(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node with where it stands: a field of its parent, and the index in a list."""
    for field, value in ast.iter_fields(parent):
        if field in UNTOUCHED:
            continue
        listed = isinstance(value, list)
        for index, node in enumerate(value if listed else [value]):
            if isinstance(node, ast.AST) and not (isinstance(node, ast.keyword) and node.arg in MANNERS):
                yield parent, field, index if listed else None, node
                yield from _places(node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _line(parent: ast.AST, node: ast.AST) -> int:
    """The line of a node; what has none of its own, such as the filter of a comprehension, has its parent's."""
    return int(getattr(node, "lineno", 0) or getattr(parent, "lineno", 0))


def _difference(before: str, after: str) -> tuple[str, str]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return next((was.strip(), becomes.strip()) for was, becomes in pairs if was != becomes)


@singledispatch
def _alternatives(_node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    yield from ()


@_alternatives.register
def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for index, op in enumerate(node.ops):
        yield _with(node, ops=[*node.ops[:index], COMPARISONS[type(op)](), *node.ops[index + 1 :]])


@_alternatives.register
def _and_or(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for index in range(len(node.values)):
        rest = [*node.values[:index], *node.values[index + 1 :]]
        yield _with(node, values=rest) if len(rest) > 1 else rest[0]


@_alternatives.register
def _signs(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand


@_alternatives.register
def _sums(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in SUMS:
        yield _with(node, op=SUMS[type(node.op)]())


@_alternatives.register
def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


@_alternatives.register
def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Another function of the same arguments, or one of the arguments by itself."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in FUNCTIONS:
        yield _with(node, func=ast.Name(FUNCTIONS[name]))
    if (name in FUNCTIONS and len(node.args) > 1) or name in ORDERS:
        yield from node.args


@_alternatives.register
def _statements(node: ast.Expr) -> Iterator[ast.AST]:
    """A statement that is there for what it does, left out."""
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


def _negations(node: ast.AST) -> Iterator[ast.AST]:
    """A condition turned round; one that has `not`, or a comparison with an opposite, is turned round anyway."""
    opposite = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
    turned = isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], opposite)
    if isinstance(node, ast.expr) and not turned and not isinstance(node, ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other
