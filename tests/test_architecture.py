"""docs/architecture.md tells two lives as functions that hand on to each other: they exist, and they do."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
TEXT: Final = (ROOT / "docs" / "architecture.md").read_text()
STEP: Final = re.compile(r"^\d+\. `([\w.]+)`", re.MULTILINE)


def lives() -> dict[str, list[str]]:
    """The steps of each life, by its heading: dotted names of functions, in order."""
    parts = re.split(r"^## (The life of .+)$", TEXT, flags=re.MULTILINE)[1:]
    return {title: STEP.findall(body.split("\n## ")[0]) for title, body in zip(parts[::2], parts[1::2], strict=True)}


@cache
def tree(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text())


def definitions(module: str) -> dict[str, ast.AST]:
    """The functions, methods' classes and assignments of a module's top level, by name."""
    found: dict[str, ast.AST] = {}
    for node in tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def imports(module: str) -> dict[str, str]:
    """What a module's imported names stand for, as dotted names."""
    found: dict[str, str] = {}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    return found


def mentioned(module: str, node: ast.AST) -> Iterator[str]:
    """The dotted names that a definition uses, and the texts in it: a task is handed on by its name."""
    known = imports(module)
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield known.get(each.id, f"{module}.{each.id}")
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            yield f"{known.get(each.value.id, each.value.id)}.{each.attr}"
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def reached(step: str) -> set[str]:
    """All that a step uses, itself or through what stands beside it in its module."""
    module, name = step.rsplit(".", 1)
    inside, seen, found = definitions(module), set[str](), set[str]()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in inside:
            continue
        seen.add(current)
        for each in mentioned(module, inside[current]):
            found.add(each)
            if each.rpartition(".")[0] == module:
                waiting.append(each.rpartition(".")[2])
    return found


LATER: Final = [(step, steps[:number]) for steps in lives().values() for number, step in enumerate(steps) if number]


def hands_on(step: str, following: str) -> bool:
    """Whether a step uses another; an app's config uses what its handlers are registered with."""
    if following.endswith("Config"):
        return step.rpartition(".")[0] in {each.rpartition(".")[0] for each in reached(following)}
    return following in reached(step)


def test_two_lives_are_told() -> None:
    assert [title for title, steps in lives().items() if len(steps) >= 8] == [
        "The life of a booking",
        "The life of a Stripe event",
    ]


@pytest.mark.parametrize("step", sorted({step for steps in lives().values() for step in steps}))
def test_a_step_exists(step: str) -> None:
    module, name = step.rsplit(".", 1)

    assert name in definitions(module)


@pytest.mark.parametrize(("step", "before"), LATER)
def test_a_step_is_handed_on_to_by_one_before_it(step: str, before: list[str]) -> None:
    assert any(hands_on(each, step) for each in before)
