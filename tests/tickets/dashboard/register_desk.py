"""What an operator does on a register, and when."""

from datetime import timedelta
from typing import Any

from accounts.models import Role, Staff, User
from tests.browsing import open_browser
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard
from tickets.models import Attendance, Entry, EntryLeader, Leader, Seat

CLASS = NOW + timedelta(days=2)
STALE = "Nothing was changed. A colleague has marked Ada since you opened this page:"


def names(response: Any) -> list[str]:
    return [seat.attendee_name for seat in response.context["register"]]


def press(dashboard: Dashboard, seat: Seat, presence: str, *, seen: int = 0, **more: str) -> Any:
    return dashboard.post("attendance_mark", {"mark": f"{seat.pk}:{presence}:{seen}", **more}, pk=seat.entry_id)


def said(seat: Seat) -> list[tuple[str, int]]:
    return list(Attendance.objects.filter(seat=seat).values_list("presence", "revision"))


def anna(dashboard: Dashboard) -> User:
    user = User.objects.get(pk=dashboard.client.session["_auth_user_id"])
    user.name = "Anna"
    user.save()
    return user


def open_leader(entry: Entry, *, leads: bool = True) -> Dashboard:
    """Log in a new leader who leads an entry, or was to."""
    staff: Staff = StaffFactory.create(account=entry.account, role=Role.LEADER)
    leader = Leader.objects.create(account=entry.account, name=f"Leader {staff.pk}", staff=staff)
    EntryLeader.objects.create(account=entry.account, entry=entry, leader=leader, leads=leads)
    return Dashboard(entry.account, open_browser(staff.user))
