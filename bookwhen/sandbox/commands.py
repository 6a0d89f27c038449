"""The verbs of dev.py. Each returns the exit code: 0 good, 1 it failed, 2 wrongly called or refused."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final, NoReturn

from bookwhen.sandbox import check, chromium, site
from bookwhen.sandbox.folder import DataFolder, FolderError
from bookwhen.sandbox.processes import StartFailedError

ROOT: Final = Path(__file__).resolve().parents[2]
"""The project's root, where every command runs."""

PARALLEL: Final = ("-n", "logical", "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    """Run one verb with its arguments."""
    verb, *rest = arguments
    verbs = {"run": run, "test": test, "check": check_all, "bench": bench, "manage": manage}
    try:
        return verbs[verb](rest)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    except StartFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell says it


def run(arguments: list[str]) -> int:
    """Start the whole site with its demo, and stay until it is stopped."""
    parser = argparse.ArgumentParser(
        prog="dev.py run",
        description="Start the whole site with its demo: PostgreSQL, Valkey, a Stripe sandbox, web, worker and beat. "
        "Ctrl-C stops it.",
        epilog="DATABASE_URL, REDIS_URL and STRIPE_API_BASE in the environment name servers to use instead of its own.",
    )
    parser.add_argument("--port", type=int, default=8000, help="where to serve on 127.0.0.1 (default: 8000)")
    add_data_dir(parser)
    parser.add_argument("--reset", action="store_true", help="begin with an empty data folder")
    options = parser.parse_args(arguments)
    return site.run(DataFolder(options.data_dir), port=options.port, reset=options.reset)


def test(arguments: list[str]) -> NoReturn:
    """Run pytest, in parallel unless its arguments say how."""
    if chromium.find() is None:
        chromium.install()
    single = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    become_python("-m", "pytest", *(() if single else PARALLEL), *arguments)


def check_all(arguments: list[str]) -> int:
    """Run every check, or those that are named, and say which failed."""
    parser = argparse.ArgumentParser(prog="dev.py check", description="Lint, types, contracts, templates, migrations.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(check.commands(ROOT))}")
    parser.add_argument("--fix", action="store_true", help="first mend what the tools can mend by themselves")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in check.commands(ROOT)]:
        parser.error(f"there is no check called {unknown[0]!r}")
    if options.fix:
        check.fix(ROOT)
    return check.run(ROOT, options.names)


def bench(arguments: list[str]) -> NoReturn:
    """Run the benchmark."""
    become_python("-m", "bench", *arguments)


def manage(arguments: list[str]) -> int:
    """Run a command of manage.py with the running demo's environment, or with its servers started for it alone."""
    parser = argparse.ArgumentParser(prog="dev.py manage", description="Run a command of Django's manage.py.")
    add_data_dir(parser)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    folder = DataFolder(options.data_dir)
    if folder.running():
        return manage_py(options.command, folder)
    with folder.locked("dev.py manage"), site.servers(folder, url="http://127.0.0.1:8000"):
        return manage_py(options.command, folder)


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Let the caller choose the data folder."""
    parser.add_argument("--data-dir", type=Path, default=ROOT / ".data", help="where its data is kept (default: .data)")


def manage_py(command: list[str], folder: DataFolder) -> int:
    """Run manage.py with the environment that the folder's holder wrote down; returns its exit code."""
    if not folder.environment_file.exists():
        message = f"What holds {folder.path} is still starting; try again in a moment."
        raise FolderError(message)
    environment = {**os.environ, **json.loads(folder.environment_file.read_text())}
    return subprocess.run([sys.executable, "manage.py", *command], check=False, cwd=ROOT, env=environment).returncode  # noqa: S603


def become_python(*arguments: str) -> NoReturn:
    """Go on as this Python with other arguments, in the project's root."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - no shell is wanted
