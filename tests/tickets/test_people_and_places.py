"""What the database itself keeps of leaders, locations and tags, whoever writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from accounts.models import Account
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Location, Picture, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


@pytest.fixture
def entry(account: Account) -> Entry:
    return EntryFactory.create(page=SchedulePageFactory.create(account=account))


def refused(model: type[Model], constraint: str, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        QuerySet(model).create(**fields)


@pytest.mark.parametrize(
    ("model", "constraint"), [(Leader, "leader_name_once"), (Location, "location_name_once"), (Tag, "tag_name_once")]
)
def test_a_name_is_one_thing_in_an_account_whatever_its_case_and_script(
    account: Account, model: type[Leader | Location | Tag], constraint: str
) -> None:
    for name, again in (("Anna", "ANNA"), ("Émilie", "éMILIE"), ("Straße", "STRASSE"), ("Ольга", "ольга")):
        made = model.objects.create(account=account, name=name)
        refused(model, constraint, account=account, name=again)
        model.objects.create(account=AccountFactory.create(), name=again)
        made.refresh_from_db()
        assert made.name == name


def test_a_renamed_one_is_known_by_its_new_name(account: Account) -> None:
    leader = Leader.objects.create(account=account, name="Anna")
    leader.name = "Bea"
    leader.save()
    Leader.objects.bulk_create([Leader(account=account, name="ANNA")])

    assert list(Leader.objects.values_list("name", "folded")) == [("ANNA", "anna"), ("Bea", "bea")]


@pytest.mark.parametrize("name", ["", "Anna, Ben"])
def test_names_that_would_be_told_apart_by_commas_have_none(account: Account, name: str) -> None:
    refused(Leader, "leader_name_plain", account=account, name=name)
    refused(Tag, "tag_name_plain", account=account, name=name)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("location_named", {"name": ""}),
        ("location_somewhere_or_online", {"online": True, "address": "1 High Street"}),
        ("location_somewhere_or_online", {"online": True, "map_link": "https://example.org/map"}),
        ("location_somewhere_or_online", {"link": "https://example.org/meet"}),
        ("location_links_lead_to_the_web", {"map_link": "javascript:alert(1)"}),
        ("location_links_lead_to_the_web", {"online": True, "link": "data:text/html,x"}),
        ("location_links_lead_to_the_web", {"online": True, "link": "https://example.org/a b"}),
    ],
)
def test_a_location_is_somewhere_or_online(account: Account, constraint: str, fields: dict[str, Any]) -> None:
    refused(Location, constraint, **{"account": account, "name": "Studio", **fields})


def test_a_picture_says_what_it_shows(account: Account) -> None:
    refused(Picture, "picture_whole", account=account, alt="", width=1, height=1)
    refused(Picture, "picture_whole", account=account, alt="A mat", width=0, height=1)


def test_whoever_leads_nothing_and_was_not_to_is_no_leader_of_an_entry(account: Account, entry: Entry) -> None:
    leader = Leader.objects.create(account=account, name="Anna")
    refused(
        EntryLeader, "entry_leader_for_something",
        account=account, entry=entry, leader=leader, is_planned=False, leads=False,
    )  # fmt: skip


class TestTheSchedule:
    """What a leader leads, and what has a tag, is filed by page and start, as the entry says them now."""

    @pytest.fixture
    def filed(self, account: Account, entry: Entry) -> Entry:
        leader, tag = Leader.objects.create(account=account, name="x"), Tag.objects.create(account=account, name="x")
        # What a row says of itself does not count.
        EntryLeader.objects.create(account=account, entry=entry, leader=leader, starts_at=NOW)
        EntryTag.objects.bulk_create([EntryTag(account=account, entry=entry, tag=tag)])
        return entry

    def at(self, entry: Entry) -> list[Any]:
        return [model.objects.values_list("page", "starts_at").get(entry=entry) for model in (EntryLeader, EntryTag)]

    def test_is_known_at_once(self, filed: Entry) -> None:
        assert self.at(filed) == [(filed.page_id, filed.starts_at)] * 2

    def test_follows_the_entry(self, account: Account, filed: Entry) -> None:
        other = SchedulePageFactory.create(account=account)
        moved = filed.starts_at + timedelta(minutes=30)

        Entry.objects.filter(pk=filed.pk).update(starts_at=moved)
        assert self.at(filed) == [(filed.page_id, moved)] * 2
        Entry.objects.filter(pk=filed.pk).update(page=other)
        assert self.at(filed) == [(other.pk, moved)] * 2


class TestAVenue:
    """Where an entry is, says its text; the location behind it is the one of that name, or none."""

    @pytest.fixture
    def venue(self, account: Account) -> Location:
        return Location.objects.create(account=account, name="River Room")

    def test_is_let_go_of_by_who_changes_the_text_alone(self, entry: Entry, venue: Location) -> None:
        Entry.objects.filter(pk=entry.pk).update(venue=venue, location="River Room")
        assert Entry.objects.get(pk=entry.pk).venue == venue

        Entry.objects.filter(pk=entry.pk).update(title="Yoga", location="River Room")
        assert Entry.objects.get(pk=entry.pk).venue == venue
        Entry.objects.filter(pk=entry.pk).update(location="The park")
        assert Entry.objects.get(pk=entry.pk).venue is None

    def test_stays_where_another_is_chosen(self, account: Account, entry: Entry, venue: Location) -> None:
        Entry.objects.filter(pk=entry.pk).update(venue=venue, location="River Room")
        other = Location.objects.create(account=account, name="Lake Room")

        Entry.objects.filter(pk=entry.pk).update(venue=other, location="Lake Room")

        assert Entry.objects.get(pk=entry.pk).venue == other
