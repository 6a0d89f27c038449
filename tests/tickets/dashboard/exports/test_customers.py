"""Customers go out as a file that comes in again as it was."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.addresses import add_address
from accounts.imports.tables.cells import pieces, tidy_cell
from accounts.models import Account, Customer, CustomerAddress, NewsSource, Spreadsheet
from groups.importing.people import PersonReader, group_key, name_as_listed, name_key
from groups.models import Member, Standing
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member
from tests.tickets.dashboard.exports.making import prepared, rows_of
from tests.worlds.dashboard import open_dashboard
from tests.worlds.listed import bring, reasons
from tickets.dashboard.csv_export import FORMATS, CsvFormat
from tickets.dashboard.exports import writing
from tickets.dashboard.exports.customers import listed_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(studio: Account) -> Account:
    """Everybody whom a spreadsheet could spoil."""
    gold, odd = GroupFactory.create(account=studio, name="Gold"), GroupFactory.create(account=studio, name='Yoga, "7+"')
    ada = CustomerFactory.create(account=studio, name="=Ada", email="ada@example.org", phone="+442079460018")
    ada.note, ada.news_since, ada.news_source = "-5 kg\n@home; +1 knee", NOW, NewsSource.STUDIO
    ada.save()
    add_member(gold, ada)
    add_member(odd, ada)
    add_address(ada, "second@example.org", now=NOW)
    add_member(odd, CustomerFactory.create(account=studio, name="Bea O’Neill, Dr", email="bea@example.org"))
    CustomerFactory.create(account=studio, name="typed", name_confirmed=False, email="typed@example.org")
    CustomerFactory.create(account=studio, name="", email="-cc@example.org", news_ended_at=NOW)
    return studio


def test_each_customer_is_a_line_with_what_is_known_of_them(people: Account) -> None:
    found = {row["Email address"]: row for row in rows_of(prepared(open_dashboard(people), "customers_csv"))}

    assert set(found) == {"ada@example.org", "bea@example.org", "typed@example.org", "'-cc@example.org"}
    ada = found["ada@example.org"]
    assert ada["Name"] == "'=Ada"
    assert ada["Phone"] == "+44 20 7946 0018"
    assert ada["Customer groups"] == 'Gold; "Yoga, ""7+"""'
    assert ada["Other email addresses"] == "second@example.org"
    assert ada["Note"] == "'-5 kg\n'@home;' +1 knee"
    assert (ada["Wants news"], ada["Wants news since"]) == ("yes", f"{NOW:%Y-%m-%d}")
    assert (found["typed@example.org"]["Name"], found["typed@example.org"]["Name typed with a booking"]) == (
        "",
        "typed",
    )
    assert found["'-cc@example.org"]["Wants news"] == "no"


@pytest.mark.parametrize("form", list(Spreadsheet))
def test_our_own_file_comes_in_unchanged(people: Account, form: Spreadsheet) -> None:
    people.spreadsheet = form
    people.save()
    file = prepared(open_dashboard(people), "customers_csv")
    before = snapshot()

    done = bring(people, file, **mapping(people))

    assert reasons(done) == {"same": 4}, [(row.raw, row.why) for row in done.rows.all()]
    assert snapshot() == before


def test_it_fills_an_empty_studio_with_the_same_people(people: Account) -> None:
    """Formulas lost their marks on the way in, and names what no name begins with."""
    file = prepared(open_dashboard(people), "customers_csv")
    other = AccountFactory.create()
    GroupFactory.create(account=other, name="Gold")
    GroupFactory.create(account=other, name='Yoga, "7+"')

    bring(other, file, **mapping(other))

    come = {each.email: each for each in Customer.objects.filter(account=other)}
    assert set(come) == {"ada@example.org", "bea@example.org", "typed@example.org", "-cc@example.org"}
    ada = come["ada@example.org"]
    assert (ada.name, ada.phone, ada.note) == ("Ada", "+442079460018", "-5 kg\n@home; +1 knee")
    inside = Standing.objects.filter(member__customer=ada).values_list("member__group__name", flat=True)
    assert set(inside) == {"Gold", 'Yoga, "7+"'}


def test_a_longer_list_is_written_in_parts(people: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = open_dashboard(people)
    whole = prepared(dashboard, "customers_csv")
    monkeypatch.setattr(writing, "PART", 1)

    assert prepared(dashboard, "customers_csv") == whole


def test_another_studios_customers_are_not_in_it(people: Account) -> None:
    other = open_dashboard(AccountFactory.create())

    assert rows_of(prepared(other, "customers_csv")) == []


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, max_size=4, unique=True))
def test_several_names_in_a_cell_are_read_back_as_they_were(names: list[str]) -> None:
    names = [" ".join(name.split()) for name in names if name.strip()]

    assert pieces(listed_names(names)) == list(dict.fromkeys(names))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.sampled_from(list(FORMATS.values())))
def test_a_name_that_went_out_is_known_when_it_comes_in(name: str, form: CsvFormat) -> None:
    read = PersonReader({"columns": ["name"]}, "Europe/London").read([tidy_cell(form.cell(name))]).name

    assert name_key(read) in {"", name_key(name_as_listed(name))}


def mapping(account: Account) -> dict[str, Any]:
    return {"groups": {group_key(group.name): str(group.pk) for group in account.groups.all()}}


def snapshot() -> list[object]:
    tables = (Customer, CustomerAddress, Member, Standing)
    return [list(table.objects.order_by("pk").values()) for table in tables]
