"""Pages of the dashboard of a studio with very many rows: what they read does not grow with them."""

import pytest
from django.test import Client

from bookwhen.payments.models import EventState
from memberships import tasks
from tests.browsing import next_page, open_browser
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import EntryFactory
from tests.plans import Read, reading, run
from tests.worlds.full_studio import FullStudio
from tickets.queries import has_entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_files")]

MANY = 6000
MOST_BLOCKS = 1100
"""Of one statement: what counting to a thousand by an index may read, and 50 rows with all that stands beside them."""

ROWS = """
    INSERT INTO accounts_customer (account_id, email, name, created_at)
    SELECT %(account)s, 'person' || n || '@example.org', 'Person ' || md5(n::text), now() - n * interval '1 minute'
    FROM generate_series(1, %(many)s) AS n;
    INSERT INTO tickets_booking (account_id, page_id, customer_id, uuid, key, channel, state, created_at)
    SELECT account_id, %(page)s, id, gen_random_uuid(), gen_random_uuid(), 'customer', 'booked', created_at
    FROM accounts_customer WHERE account_id = %(account)s AND email LIKE 'person%%';
    INSERT INTO tickets_payment (account_id, booking_id, connection_id, uuid, session, intent, amount, currency, state,
        refunded, opened_at, paid_at)
    SELECT account_id, id, %(connection)s, gen_random_uuid(), '', '', 100, 'GBP', 'paid', 0, created_at, created_at
    FROM tickets_booking WHERE account_id = %(account)s;
    INSERT INTO memberships_subscription (account_id, uuid, customer_id, membership_id, price_id, source, status,
        session, stripe_id, revision, cancel_reason, started_at, created_at)
    SELECT account_id, gen_random_uuid(), id, %(membership)s, %(price)s, 'checkout', 'active', '', 'sub_' || id, 0, '',
        created_at, created_at
    FROM accounts_customer WHERE account_id = %(account)s AND email LIKE 'person%%';
    INSERT INTO tickets_entry (account_id, page_id, series_id, uuid, title, description, location, starts_at, ends_at,
        per_booking, created_at)
    SELECT %(account)s, %(page)s, %(series)s, gen_random_uuid(), 'Yoga ' || n, '', '', at, at + interval '1 hour', 6, at
    FROM generate_series(1, %(many)s) AS n,
        LATERAL (SELECT now() + (n - %(many)s / 2) * interval '1 hour' AS at) AS start;
    INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)
    SELECT id, account_id, 10, 0, 0 FROM tickets_entry WHERE account_id = %(account)s AND title LIKE 'Yoga %%';
    INSERT INTO payments_stripeevent (connection_id, stripe_id, type, subject, api_version, created_at, payload, source,
        state, attempts, due_at, error, received_at)
    SELECT %(connection)s, 'evt_many_' || n, 'x', '', '', at, '{}', 'webhook', 'done', 1, at, '', at
    FROM generate_series(1, %(many)s) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS at) AS received;
    ANALYZE;
    SELECT gin_clean_pending_list('customer_found'), gin_clean_pending_list('entry_found');
"""


@pytest.fixture
def studio() -> FullStudio:
    full = FullStudio()
    run(
        ROWS,
        account=full.account.pk,
        page=full.by_folder["pages"],
        connection=full.account.connection_id,
        membership=full.by_folder["memberships"],
        price=full.values["int:price"],
        series=full.values["int:series"],
        many=MANY,
    )
    return full


def read_of(client: Client, address: str, query: dict[str, str]) -> Read:
    with reading() as read:
        assert client.get(address, query).status_code == 200
    return read


PAGES: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("bookings/", {}),
    ("bookings/", {"state": "released"}),
    ("bookings/", {"q": "person77@"}),
    ("bookings/", {"q": "abcdef01"}),
    ("customers/", {}),
    ("customers/", {"q": "person77@"}),
    ("customers/", {"q": "zq"}),
    ("payments/", {}),
    ("payments/", {"state": "refunded"}),
    ("payments/", {"state": "owed"}),
    ("payments/", {"q": "person77@"}),
    ("subscriptions/", {}),
    ("subscriptions/", {"state": "unpaid"}),
    ("subscriptions/", {"q": "person77@"}),
    ("memberships/", {}),
    ("schedule/", {}),
    ("schedule/", {"when": "past"}),
    ("schedule/", {"q": "Yoga 5999"}),
    ("settings/payments/health/", {}),
    ("settings/payments/health/", {"state": EventState.IGNORED}),
]


def test_no_page_reads_more_of_a_studio_with_many_rows(studio: FullStudio) -> None:
    client, read = open_browser(studio.staff.user), dict[str, int]()
    for path, query in PAGES:
        address = f"/dashboard/{studio.account.slug}/{path}"
        first = client.get(address, query)
        read[f"{path}{query}"] = read_of(client, address, query).most
        if after := next_page(first):
            read[f"{path}{query} next"] = read_of(client, address, after).most
    assert {page: blocks for page, blocks in read.items() if blocks > MOST_BLOCKS} == {}


@pytest.mark.parametrize("page", ["key", "disconnect"])
def test_what_stands_in_the_way_of_disconnecting_stripe_is_found_by_index(page: str, studio: FullStudio) -> None:
    """Of 6,000 payments none is read."""
    read = read_of(open_browser(studio.staff.user), f"/dashboard/{studio.account.slug}/settings/payments/{page}/", {})
    of_payments = [
        blocks for asked, blocks in zip(read.statements, read.blocks, strict=True) if '"tickets_payment"' in asked
    ]
    assert of_payments
    assert max(of_payments) <= 10


def test_a_studio_s_first_entry_is_found_past_those_of_others(studio: FullStudio) -> None:
    """An EXISTS would read the table from its beginning: the entries of all who were there before."""
    mine = EntryFactory.create().account
    with reading() as read:
        assert has_entries(mine)
    assert not has_entries(AccountFactory.create())
    assert read.most <= 5


def test_pauses_that_are_over_are_found_past_all_subscriptions(studio: FullStudio) -> None:
    tasks.resume_pauses()
    with reading() as read:
        tasks.resume_pauses()
    assert len(read.statements) > 1
    assert read.most <= 10
