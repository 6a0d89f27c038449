"""deploy/pgbouncer.ini, as it stands but for addresses: people book through it, and a failover is over in seconds."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from bookwhen.sandbox.ports import free_port
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.faults.web import ROOT, Booking, Web, serving
from tests.faults.wire import Break, Wire
from tickets.models import Booking as Booked

PGBOUNCER = shutil.which("pgbouncer")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(PGBOUNCER is None, reason="There is no PgBouncer here (apt-get install pgbouncer)."),
]


@pytest.fixture
def wire() -> Generator[Wire]:
    """PgBouncer's wire to PostgreSQL."""
    server = urlsplit(os.environ["DATABASE_URL"])
    wire = Wire(server.hostname or "", server.port or 5432)
    yield wire
    wire.close()


@pytest.fixture
def web(transactional_db: None, wire: Wire, tmp_path: Path) -> Generator[Web]:
    server, name, port = urlsplit(os.environ["DATABASE_URL"]), connection.settings_dict["NAME"], free_port()
    folder = tmp_path / "pgbouncer"
    folder.mkdir()
    users = folder / "userlist.txt"
    users.write_text(f'"{server.username}" "{server.password}"\n')
    text = (ROOT / "deploy" / "pgbouncer.ini").read_text()
    text = text.replace("host=127.0.0.1 port=5432 dbname=bookwhen", f"host=127.0.0.1 port={wire.port} dbname={name}")
    text = text.replace("listen_port = 6432", f"listen_port = {port}")
    text = re.sub(r"auth_file = .*", f"auth_file = {users}", text)
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(text)
    as_somebody: list[str] = []
    if os.geteuid() == 0:  # which it refuses
        as_somebody = ["-u", "nobody"]
        ours = [each for each in tmp_path.parents if each.name.startswith("pytest")]
        for each in (*ours, tmp_path, folder, users, configuration):
            each.chmod(0o755)
    pooler = subprocess.Popen([str(PGBOUNCER), *as_somebody, str(configuration)])
    url = f"postgres://{server.username}:{server.password}@127.0.0.1:{port}/bookwhen"
    try:
        with serving(tmp_path, DATABASE_URL=url, DATABASE_BEHIND_PGBOUNCER="true") as web:
            yield web
    finally:
        pooler.terminate()
        pooler.wait(10)


def test_people_book_through_it_and_after_a_failover_again(web: Web, wire: Wire) -> None:
    entry = EntryFactory.create(capacity=50)
    ticket = TicketFactory.create(entry=entry)
    for _more_often_than_a_statement_is_prepared_after in range(8):
        assert Booking(web.visitor(), entry, ticket).confirm().status == 302
    form = Booking(web.visitor(), entry, ticket)

    wire.break_(Break.REFUSES)
    began = time.monotonic()
    page = form.confirm()
    assert page.status == 503
    assert time.monotonic() - began < 8
    wire.mend()
    time.sleep(1.5)

    assert form.again(page).status == 302
    assert Booked.objects.count() == 9
