"""docker-compose.yml, as far as it can be held to account without Docker; `deploy/try` runs it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from django.conf import settings

from bookwhen import queues
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import Postgres

ROOT: Final = Path(__file__).parents[1]
COMPOSE: Final = ROOT / "docker-compose.yml"
EXAMPLE: Final = ROOT / ".env.example"
CADDYFILE: Final = ROOT / "deploy" / "proxy" / "Caddyfile"
OURS: Final = {".": ROOT / "Dockerfile", "deploy/proxy": ROOT / "deploy" / "proxy" / "Dockerfile"}
PARSED: Final[dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())
SERVICES: Final[dict[str, dict[str, Any]]] = PARSED["services"]

every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_composes_database_is_made_with_the_options_that_this_run_has_made_one_with(tmp_path: Path) -> None:
    [line] = re.findall(r"POSTGRES_INITDB_ARGS: (.+)", COMPOSE.read_text())
    options = Postgres(DataFolder(tmp_path / "data"))._initdb_options()  # noqa: SLF001 - what it is made with
    assert set(shlex.split(line)) == {
        option for option in options if option.startswith(("--encoding", "--locale", "--builtin"))
    }
    assert "--encoding=UTF8" in options


@every_service
def test_a_service_is_bounded_and_closed(name: str) -> None:
    service = SERVICES[name]

    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_a_service_says_whether_it_is_well(name: str) -> None:
    healthcheck = SERVICES[name]["healthcheck"]

    if name == "migrate":
        assert healthcheck == {"disable": True}
    else:
        assert healthcheck["test"][0] in {"CMD", "CMD-SHELL"}
        assert int(healthcheck["timeout"].removesuffix("s")) >= 5


@every_service
def test_a_service_does_not_run_as_root(name: str) -> None:
    service = SERVICES[name]
    build = service.get("build")
    if build is None:
        assert service["user"] in {"postgres", "valkey"}
    else:
        dockerfile = OURS[build if isinstance(build, str) else build["context"]].read_text()
        assert re.findall(r"^USER (.+)", dockerfile, re.MULTILINE)[-1] in {"bookwhen", "1000:1000"}


def test_only_the_proxy_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_proxy_cannot_reach_the_database() -> None:
    assert PARSED["networks"]["inside"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["outside"]
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["inside"]


def test_everything_waits_for_the_migrations() -> None:
    for name in ("web", "worker", "mailer", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def queues_of(service: dict[str, Any]) -> set[str]:
    """The queues that a service's worker takes from."""
    command = service.get("command") or []
    if "worker" not in command:
        return set()
    return set(command[command.index("--queues") + 1].split(",")) if "--queues" in command else set(queues.ALL)


def test_every_queue_has_a_worker_and_slow_mail_holds_up_nothing_else() -> None:
    taken = [found for service in SERVICES.values() if (found := queues_of(service))]

    assert set().union(*taken) == set(queues.ALL)
    assert [found for found in taken if queues.LETTERS in found] == [{queues.LETTERS}]


def test_the_example_names_each_variable_that_compose_reads_and_no_other() -> None:
    read = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE.read_text()))
    named = set(re.findall(r"^([A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))

    # Who builds an image for others may say what it is made of.
    assert read - named == {"REVISION", "CREATED"}
    assert named <= read


def test_readme_names_each_variable_that_the_site_is_given() -> None:
    readme = (ROOT / "README.md").read_text()
    given = {name for service in ("web", "worker", "proxy") for name in SERVICES[service]["environment"]}

    missing = {name for name in given if f"`{name}`" not in readme and not name.startswith("ANYMAIL_")}
    assert missing == {"WEB_CONCURRENCY", "GOMEMLIMIT"}


def test_the_image_bears_the_projects_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert SERVICES["web"]["build"]["args"]["VERSION"] == project["version"]
    assert 'org.opencontainers.image.version="${VERSION}"' in OURS["."].read_text()


def test_what_goes_into_the_image_is_all_that_it_needs(tmp_path: Path) -> None:
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!") and (wanted := ROOT / line[1:]).exists():
            there = tmp_path / line[1:]
            there.parent.mkdir(parents=True, exist_ok=True)
            if wanted.is_dir():
                shutil.copytree(wanted, there, ignore=shutil.ignore_patterns("sandbox", "__pycache__"))
            else:
                shutil.copy(wanted, there)
    [build] = re.findall(r"^RUN (DATABASE_URL=.+?) \\\n", OURS["."].read_text(), re.MULTILINE)
    given = dict(each.partition("=")[::2] for each in build.split())

    for command in (["manage.py", "collectstatic", "--noinput", "--dry-run"], ["-c", "import bookwhen.wsgi"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **given},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_proxy_holds_whole_requests_back() -> None:
    sizes = dict(re.findall(r"^\s*(max_size|request_buffers) (\d+)MB$", CADDYFILE.read_text(), re.MULTILINE))

    assert int(sizes["request_buffers"]) >= int(sizes["max_size"])
    assert int(sizes["max_size"]) * 1_000_000 >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_what_is_loaded_before_gunicorn_forks_is_connected_to_nothing() -> None:
    program = (
        "import threading, psutil, bookwhen.wsgi\n"
        "from django.db import connection\n"
        "from django.urls.resolvers import get_resolver\n"
        "assert get_resolver()._populated or 'urlconf_module' in vars(get_resolver())\n"
        "print(threading.active_count(), psutil.Process().net_connections(), connection.connection)\n"
    )
    environment = {**os.environ, "PROCESS": "web", "DJANGO_SETTINGS_MODULE": "bookwhen.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode) == ("1 [] None\n", 0), done.stderr


def test_an_upgrade_leaves_no_service_behind() -> None:
    program = (ROOT / "deploy" / "upgrade").read_text()
    [line] = re.findall(r"^docker compose up --detach --no-deps ([a-z ]+)$", program, re.MULTILINE)

    assert {*line.split(), "web", "migrate"} == set(SERVICES)
    assert os.access(ROOT / "deploy" / "upgrade", os.X_OK)
