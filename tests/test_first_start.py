"""When the demo's past is filled in behind a site that serves already, and what is told where that fails."""

from pathlib import Path

import pytest

from bookwhen.sandbox import first_start
from bookwhen.sandbox.first_start import AGAIN, FAILED, UNFINISHED
from bookwhen.sandbox.folder import DataFolder


@pytest.fixture(autouse=True)
def _servers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in first_start.SERVERS:
        monkeypatch.delenv(name, raising=False)


def test_an_empty_folder_has_a_first_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = DataFolder(tmp_path / "data")

    with folder.locked("http://127.0.0.1:8000/"):
        assert first_start.begin(folder) is True

    assert (folder.path / UNFINISHED).exists()
    assert capsys.readouterr().out == ""


def test_a_first_start_that_was_cut_short_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = DataFolder(tmp_path / "data")
    first_start.begin(folder)
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "half").touch()

    assert first_start.begin(folder) is True

    assert not (folder.path / "postgres").exists()
    assert (folder.path / UNFINISHED).exists()
    assert capsys.readouterr().out == f"{AGAIN}\n"


def test_what_is_kept_is_never_taken_for_a_first_start(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.secret("database")

    assert first_start.begin(folder) is False
    assert not (folder.path / UNFINISHED).exists()


@pytest.mark.parametrize("name", first_start.SERVERS)
def test_servers_of_others_are_filled_before_anybody_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9/")
    folder = DataFolder(tmp_path / "data")

    assert first_start.begin(folder) is False
    assert not (folder.path / UNFINISHED).exists()


def test_a_past_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    first_start.begin(folder)

    told = first_start.live_past(folder, {"STRIPE_API_BASE": ""}, [])

    assert told.startswith(f"{FAILED}\n")
    assert "DATABASE_URL" in told
    # It would fail the next time too: what people did meanwhile is not lost for that.
    assert not (folder.path / UNFINISHED).exists()
