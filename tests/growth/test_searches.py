"""A search that very many match goes through a part of the list by its index alone."""

import pytest
from django.db import connection
from django.test import Client

from accounts.dashboard import query
from bench.scale import dataset
from bench.scale.meter import measure

pytestmark = pytest.mark.django_db

CUSTOMERS = 3_000
"""The big studio has so many; the one that is looked for stands last among them."""


@pytest.mark.parametrize("page", ["customers/", "check-access/"])
def test_whom_a_search_goes_past_is_not_read(grown: None, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "customers_found", lambda *_asked: None)
    with connection.cursor() as cursor:
        # Of a name that one has, the index of trigrams would tell. Of one that thousands have, that takes far more.
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    studio, client, shown = dataset.studio(dataset.BIG), Client(), list[str]()
    client.force_login(studio.staff.get().user)

    def search() -> None:
        shown.append(client.get(f"/dashboard/{studio.slug}/{page}?q=Zephyrine").content.decode())

    cost = measure(search, times=1)

    assert "Zephyrine Quill" in shown[-1]
    assert cost
    assert cost.blocks < CUSTOMERS / 10
