"""What the benchmark aims at, and nothing else.

Ratios to the floor, measured in the same minute (docs/decisions/0042), and statements, which are counted. Where they
come from: pretix 2026.8 and dj-stripe 2.11, measured beside the floor on one machine, with four gunicorn workers. There
a page of pretix made 0.2 of the floor's, its complete booking took 360 times as long as the floor's, and dj-stripe
followed an event for every eight that the floor stored.
"""

from typing import Final

NOISE: Final = 0.1
"""By which part a ratio may miss its target and still be *near*: docs/decisions/0042."""
FOREIGN: Final = 0.2
"""From which part of the processors on, in other programs' hands, the run says that it was disturbed."""

PAGE: Final = 2.0
"""The public page with 50 entries for a stranger, 8 clients, at least; also when memberships are on sale."""
PAGE_LOGGED_IN: Final = 1.3
"""The same for a member who is logged in."""
PAGE_SELECTS: Final = 4
PAGE_SELECTS_LOGGED_IN: Final = 8

BOOKING: Final = 9.0
"""A guest's complete booking, its four requests together, beside the floor's one, for one client: at most."""
BOOKING_STATEMENTS: Final = 14
MEMBER_BOOKING_STATEMENTS: Final = 18
BOOKINGS: Final = 0.11
"""Complete bookings by 8 clients, at least."""

RACE: Final = 2.5
"""200 clients, or 1,000, for the last 10 places, until the last of them has its answer: at most."""

DASHBOARD: Final = 10.0
"""Processor time of a dashboard page at 50 rows, with PostgreSQL's share: at most."""

EVENTS_STORED: Final = 0.7
"""Signed Stripe events, 8 clients, at least."""
EVENT_STORED_STATEMENTS: Final = 1.1
"""One, and now and then another for what a process does not know yet of the endpoint."""
EVENTS_FOLLOWED: Final = 0.5
"""Renewals, one event each, followed and their emails sent, beside what the floor stores: four times dj-stripe."""
EVENT_FOLLOWED_STATEMENTS: Final = 14
"""A renewal with its letter, of which one event came (dj-stripe, without letters: 23 SELECTs and 5 writes)."""

LIST_PROCESSOR: Final = 10.0
"""Seconds of a worker's processor for a hundred thousand rows of people, read, judged and applied: at most."""
