"""What becomes of bookings when the operator takes a customer out of a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.acting import told_already
from accounts.history.recording import count, record
from accounts.models import Deed
from groups.catalogue import about_group
from groups.locks import lock_members
from groups.models import Member
from groups.services import remove_by_hand
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.recorded import about_bookings
from tickets.models import Seat
from tickets.queries import exclusive_seats_ahead


@dataclass(frozen=True, slots=True)
class Removal:
    """What came of it: whether a membership still keeps the customer in, and the seats that were cancelled."""

    still_in_group: bool
    cancelled: Sequence[Seat]


def remove_from_group(member: Member, *, cancel: bool, now: datetime) -> Removal:
    """End a member's standing by hand; with `cancel`, also the seats ahead that this group's offers were charged for.

    Their uses come back, since the studio cancels (docs/design.md, *Standing*). Raises NotAMemberByHandError.
    """
    with transaction.atomic():
        # All at once: others hold a customer's memberships in ascending order.
        lock_members(Member.objects.filter(customer=member.customer_id).values_list("pk", flat=True))
        stays = remove_by_hand(member, now=now)
        ahead = exclusive_seats_ahead(member.customer, member.group, now=now).values_list("pk", flat=True)
        with told_already():
            cancelled = cancel_by_studio(list(ahead), now=now).seats if cancel else []
        record(
            Deed.CUSTOMER_REMOVED,
            about_customer(member.customer),
            account=member.account_id,
            also=[about_group(member.group), *about_bookings(cancelled)],
            changes=[count(_("Spaces cancelled"), len(cancelled))] if cancelled else [],
            beside=member.group.name,
        )
        return Removal(stays, cancelled)
