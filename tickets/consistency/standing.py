"""Standing in groups is what subscriptions are worth, and ends are worked off."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_NOT_PAUSED: Final = """(
            bought.let_in_at IS NOT NULL OR bought.paid_until IS NULL OR (
                bought.paid_until >= bought.period_end AND (
                    bought.pause_behavior = '' OR (account.pause_access = 'period_end' AND bought.paid_until > %(now)s)
                )
            )
        )"""
"""A pause rests nothing of what a subscription is worth now: see `memberships.pauses.rests_from`."""
_NOT_IN_GROUP: Final = f"""
    SELECT bought.account_id, bought.id, membership.title, NULL::bigint, bought.customer_id, membership.group_id,
        '0', '1'
    FROM memberships_subscription AS bought
    JOIN memberships_membership AS membership ON membership.id = bought.membership_id
    JOIN accounts_account AS account ON account.id = bought.account_id
    LEFT JOIN groups_member AS member
        ON member.group_id = membership.group_id AND member.customer_id = bought.customer_id
    LEFT JOIN groups_standing AS standing
        ON standing.member_id = member.id AND standing.ground = bought.uuid
        AND (standing.until IS NULL OR standing.until > %(now)s)
    WHERE bought.status || ' ' || account.past_due_policy = ANY(%(standing)s)
        AND (bought.ends_at IS NULL OR bought.ends_at > %(now)s) AND {_NOT_PAUSED} AND standing.id IS NULL
        AND IN_ACCOUNTS(bought)
"""  # noqa: S608 - a condition of our own
_STILL_IN_GROUP: Final = f"""
    SELECT bought.account_id, bought.id, membership.title, NULL::bigint, member.customer_id, member.group_id, '1', '0'
    FROM groups_standing AS standing
    JOIN groups_member AS member ON member.id = standing.member_id
    JOIN memberships_subscription AS bought ON bought.uuid = standing.ground
    JOIN memberships_membership AS membership ON membership.id = bought.membership_id
    JOIN accounts_account AS account ON account.id = bought.account_id
    WHERE (standing.until IS NULL OR standing.until > %(soon)s)
        AND NOT (
            bought.status || ' ' || account.past_due_policy = ANY(%(standing)s)
            AND (bought.ends_at IS NULL OR bought.ends_at > %(now)s) AND {_NOT_PAUSED}
            AND member.group_id = membership.group_id AND member.customer_id = bought.customer_id
        )
        AND IN_ACCOUNTS(standing)
"""  # noqa: S608 - the same
_PRESENCE: Final = """
    SELECT member.account_id, member.id, '', NULL::bigint, member.customer_id, member.group_id,
        coalesce(to_char(member.stands_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '–'),
        coalesce(to_char(held.latest AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '–')
    FROM groups_member AS member CROSS JOIN LATERAL (
        SELECT max(coalesce(standing.until, '9999-01-01 00:00:00+00')) AS latest
        FROM groups_standing AS standing WHERE standing.member_id = member.id
    ) AS held
    WHERE member.stands_until IS DISTINCT FROM held.latest
        AND (%(accounts)s::bigint[] IS NULL OR member.account_id = ANY(%(accounts)s))
"""
"""What the database keeps of when members stand (`groups.models.Member.stands_until`)."""
_RELEASE: Final = """
    SELECT release.account_id, release.id, '', NULL::bigint, member.customer_id, member.group_id, '1', '0'
    FROM tickets_release AS release
    JOIN groups_member AS member ON member.id = release.member_id
    WHERE release.done_at IS NULL AND release.created_at < %(hour_ago)s
        AND IN_ACCOUNTS(release)
"""

CHECKS: Final = (
    Check(FindingKind.NOT_IN_GROUP, _NOT_IN_GROUP),
    Check(FindingKind.STILL_IN_GROUP, _STILL_IN_GROUP),
    Check(FindingKind.PRESENCE, _PRESENCE),
    Check(FindingKind.RELEASE, _RELEASE),
)
