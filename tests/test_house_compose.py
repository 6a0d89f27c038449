"""docker-compose.yml, as far as it can be held to account without Docker."""

import re
import shlex
from pathlib import Path

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import Postgres

COMPOSE = Path(__file__).parents[1] / "docker-compose.yml"


def test_composes_database_is_made_with_the_options_that_this_run_has_made_one_with(tmp_path: Path) -> None:
    [line] = re.findall(r"POSTGRES_INITDB_ARGS: (.+)", COMPOSE.read_text())
    options = Postgres(DataFolder(tmp_path / "data"))._initdb_options()  # noqa: SLF001 - what it is made with
    assert set(shlex.split(line)) == {
        option for option in options if option.startswith(("--encoding", "--locale", "--builtin"))
    }
    assert "--encoding=UTF8" in options
