"""Who of the team may say who came to an entry."""

from accounts.access import OperatorRequest
from accounts.models import Role
from tickets.models import Entry, EntryLeader


def may_mark_at(request: OperatorRequest, entry: Entry) -> bool:
    """Whether somebody marks attendance at an entry: a leader where they lead or nobody does, others always.

    One statement for a leader, none for others. Who was to lead it, and somebody else does, doesn't.
    """
    if request.role is not Role.LEADER:
        return True
    leading = EntryLeader.objects.filter(account=request.account, entry=entry, leads=True)
    users = list(leading.values_list("leader__staff__user", flat=True))
    return not users or request.user.pk in users
