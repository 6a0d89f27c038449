"""*Everything*: one ZIP of all that is a studio's, whose tables are all named."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, Customer, ExportFile, ExportPart, Operation, Role
from accounts.operations.running import run_operation
from tests.browsing import form_fields, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.tickets.dashboard.exports.making import fetched
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.full_studio import FullStudio
from tickets.dashboard.exports.archive import contents, writing, zipping
from tickets.dashboard.exports.archive.tables import LEFT_OUT, TABLES
from tickets.dashboard.exports.archive.zipping import ZipPiece, ZipState, zip_end
from tickets.models import Booking, Picture
from tickets.pictures.addresses import LARGE
from tickets.pictures.keeping import file_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> FullStudio:
    return FullStudio()


@pytest.fixture
def owner(world: FullStudio) -> Dashboard:
    return open_dashboard(world.account)


def ask(dashboard: Dashboard) -> Operation:
    page = dashboard.get("exports")
    answer = dashboard.post("exports_archive", {"key": form_fields(page)["key"]})
    assert answer.status_code == 302
    return Operation.objects.latest("pk")


def opened(file: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(file))
    assert found.testzip() is None
    return found


def test_every_table_of_an_account_is_in_it_or_left_out_for_a_reason() -> None:
    ours = {model._meta.label for model in apps.get_models() if is_of_account(model)}
    named = [table.label for table in TABLES if table.label.count(".") == 1]

    assert sorted([*named, *LEFT_OUT]) == sorted({*ours, "accounts.Account"})
    assert len({table.path for table in TABLES}) == len(TABLES)
    assert all(LEFT_OUT.values())


def test_every_relation_to_many_is_in_it() -> None:
    made_for_it = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if is_of_account(model)
        for field in model._meta.many_to_many
        if (through := getattr(field.remote_field, "through", None)) and through._meta.auto_created
    }

    assert {table.label for table in TABLES if table.label.count(".") == 2} == made_for_it


def test_what_is_left_out_of_a_table_is_a_column_of_it() -> None:
    for table in TABLES:
        every = {field.attname for field in contents.model_of(table)._meta.concrete_fields}
        assert table.without <= every, table.label


def test_it_opens_and_holds_what_the_manifest_says(owner: Dashboard, world: FullStudio) -> None:
    picture = Picture.objects.create(account=world.account, alt="Hall", width=20, height=20)
    default_storage.save(file_name(picture.uuid, LARGE), ContentFile(b"RIFFxxxxWEBP"))
    ask(owner)

    found = opened(fetched(owner))

    manifest = json.loads(found.read("manifest.json"))
    assert manifest["studio"] == world.account.name
    told = {each["path"]: each["rows"] for each in manifest["files"]}
    assert set(found.namelist()) - {"manifest.json"} - {f"pictures/{picture.uuid}.webp"} == set(told) - {"pictures/"}
    assert found.read(f"pictures/{picture.uuid}.webp") == b"RIFFxxxxWEBP"
    assert told["pictures/"] == 1
    for table in TABLES:
        rows = json.loads(found.read(table.path))
        assert len(rows) == told[table.path] == contents.all_of(table, world.account).count()
    assert manifest["left_out"] == dict(LEFT_OUT)
    customers = json.loads(found.read("data/customers.json"))
    emails = Customer.objects.filter(account=world.account).order_by("pk").values_list("email", flat=True)
    assert [each["email"] for each in customers] == list(emails)


def test_what_opens_something_to_anyone_who_knows_it_is_not_in_it(owner: Dashboard, world: FullStudio) -> None:
    ask(owner)

    found = opened(fetched(owner))

    booking, letter = (json.loads(found.read(f"data/{name}.json"))[0] for name in ("bookings", "emails"))
    assert (booking["reference"], "uuid" in booking) == (Booking.objects.get(pk=booking["id"]).reference, False)
    assert not {"text", "html", "facts", "calendar"} & set(letter)
    settings = json.loads(found.read("data/settings.json"))[0]
    assert "connection_id" not in settings


def test_nothing_of_another_studio_is_in_it(world: FullStudio) -> None:
    other = open_dashboard(AccountFactory.create())
    CustomerFactory.create(account=other.account)
    ask(other)

    found = opened(fetched(other))

    for table in TABLES:
        keys = {row.get("id") for row in json.loads(found.read(table.path))} - {None}
        theirs = set(contents.all_of(table, world.account).values_list("pk", flat=True))
        assert not keys & theirs, table.label


def test_written_in_parts_and_over_again_it_is_the_same(owner: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker dies after each part, before it is noted."""
    for number in range(7):
        CustomerFactory.create(account=owner.account, email=f"c{number}@example.org")
    monkeypatch.setattr(contents, "ROWS", 2)
    monkeypatch.setattr(writing, "ENOUGH_READINGS", 3)
    monkeypatch.setattr(writing, "AT_A_TIME", 4)
    operation = ask(owner)

    while Operation.objects.get(pk=operation.pk).state in {"queued", "running"}:
        before = Operation.objects.values("cursor", "done", "phase", "state").get(pk=operation.pk)
        run_operation(operation.pk, seconds=0)
        if Operation.objects.get(pk=operation.pk).state == "done":
            break
        after = Operation.objects.values("cursor", "done", "phase", "state").get(pk=operation.pk)
        Operation.objects.filter(pk=operation.pk).update(**before)
        run_operation(operation.pk, seconds=0)
        assert Operation.objects.values("cursor", "done", "phase", "state").get(pk=operation.pk) == after

    found = opened(bytes(owner.get("operation_file", pk=operation.pk).getvalue()))
    assert ExportPart.objects.count() > 20
    assert len(json.loads(found.read("data/customers.json"))) == Customer.objects.filter(account=owner.account).count()
    assert found.read("customers.csv").decode("utf-8-sig").count("@example.org") >= 7


