"""*My bookings* of somebody with thousands of bookings, in a group whose offer names thousands of tickets."""

import re
from html import unescape
from typing import Final

import pytest

from tests.browsing import open_browser
from tests.factories.schedule import OfferFactory
from tests.plans import reading, run
from tests.tickets.public.test_schedule import add_entries
from tests.worlds.river import RiverStudio

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_files")]

BOOKED: Final = """
    WITH at AS (SELECT id, row_number() OVER (ORDER BY starts_at) AS number FROM tickets_entry WHERE id <> %(not)s),
    made AS (
        INSERT INTO tickets_booking (account_id, page_id, customer_id, uuid, key, channel, state, created_at)
        SELECT %(account)s, %(page)s, %(customer)s, gen_random_uuid(), gen_random_uuid(), 'customer', 'booked', now()
        FROM at RETURNING id
    )
    INSERT INTO tickets_seat (
        account_id, booking_id, entry_id, ticket_id, customer_id, uuid, attendee_name, attendee_email, is_for_booker,
        price, amount, created_at, cancelled_at, cancelled_by
    )
    SELECT %(account)s, booking.id, at.id, %(ticket)s, %(customer)s, gen_random_uuid(), 'Ada', '', false, 0, 0, now(),
        CASE WHEN number %% 3 = 0 THEN now() END, CASE WHEN number %% 3 = 0 THEN 'customer' ELSE '' END
    FROM at JOIN (SELECT id, row_number() OVER () AS number FROM made) AS booking USING (number), generate_series(1, 2)
"""
COVERED: Final = """
    WITH made AS (
        INSERT INTO tickets_ticket (
            account_id, series_id, name, description, exclusive, shown, cost, price, closes_minutes_before, position,
            created_at
        )
        SELECT %(account)s, %(series)s, 'Ticket ' || number %% 10, '', true, true, 'free', 0, 0, 1, now()
        FROM generate_series(1, 3000) AS number RETURNING id
    )
    INSERT INTO tickets_coverage (account_id, offer_id, ticket_id) SELECT %(account)s, %(offer)s, id FROM made
"""


def test_each_page_has_fifty_of_thousands(studio: RiverStudio) -> None:
    member = studio.member()
    add_entries(studio.entry, 1500, "interval '1 hour' * number")
    add_entries(studio.entry, 1500, "interval '-1 hour' * number")
    account = studio.account.pk
    about = {"account": account, "page": studio.page.pk, "customer": member.pk, "ticket": studio.drop_in.pk}
    run(BOOKED, **about, **{"not": studio.entry.pk})
    for kind in ("exclusive", "discount"):
        percent = {"percent": 10} if kind == "discount" else {}
        offer = OfferFactory.create(group=studio.group, kind=kind, ticket=studio.gold, **percent)
        run(COVERED, account=account, series=studio.entry.series_id, offer=offer.pk)
    run("ANALYZE tickets_seat, tickets_booking, tickets_entry, tickets_ticket, tickets_coverage")
    browser = open_browser(member)

    seen = {}
    for tab in ("upcoming", "past", "cancelled"):
        with reading() as read:
            first = browser.get(f"/my/?show={tab}").content.decode()
        assert (len(read.statements), read.most < 40_000) == (11, True), read.blocks
        (after,) = re.findall(r'href="(\?[^"]*after=[^"]*)"', first)
        second = browser.get(f"/my/{unescape(after)}").content.decode()
        seen[tab] = [re.findall(r'class="entry".*?dir="auto">(\w+)<', each, re.DOTALL) for each in (first, second)]

    later = list(range(1, 200))
    assert seen["upcoming"] == pages([each for each in later if (each + 1500) % 3])
    assert seen["past"] == pages([each for each in later if (1501 - each) % 3])
    assert [len(page) for page in seen["cancelled"]] == [50, 50]
    assert first.count("Ticket 9") == 0
    assert first.count("Ticket 0") == 0
    assert "“Ticket 1”" in first


def pages(numbers: list[int]) -> list[list[str]]:
    return [[str(each) for each in numbers[start : start + 50]] for start in (0, 50)]
