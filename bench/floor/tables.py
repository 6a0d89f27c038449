"""The floor's tables, made and emptied from outside of it."""

from typing import Final

import psycopg

ROWS: Final = 50
MAKE: Final = f"""
    CREATE TABLE floor_entry (
        id bigserial PRIMARY KEY, title text NOT NULL, location text NOT NULL, starts_at timestamptz NOT NULL,
        price integer NOT NULL, places integer NOT NULL, taken integer NOT NULL DEFAULT 0,
        CHECK (taken BETWEEN 0 AND places)
    );
    CREATE INDEX floor_entry_starts_at ON floor_entry (starts_at);
    CREATE TABLE floor_booking (
        id bigserial PRIMARY KEY, entry_id bigint NOT NULL REFERENCES floor_entry, name text NOT NULL,
        email text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX floor_booking_entry ON floor_booking (entry_id);
    CREATE TABLE floor_event (
        id bigserial PRIMARY KEY, stripe_id text NOT NULL UNIQUE, body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO floor_entry (title, location, starts_at, price, places)
    SELECT 'Class ' || number, 'River Room', now() + number * interval '1 hour', 1200, 20
    FROM generate_series(1, {ROWS}) AS number;
"""  # noqa: S608 - a number of ours


class Tables:
    """They, in the site's own database."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(MAKE)

    def entry(self, *, places: int) -> int:
        """A new entry, after those of the page, with so many places."""
        made = self._connection.execute(
            "INSERT INTO floor_entry (title, location, starts_at, price, places)"
            " VALUES ('Hall', 'Hall', now() + interval '1 year', 1200, %s) RETURNING id",
            [places],
        ).fetchone()
        return int(made[0]) if made else 0

    def sold(self, entry: int) -> tuple[int, int]:
        """How many places its counter says are taken, and how many bookings there are."""
        told = self._connection.execute(
            "SELECT taken, (SELECT count(*) FROM floor_booking AS bench WHERE entry_id = floor_entry.id)"
            " FROM floor_entry WHERE id = %s",
            [entry],
        ).fetchone()
        return (int(told[0]), int(told[1])) if told else (0, 0)

    def events(self) -> int:
        """How many events were stored; they are gone then."""
        return self._connection.execute("DELETE FROM floor_event").rowcount
