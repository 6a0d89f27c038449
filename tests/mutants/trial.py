"""A copy of the project in which mutants are tried, and the servers that its tests use: the tree stays as it is."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]
PYTEST = (
    "-x",
    "-q",
    "--reuse-db",
    # The same mutant meets the same tests with the same examples in the same order, each time.
    *("-p", "tests.mutants.profile"),
    *("-p", "no:randomly"),
    *("-p", "no:cacheprovider"),
)


class UnsoundError(Exception):
    """There are no tests, or they fail before anything was changed."""

    def __init__(self, module: str, tests: Sequence[str]) -> None:
        super().__init__(f"{' '.join(tests)}: not passed for {module} as it is." if tests else f"{module}: no tests.")


@dataclass(frozen=True, slots=True)
class Trial:
    """A copy of the project where a `module` is changed, the `tests` that are asked, and how long they may take."""

    root: Path
    module: str
    tests: Sequence[str]
    seconds: float = 600

    def sound(self) -> "Trial":
        """This trial, once its tests have passed without a change: how long they take says when a mutant hangs."""
        began = time.monotonic()
        if not self.tests or not self.survives((ROOT / self.module).read_text()):
            raise UnsoundError(self.module, self.tests)
        return Trial(self.root, self.module, self.tests, seconds=30 + 5 * (time.monotonic() - began))

    def survives(self, source: str) -> bool:
        """Whether the tests pass with this source of the module. One that hangs was noticed."""
        path = self.root / self.module
        original = path.read_text()
        try:
            return self._passes(path, source)
        finally:
            path.write_text(original)

    def _passes(self, path: Path, source: str) -> bool:
        path.write_text(source)
        # Compiled code is known by second and size, in which two mutants may agree.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *PYTEST, *self.tests]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, check=False, timeout=self.seconds)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def mirrored(module: str) -> list[str]:
    """The test modules of a module: tests/offers/test_pricing.py (and test_pricing_….py) of offers/pricing.py."""
    path = Path(module)
    folder = ROOT / "tests" / path.parent
    found = {*folder.glob(f"test_{path.stem}.py"), *folder.glob(f"test_{path.stem}_*.py")}
    return sorted(str(each.relative_to(ROOT)) for each in found)


@contextmanager
def laboratory() -> Generator[Path]:
    """A copy of what git knows or would take in, as it stands now, with PostgreSQL and Valkey running for its tests."""
    services.start()
    with tempfile.TemporaryDirectory(prefix="bookwhen-mutants-") as folder:
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        for name in subprocess.check_output(listed, cwd=ROOT, text=True).split("\0"):
            if name and (ROOT / name).is_file():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
        yield Path(folder)
