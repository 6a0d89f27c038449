"""Pictures in the storage: kept, shown at an address that never changes, and deleted once no entry has them."""

from datetime import timedelta
from io import BytesIO
from typing import Any, Final
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from bookwhen.jobs.run import Run
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory
from tests.tickets.pictures.drawn import drawn
from tickets.models import Picture
from tickets.pictures.addresses import LARGE, SIZES, SMALL, picture_path
from tickets.pictures.keeping import UNUSED, file_name, keep_picture, sweep_pictures
from tickets.pictures.reading import read_picture

DEAD: Final = {
    "bucket_name": "none", "endpoint_url": "http://127.0.0.1:9", "access_key": "a", "secret_key": "b",
    "region_name": "eu-west-1",
}  # fmt: skip
"""A bucket where nobody listens."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


@pytest.fixture
def picture(account: Account) -> Picture:
    content = drawn()
    return keep_picture(account, read_picture(BytesIO(content), size=len(content)), alt="A mat")


def is_kept(picture: Picture) -> list[bool]:
    return [default_storage.exists(file_name(picture.uuid, size)) for size in SIZES]


class TestAtItsAddress:
    @pytest.mark.parametrize("size", SIZES)
    def test_is_shown_as_what_it_is_and_for_good(self, client: Client, picture: Picture, size: int) -> None:
        answer = client.get(picture_path(picture.uuid, size))

        with default_storage.open(file_name(picture.uuid, size)) as kept:
            assert answer.content == kept.read()
        told = {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")}
        assert told == {
            "Content-Type": "image/webp",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "public, max-age=31536000, immutable",
        }
        assert (answer.cookies, answer.get("Vary")) == ({}, None)
        assert "img-src 'self' data:" in answer["Content-Security-Policy"]

    def test_is_not_sent_again_to_who_has_it(self, client: Client, picture: Picture) -> None:
        path = picture_path(picture.uuid, SMALL)
        etag = client.get(path)["ETag"]

        answer = client.get(path, headers={"if-none-match": etag})

        assert (answer.status_code, answer.content) == (304, b"")
        assert client.get(picture_path(picture.uuid, LARGE), headers={"if-none-match": etag}).status_code == 200

    def test_is_nothing_else(self, client: Client, picture: Picture) -> None:
        here = f"/media/pictures/{picture.uuid}/"
        for path in (f"{here}800.webp", f"{here}400.png", f"{here}../400.webp", f"/media/pictures/{uuid4()}/400.webp"):
            assert client.get(path).status_code == 404
        assert client.post(f"{here}400.webp").status_code == 405

    def test_is_not_kept_by_browsers_where_the_storage_refuses_it(
        self, client: Client, picture: Picture, settings: Any
    ) -> None:
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {"BACKEND": "bookwhen.bucket.BucketStorage", "OPTIONS": DEAD},
        }

        answer = client.get(picture_path(picture.uuid, SMALL))

        assert (answer.status_code, answer["Cache-Control"], answer.content) == (503, "no-store", b"")

    def test_asks_the_database_nothing(
        self, client: Client, picture: Picture, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            client.get(picture_path(picture.uuid, SMALL))


class TestAtNight:
    def test_are_deleted_that_no_entry_has(self, account: Account, picture: Picture) -> None:
        shown = keep_picture(account, read_picture(BytesIO(drawn()), size=1), alt="Shown")
        EntryFactory.create(page=SchedulePageFactory.create(account=account), picture=shown)

        sweep_pictures(Run("sweep_pictures", now=picture.created_at + UNUSED))
        assert (is_kept(picture), Picture.objects.count()) == ([True, True], 2)
        later = picture.created_at + UNUSED + timedelta(minutes=1)
        for _ in range(2):
            sweep_pictures(Run("sweep_pictures", now=later))

        assert (is_kept(picture), is_kept(shown), list(Picture.objects.all())) == ([False] * 2, [True] * 2, [shown])
