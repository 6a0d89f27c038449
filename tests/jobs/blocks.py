"""What statements cost PostgreSQL: the blocks of tables and indexes that they look at, the same on any machine."""

from collections.abc import Callable
from typing import Final

from django.db import connection

_FETCHED: Final = """
SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""


def blocks_of(act: Callable[[], object]) -> int:
    """How many blocks were looked at while this was done, in the test's own transaction."""
    before = _fetched()
    act()
    return _fetched() - before


def _fetched() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FETCHED)
        ((blocks,),) = cursor.fetchall()
    return int(blocks)
