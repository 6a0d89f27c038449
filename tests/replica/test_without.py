"""Where no replica is named."""

from django.test import Client


def test_without_a_replica_nothing_is_carried(transactional_db: None) -> None:
    client = Client()
    client.post("/accounts/logout/")

    assert set(client.cookies) == set()
