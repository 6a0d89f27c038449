"""What the benchmark aims at, and nothing else.

Measured on a machine with two cores: pretix 2026.8 (four gunicorn workers), and the least that Django can do there. A
page shall be four times as fast as pretix's, a complete booking 25 times. Stripe's events: dj-stripe 2.11.
"""

from typing import Final

PAGE_PER_SECOND: Final = 184.0
"""The public page with 50 entries, anonymous, 8 clients: four times pretix 2026.8 on the same machine (46)."""
PAGE_PER_SECOND_LOGGED_IN: Final = 148.0
"""The same for somebody logged in: four times pretix's 37."""
PAGE_SELECTS: Final = 4
PAGE_SELECTS_LOGGED_IN: Final = 8

BOOKING_STATEMENTS: Final = 20
"""One complete booking, a guest's or a member's: all its requests together (pretix: 273 for a guest's)."""
BOOKING_MS: Final = 25.0
"""The same for one client, in milliseconds: pretix's 630 by 25."""
MEMBER_BOOKING_MS: Final = 36.0
"""The same for a member: pretix's 890 by 25."""
BOOKINGS_PER_SECOND: Final = 78.0
"""Complete bookings with 8 clients: pretix's 3.1 by 25."""

RACE_SECONDS: Final = 1.0
"""200 clients for the last 10 places: until the last of them has its answer (pretix: 7.5 and more)."""

GROWTH: Final = 1.5
"""How much longer a page may take that shows 50 of 5,000 rather than 50 of 50."""

EVENTS_STORED_PER_SECOND: Final = 650.0
"""Signed Stripe events, 8 clients, 2 gunicorn workers: 70 % of the least that a Django application can do (929)."""
EVENT_STORED_STATEMENTS: Final = 1.1
"""One, and now and then another for what a process does not know yet of the endpoint."""
EVENTS_FOLLOWED_PER_SECOND: Final = 388.0
"""Four times dj-stripe 2.11 on the same machine (64 to 97 a second)."""
EVENT_FOLLOWED_STATEMENTS: Final = 14
"""A renewal with its letter, of which one event came (dj-stripe, without letters: 23 SELECTs and 5 writes)."""
EVENTS_FOLLOWED_PER_SECOND_SLOWLY: Final = 44.0
"""The same when Stripe takes 150 ms to answer (dj-stripe: 11)."""
