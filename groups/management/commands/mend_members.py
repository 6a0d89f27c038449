"""`manage.py mend_members`: work out again until when members stand, where `check_books` found that it is wrong."""

from django.core.management.base import BaseCommand
from django.db import connection

MEND = """
    UPDATE groups_member AS member SET stands_until = held.latest
    FROM (
        SELECT each_member.id, (
            SELECT max(coalesce(standing.until, '9999-01-01 00:00:00+00'))
            FROM groups_standing AS standing WHERE standing.member_id = each_member.id
        ) AS latest
        FROM (SELECT id FROM groups_member WHERE id > %s AND id <= %s ORDER BY id FOR NO KEY UPDATE) AS each_member
    ) AS held
    WHERE member.id = held.id AND member.stands_until IS DISTINCT FROM held.latest
"""
BATCH = 5_000


class Command(BaseCommand):
    """Safe to run at any time, and again."""

    help = "Work out again how long each customer is listed in a group, from what lets them into it."

    def handle(self, **_options: object) -> None:
        """Mend all members, some at a time, and say how many were wrong."""
        mended = 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM groups_member")
            [last] = cursor.fetchone()
            for first in range(0, last, BATCH):
                cursor.execute(MEND, [first, first + BATCH])
                mended += cursor.rowcount
        self.stdout.write(f"Mended: {mended}")
