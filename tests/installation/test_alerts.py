"""The alerts for Prometheus: what they ask for exists, and each names a section of the guide."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from django.test import Client

from bookwhen.installation.models import Heartbeat
from tests.factories.schedule import NOW

ROOT: Final = Path(__file__).parent.parent.parent
RULES: Final = ROOT / "deploy" / "alerts.yml"
[GROUP] = yaml.safe_load(RULES.read_text())["groups"]
ALERTS: Final[list[dict[str, Any]]] = GROUP["rules"]
HEADINGS: Final = set(re.findall(r"^##+ (.+)$", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE))
PROMTOOL: Final = shutil.which("promtool")


def test_every_number_that_an_alert_asks_for_exists(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = "token"
    Heartbeat.objects.create(name="job:accounts.tasks.sweep_letters", beaten_at=NOW)
    Client().get("/accounts/login/")

    text = Client(headers={"authorization": "Bearer token"}).get("/metrics").content.decode()

    told = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)) | set(
        re.findall(r"^(\w+)(?:\{| )", text, re.MULTILINE)
    )
    asked = {name for alert in ALERTS for name in re.findall(r"bookwhen_\w+", alert["expr"])}
    assert len(asked) >= 18
    assert asked - told == set()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_what_is_wrong_and_where_to_read_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["summary"].endswith(".")
    assert alert["annotations"]["section"] in HEADINGS


def test_the_keepers_page_names_only_sections_that_there_are() -> None:
    sources = [*(ROOT / "bookwhen/installation/dashboard").glob("*.py")]
    sources += (ROOT / "templates/installation/dashboard").glob("*.html")
    text = "".join(path.read_text() for path in sources)

    named = {
        *re.findall(r'guide\("([^"]+)"\)', text),
        *re.findall(r"“(When [^”]+)”", text),
        *re.findall(r'"(When [^".]+)"', text),
    }
    assert len(named) >= 8
    assert named - HEADINGS == set()


@pytest.mark.skipif(PROMTOOL is None, reason="THE RULES OF THE ALERTS WERE NOT CHECKED: there is no promtool here.")
@pytest.mark.parametrize("what", [("check", RULES), ("test", Path(__file__).with_name("alerts_test.yml"))])
def test_prometheus_understands_them(what: tuple[str, Path]) -> None:
    command, file = what
    assert PROMTOOL

    done = subprocess.run([PROMTOOL, command, "rules", str(file)], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, done.stdout + done.stderr)
