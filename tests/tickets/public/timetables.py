"""Timetables to look through by filters: how they are asked for, what is found, and very long ones."""

import re
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.worlds.river import RiverStudio
from tickets.models import EntryLeader, EntryPlaces, EntryTag, Leader, Location, Tag


def titles(answer: Any) -> list[str]:
    return re.findall(r'<h3><a [^>]*dir="auto">([^<]*)<', answer.content.decode())


def asking(**names: str) -> str:
    """The address that asks for a leader, a location and a tag by their names, and for the rest as it is."""
    models: dict[str, Any] = {"teacher": Leader, "place": Location, "tag": Tag}
    told = {name: models[name].objects.get(name=value).pk if name in models else value for name, value in names.items()}
    return "/river/?" + "&".join(f"{name}={value}" for name, value in told.items())


def plan_week(studio: RiverStudio) -> RiverStudio:
    """Classes of two titles, by two leaders in two rooms, of two kinds; one of them is full."""
    account = studio.account
    anna, ben = (Leader.objects.create(account=account, name=name) for name in ("Anna", "Ben"))
    hall, loft = (Location.objects.create(account=account, name=name) for name in ("Hall", "Loft"))
    slow, fast = (Tag.objects.create(account=account, name=name) for name in ("Slow", "Fast"))
    plan = [
        ("Hatha", anna, hall, slow),
        ("Hatha", ben, loft, slow),
        ("Pilates", anna, loft, fast),
        ("Pilates", anna, hall, fast),
    ]
    for day, (title, leader, venue, tag) in enumerate(plan):
        starts_at = NOW + timedelta(days=3 + day)
        entry = EntryFactory.create(
            page=studio.page, title=title, starts_at=starts_at, venue=venue, location=venue.name
        )
        EntryLeader.objects.create(account=account, entry=entry, leader=leader, page=studio.page, starts_at=starts_at)
        EntryTag.objects.create(account=account, entry=entry, tag=tag, page=studio.page, starts_at=starts_at)
        TicketFactory.create(entry=entry)
    EntryPlaces.objects.filter(entry=entry).update(taken=10)
    return studio


def make_longer(studio: RiverStudio, first: int, last: int) -> None:
    """The so-manieth events, one an hour, each of *Everyone* in every way."""
    venue, _ = Location.objects.get_or_create(account=studio.account, name="Everyone")
    leader, _ = Leader.objects.get_or_create(account=studio.account, name="Everyone")
    tag, _ = Tag.objects.get_or_create(account=studio.account, name="Everyone")
    columns = "account_id, page_id, series_id, description, location, per_booking, created_at"
    made = f"""
        WITH made AS (
            INSERT INTO tickets_entry ({columns}, uuid, title, venue_id, starts_at, ends_at)
            SELECT {columns}, gen_random_uuid(), 'Everyone', %s, start, start + interval '1 hour' FROM tickets_entry,
                generate_series(%s, %s) AS number, LATERAL (SELECT %s + interval '1 hour' * number AS start) AS times
            WHERE id = %s RETURNING id, account_id, page_id, starts_at
        ), led AS (
            INSERT INTO tickets_entryleader
                (account_id, entry_id, leader_id, page_id, starts_at, position, is_planned, leads)
            SELECT account_id, id, %s, page_id, starts_at, 0, true, true FROM made
        ), tagged AS (
            INSERT INTO tickets_entrytag (account_id, entry_id, tag_id, page_id, starts_at)
            SELECT account_id, id, %s, page_id, starts_at FROM made
        )
        INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)
        SELECT id, account_id, 10, 0, 0 FROM made
    """  # noqa: S608 - words of the tests
    with connection.cursor() as cursor:
        cursor.execute(made, [venue.pk, first, last, NOW, studio.entry.pk, leader.pk, tag.pk])
        cursor.execute("ANALYZE tickets_entry, tickets_entryplaces, tickets_entryleader, tickets_entrytag")


def add_rare(studio: RiverStudio) -> None:
    """An event far away that each filter finds by *Rare*, and names that find nothing."""
    account, page, starts_at = studio.account, studio.page, NOW + timedelta(days=3000)
    at = Location.objects.create(account=account, name="Rare")
    rare = EntryFactory.create(page=page, title="Rare", venue=at, starts_at=starts_at)
    linked = {"account": account, "entry": rare, "page": page, "starts_at": starts_at}
    EntryLeader.objects.create(leader=Leader.objects.create(account=account, name="Rare"), **linked)
    EntryTag.objects.create(tag=Tag.objects.create(account=account, name="Rare"), **linked)
    Location.objects.create(account=account, name="Never")


LONG: Final = [
    {},
    *({name: who} for name in ("class", "teacher", "place", "tag") for who in ("Everyone", "Rare")),
    {"class": "Never"},
    {"place": "Never"},
    {"free": "1"},
    {"teacher": "Everyone", "tag": "Rare"},
    {"teacher": "Everyone", "place": "Never"},
    {"place": "Everyone", "free": "1", "class": "Rare"},
    {"tag": "Everyone", "class": "Rare", "from": "2031-01-01"},
    {"filter": "1"},
]
