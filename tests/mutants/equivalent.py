"""Mutants that nobody can notice, each with its reason: they are made, and left out of a round."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.operators import Mutant

LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One entry of the list: in a `module` (its path), the line `was` may become another, and `why` nothing changes."""

    module: str
    was: str
    becomes: str
    why: str

    def names(self, module: str, mutant: Mutant) -> bool:
        """Whether it is this mutant."""
        return (self.module, self.was, self.becomes) == (module, mutant.was, mutant.becomes)


def listed() -> list[Equivalent]:
    """The list."""
    return [Equivalent(**each) for each in tomllib.loads(LIST.read_text()).get("equivalent", [])]
