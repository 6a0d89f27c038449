"""What the repository promises to whoever works on it: the same checks everywhere, and links that lead somewhere."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookwhen.sandbox import check
from bookwhen.sandbox.commands import check_all

ROOT = Path(__file__).resolve().parent.parent
CITED = re.compile(r"docs/design\.md\)?,\s+\*([^*]+)\*")
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def sources() -> list[Path]:
    found = [ROOT / name for name in check.files(ROOT, "py")]
    return [*found, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]


def test_a_commit_is_checked_by_what_dev_py_runs() -> None:
    [repository] = loaded(".pre-commit-config.yaml")["repos"]

    hooks = {hook["name"]: shlex.split(hook["entry"]) for hook in repository["hooks"]}

    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert hooks == {name: ["python3", "dev.py", "check", name] for name in check.commands(ROOT)}


def test_ci_runs_what_everybody_runs() -> None:
    [job] = loaded(".github/workflows/ci.yml")["jobs"].values()

    assert [step.get("run") for step in job["steps"] if "run" in step] == [".ci/run"]
    assert [step["with"] for step in job["steps"] if "with" in step] == [
        {"fetch-depth": 0},
        {"python-version": "3.11"},
    ]


def test_only_the_named_checks_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commands = {"good": ["true"], "bad": ["false"]}
    monkeypatch.setattr(check, "commands", lambda _root: commands)

    assert [check.run(ROOT), check.run(ROOT, ["good"]), check.run(ROOT, ["bad"])] == [1, 0, 1]

    summaries = [line for line in capsys.readouterr().out.splitlines() if "checks passed" in line]
    assert summaries == [
        "1 of 2 checks passed. FAILED: bad",
        "1 of 1 checks passed.",
        "0 of 1 checks passed. FAILED: bad",
    ]


def test_there_is_no_such_check(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check_all(["dance"])

    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == "dev.py check: error: there is no check called 'dance'"


def test_every_citation_of_the_design_leads_to_a_heading() -> None:
    headings = set(HEADING.findall((ROOT / "docs/design.md").read_text()))

    cited = {
        (str(path.relative_to(ROOT)), " ".join(section.split()))
        for path in sources()
        if path != Path(__file__)
        for section in CITED.findall(path.read_text())
    }

    assert len(cited) >= 15
    assert {each for each in cited if each[1] not in headings} == set()


def test_the_documents_link_to_what_is_there() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [
        (document, target.partition("#")[0])
        for document in documents
        for target in re.findall(r"\]\(([^)]+)\)", document.read_text())
        if "://" not in target
    ]

    assert [str(target) for document, target in links if target and not (document.parent / target).exists()] == []
