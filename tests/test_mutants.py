"""How mutants are made, chosen and tried."""

import subprocess
import sys

import pytest

from tests.mutants.__main__ import choose
from tests.mutants.equivalent import Equivalent, listed
from tests.mutants.operators import mutants_of, plain
from tests.mutants.trial import ROOT, mirrored


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("a < b", {"a <= b"}),
        ("a <= b < c", {"a < b < c", "a <= b <= c"}),
        ("a == b", {"a != b"}),
        ("a not in b", {"a in b"}),
        ("a is None", {"a is not None"}),
        ("not a", {"a"}),
        ("a and b", {"a or b", "a", "b"}),
        ("a or b or c", {"a and b and c", "a or b", "a or c", "b or c"}),
        ("max(a, b)", {"min(a, b)", "a", "b"}),
        ("max(a)", {"min(a)"}),
        ("any(a)", {"all(a)"}),
        ("sorted(a)", {"a"}),
        ("a + b", {"a - b"}),
        ("a % b", {"a // b"}),
        ("a[7]", {"a[8]", "a[6]"}),
        ("f(a=True)", {"f(a=False)"}),
        ("b if a else c", {"b if not a else c"}),
        ("b if a is None else c", {"b if a is not None else c"}),
        ("[a for a in b if c]", {"[a for a in b if not c]"}),
        ("f('1')", set()),
        ("f(strict=True, batch_size=5)", set()),
    ],
)
def test_an_expression_has_its_mutants(was: str, becomes: set[str]) -> None:
    made = mutants_of(f"x = {was}\n")

    assert {mutant.becomes for mutant in made} == {f"x = {each}" for each in becomes}
    assert {(mutant.line, mutant.was) for mutant in made} <= {(1, f"x = {was}")}


def test_a_mutant_differs_in_one_statement_and_has_its_line() -> None:
    source = "def f(a: int) -> int:\n    '''Say it.'''\n    # Why.\n    note(a)\n    a += b\n    return a\n"

    assert [(mutant.line, mutant.was, mutant.becomes) for mutant in mutants_of(source)] == [
        (4, "note(a)", "pass"),
        (5, "a += b", "a -= b"),
    ]
    assert mutants_of(source)[0].source == plain(source).replace("note(a)", "pass")


def test_annotations_and_decorators_are_left_alone() -> None:
    assert mutants_of("@f(slots=True)\nclass A:\n    b: Literal[1]\n\n    def c(self, d: E[2]) -> F[3]: ...\n") == []


def test_the_same_seed_chooses_the_same_mutants() -> None:
    module = "offers/periods.py"
    every = choose(module, count=None, seed=1)

    assert choose(module, count=5, seed=1) == choose(module, count=5, seed=1) != choose(module, count=5, seed=2)
    assert len(choose(module, count=5, seed=1)) == 5
    assert choose(module, count=10_000, seed=3) == every


@pytest.mark.parametrize("each", listed(), ids=lambda each: f"{each.module}: {each.becomes}")
def test_what_is_listed_as_equivalent_can_still_be_made(each: Equivalent) -> None:
    """Else its line was changed: the entry goes, or is looked at again."""
    mutants = mutants_of((ROOT / each.module).read_text())

    assert [mutant.becomes for mutant in mutants if each.names(each.module, mutant)] == [each.becomes]
    assert each.why


def test_a_module_is_tried_by_the_tests_that_mirror_it() -> None:
    assert mirrored("offers/pricing.py") == ["tests/offers/test_pricing.py"]
    assert mirrored("offers/messages.py") == []


@pytest.mark.parametrize(
    ("tests", "code", "said"),
    [
        (
            "tests/mutants/test_sample.py",
            0,
            "1 made, 1 killed, 0 lived.\n",
        ),
        ("tests/test_mutants.py::test_annotations_and_decorators_are_left_alone", 1, "1 made, 0 killed, 1 lived.\n"),
        (
            "tests/offers/test_nothing.py",
            2,
            "tests/offers/test_nothing.py: not passed for tests/mutants/sample.py as it is.\n",
        ),
    ],
)
def test_a_round_tells_who_lived_and_leaves_the_tree_alone(tests: str, code: int, said: str) -> None:
    module = ROOT / "tests" / "mutants" / "sample.py"
    before = module.read_bytes()
    command = [sys.executable, "-m", "tests.mutants", "tests/mutants/sample.py", "--count", "1", "--tests", tests]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, (done.stderr or done.stdout)[-len(said) :]) == (code, said)
    assert ("LIVED tests/mutants/sample.py:" in done.stdout) == (code == 1)
    assert module.read_bytes() == before
