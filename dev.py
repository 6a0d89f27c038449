#!/usr/bin/env python3
"""Run, test and check this project on a machine with nothing but Python 3.11 or newer.

usage: python3 dev.py VERB [OPTIONS]    (python3 dev.py VERB --help says more)

  run      start the whole site with its demo, on PostgreSQL, Valkey and a Stripe sandbox of its own
  test     run the tests (any option of pytest may follow)
  check    lint, types, import contracts, templates, migrations
  bench    run the benchmark
  manage   run a command of Django's manage.py in the demo's environment

Each makes .venv first, with exactly what requirements/ names, and makes it anew when that or the Python changes.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
VERBS = {"run": "run", "manage": "run", "test": "dev", "check": "dev", "bench": "dev"}
"""Each verb with the requirements it needs."""


def main() -> None:
    """Hand the verb over to the project, in its own environment."""
    verb = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if verb in {"-h", "--help", "help"}:
        print(__doc__)
        return
    if verb not in VERBS:
        fail(f"There is no verb {verb!r}; python3 dev.py --help lists them.")
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
        fail(f"This project needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if sys.platform == "win32":
        fail("Windows runs this project in its Linux subsystem (wsl --install), or by docker compose.")
    make_environment(VERBS[verb])
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "bookwhen.sandbox", *sys.argv[1:]])  # noqa: S606 - no shell is wanted


def make_environment(name: str) -> None:
    """Make .venv with what requirements/NAME.txt locks, unless it is there already."""
    stamps = {lock: stamp(lock) for lock in ("run", "dev")}
    installed = STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""
    if installed in {stamps[name], stamps["dev"]}:  # what `dev` installs holds what `run` needs
        return
    # From `run` to `dev` packages are only added: a demo that runs meanwhile keeps its own.
    if installed != stamps["run"]:
        create()
    print(f"Installing requirements/{name}.txt into .venv (once, about half a minute) ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--require-hashes", "--no-deps"]
    if subprocess.run([*pip, "-r", str(ROOT / "requirements" / f"{name}.txt")], check=False).returncode != 0:  # noqa: S603
        fail("pip could not install the requirements; its message is above.", 1)
    STAMP.write_text(stamps[name])
    print("Installed.", flush=True)


def stamp(name: str) -> str:
    """Return what marks an environment made from this lock by this Python."""
    lock = (ROOT / "requirements" / f"{name}.txt").read_bytes()
    return f"{sys.version} {hashlib.sha256(lock).hexdigest()}"


def create() -> None:
    """Make an empty .venv."""
    if importlib.util.find_spec("ensurepip") is None:
        fail("This Python has no venv. On Debian and Ubuntu: apt-get install python3-venv", 1)
    print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode != 0:  # noqa: S603
        fail("Python could not make .venv; its message is above.", 1)


def fail(message: str, code: int = 2) -> None:
    """End with the message: exit 2 for a wrong call, 1 for what went wrong here."""
    print(message, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
