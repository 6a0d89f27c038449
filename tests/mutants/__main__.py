"""Run a round: `python -m tests.mutants offers/eligibility.py --count 20 --seed 1`."""

import argparse
import random
import sys
from collections.abc import Sequence

from tests.mutants.equivalent import listed
from tests.mutants.operators import Mutant, mutants_of
from tests.mutants.trial import ROOT, Trial, UnsoundError, laboratory, mirrored


def main() -> int:
    """Try mutants of each module and show those that lived; returns 1 if any did, 2 for tests that fail anyway."""
    options = _options()
    made = lived = 0
    with laboratory() as root:
        for module in options.modules:
            chosen = choose(module, count=options.count, seed=options.seed)
            try:
                trial = Trial(root, module, options.tests or mirrored(module)).sound()
            except UnsoundError as problem:
                print(problem, file=sys.stderr)
                return 2
            made += len(chosen)
            lived += try_all(trial, chosen)
    print(f"{made} made, {made - lived} killed, {lived} lived.")
    return 1 if lived else 0


def choose(module: str, *, count: int | None, seed: int) -> list[Mutant]:
    """So many mutants of a module (none: all) as this seed picks them, without those that are listed as equivalent."""
    equivalents = listed()
    mutants = mutants_of((ROOT / module).read_text())
    open_ones = [mutant for mutant in mutants if not any(each.names(module, mutant) for each in equivalents)]
    print(f"{module}: {len(mutants)} mutants can be made, {len(mutants) - len(open_ones)} are equivalent.")
    if count is None or count >= len(open_ones):
        return open_ones
    return sorted(random.Random(seed).sample(open_ones, count), key=lambda each: each.line)


def try_all(trial: Trial, mutants: Sequence[Mutant]) -> int:
    """Try one after the other: a dot for each that is killed, a diff for each that lived; how many did."""
    lived = 0
    for mutant in mutants:
        if trial.survives(mutant.source):
            lived += 1
            print(f"\nLIVED {trial.module}:{mutant.line}\n- {mutant.was}\n+ {mutant.becomes}", flush=True)
        else:
            print(".", end="", flush=True)
    print()
    return lived


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="the path of a module, such as offers/periods.py")
    parser.add_argument("--count", type=int, help="how many of each module's mutants, at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="what picks them (default: 1)")
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="the tests to ask (default: the mirrored module's)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