def test_only_owners_ask_for_it_see_it_and_fetch_it(owner: Dashboard, world: FullStudio) -> None:
    operation = ask(owner)
    fetched(owner)
    desk = open_dashboard(world.account, Role.BOOKINGS_ADMIN)

    assert "Everything" in page_text(owner.get("exports"))
    assert "Prepare archive" not in page_text(desk.get("exports"))
    assert "everything-" not in page_text(desk.get("exports"))
    assert "archive of everything" not in page_text(desk.get("operations"))
    refused = [
        desk.post("exports_archive"),
        desk.get("operation", pk=operation.pk),
        desk.get("operation_file", pk=operation.pk),
        desk.post("operation_cancel", pk=operation.pk),
        open_dashboard(AccountFactory.create()).get("operation_file", pk=operation.pk),
    ]
    assert [each.status_code for each in refused] == [404] * 5


def test_that_it_was_asked_for_is_in_the_history(owner: Dashboard) -> None:
    ask(owner)

    line = AuditEntry.objects.latest("pk")
    assert (line.action, line.label) == ("file.asked", ExportFile.objects.latest("pk").name)


def test_asked_for_twice_it_is_made_once(owner: Dashboard) -> None:
    page = form_fields(owner.get("exports"))
    first = owner.post("exports_archive", {"key": page["key"]})
    second = owner.post("exports_archive", {"key": page["key"]})
    third = owner.post("exports_archive")

    assert first["Location"] == second["Location"] == third["Location"]


AT = datetime(2030, 1, 17, 12, 30, tzinfo=UTC)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"), min_size=1, max_size=9)
FILES = st.tuples(NAMES, st.lists(st.binary(max_size=3000), max_size=4))


@given(st.lists(FILES, max_size=5, unique_by=lambda each: each[0]))
def test_a_zip_in_pieces_is_a_zip(files: list[tuple[str, list[bytes]]]) -> None:
    """Each piece is written by somebody who knows of the others what JSON keeps."""
    state, data, records = ZipState(), bytearray(), bytearray()

    def next_piece() -> ZipPiece:
        return ZipPiece(ZipState.of(json.loads(json.dumps(state.kept()))), AT)

    for name, parts in files:
        piece = next_piece()
        piece.begin(f"f/{name}")
        for part in parts:
            data, records, state = data + piece.data, records + piece.records, piece.state
            piece = next_piece()
            piece.write(part)
        piece.end()
        data, records, state = data + piece.data, records + piece.records, piece.state

    found = opened(bytes(data + records + b"".join(zip_end(state))))
    assert [found.read(each) for each in found.infolist()] == [b"".join(parts) for _name, parts in files]


def test_far_in_a_zip_the_wide_form_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipping, "SMALL", 100)
    monkeypatch.setattr(zipping, "FEW", 2)
    piece = ZipPiece(ZipState(), AT)
    for number in range(5):
        piece.add(f"{number}.txt", b"x" * 50)
    found = opened(bytes(piece.data + piece.records + b"".join(zip_end(piece.state))))

    assert [found.read(each) for each in found.infolist()] == [b"x" * 50] * 5
    assert [each.extract_version for each in found.infolist()] == [20, 20, 45, 45, 45]


def is_of_account(model: type[Model]) -> bool:
    names = {field.attname for field in model._meta.concrete_fields}
    return "account_id" in names and model._meta.app_label in {"accounts", "groups", "offers", "memberships", "tickets"}
