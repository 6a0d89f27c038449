"""Whether a standing can be taken back: not where something was booked by it."""

from datetime import datetime

from django.db.models import Q

from groups.models import Member
from groups.services import StandingUsedError
from offers.models import OfferUse
from offers.periods import local_day


def refuse_while_used(*, member: int, since: datetime, now: datetime, **_about: object) -> None:
    """Let no standing be taken back by which a member (id, held) booked since an instant, or will come to an event.

    Raises StandingUsedError (`groups.signals`).
    """
    found = Member.objects.select_related("account").get(pk=member)
    ahead = Q(event_on__gte=local_day(now, found.account.zone))
    uses = OfferUse.objects.live().filter(ahead | Q(created_at__gte=since), account=found.account_id)
    if uses.filter(period__member=found).exists():
        raise StandingUsedError
