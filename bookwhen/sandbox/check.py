"""Every check that is not a test, as `dev.py check` runs them."""

import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

# What mypy's Django plugin and manage.py read the settings from; nothing here connects to a server.
ENVIRONMENT: Final = {
    "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "a key for checks alone, long enough and with more than five different characters",
    "SITE_URL": "https://example.org",
    "ALLOWED_HOSTS": "example.org",
    "PROCESS": "command",
}


def run(root: Path, names: Collection[str] = ()) -> int:
    """Run every check, or those named, in the project's root and say how each ended; return 1 if one failed, else 0."""
    chosen = {name: command for name, command in commands(root).items() if not names or name in names}
    results = {name: passes(name, command, root) for name, command in chosen.items()}
    failed = [name for name, passed in results.items() if not passed]
    print(f"{len(results) - len(failed)} of {len(results)} checks passed.", *failed and ["FAILED:", ", ".join(failed)])
    return 1 if failed else 0


def fix(root: Path) -> None:
    """Let the tools mend what they can by themselves."""
    for command in (
        [program("django-upgrade"), "--target-version", "5.2", "--exit-zero-even-if-changed", *files(root, "py")],
        [program("ruff"), "check", "--fix", "--quiet", "--exit-zero"],
        [program("ruff"), "format", "--quiet"],
        [program("djade"), "--target-version", "5.2", *files(root, "html")],
    ):
        subprocess.run(command, cwd=root, check=False)  # noqa: S603


def commands(root: Path) -> dict[str, list[str]]:
    """Return each check's command, by name."""
    manage = [sys.executable, "-W", "ignore:Got an error checking:RuntimeWarning", "manage.py"]
    return {
        "lint": [program("ruff"), "check"],
        "format": [program("ruff"), "format", "--check"],
        "types": [sys.executable, "-m", "mypy", "."],
        "contracts": [program("lint-imports"), "--no-cache"],
        "templates": [program("djade"), "--target-version", "5.2", "--check", *files(root, "html")],
        "django idioms": [program("django-upgrade"), "--target-version", "5.2", "--check", *files(root, "py")],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "migration safety": [sys.executable, "-m", "bookwhen.sandbox.migration_safety"],
        "deployment": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }


def files(root: Path, suffix: str) -> list[str]:
    """Return the project's own files that end so: not those in .venv or .data, nor those collected."""
    paths = (path.relative_to(root) for path in sorted(root.rglob(f"*.{suffix}")))
    return [str(path) for path in paths if path.parts[0] != "staticfiles" and not path.parts[0].startswith(".")]


def program(name: str) -> str:
    """Return the program of that name in this environment."""
    return str(Path(sys.executable).with_name(name))


def passes(name: str, command: list[str], root: Path) -> bool:
    """Run one check; print its name, how it ended and, when it failed, what it said."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603
        command,
        cwd=root,
        env={**os.environ, **ENVIRONMENT},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = done.returncode == 0
    print(f"{'PASS' if passed else 'FAIL'}  {name} ({time.monotonic() - began:.1f} s)", flush=True)
    if not passed:
        print(done.stdout, flush=True)
    return passed
