"""`{% load when %}`: when something takes place, as pages tell it.

Tags, and not a component with Django’s filters: those would bring each instant to the time zone six times.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.template import Library
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = Library()
DAY = "D j M Y"
SHORT_DAY = "j M Y"


class Days:
    """Days as tables tell them, in a time zone and in the language of the moment: each is put into words once."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._told: dict[date, str] = {}

    def __call__(self, at: date) -> str:
        """A day, or that of an instant."""
        day = self.local(at)
        if day not in self._told:
            self._told[day] = date_format(day, SHORT_DAY)
        return self._told[day]

    def local(self, at: date) -> date:
        """The day on which an instant is there; a day is itself."""
        return at.astimezone(self._zone).date() if isinstance(at, datetime) else at

    def minute(self, at: datetime) -> str:
        """The day and the time of an instant."""
        return f"{self(at)}, {_clock(at.astimezone(self._zone))}"


@register.simple_tag
def when(start: datetime | None, end: datetime | None = None, *, tz: tzinfo | str = "", zone: object = "") -> str:
    """When something begins and perhaps ends, in a time zone (default: the active one); `zone` also names it.

    A line breaks between day and time, and never inside either: hours stay together at their dash.
    """
    if not start:
        return ""
    there = _zone(tz)
    begins = start.astimezone(there)
    words = '<time datetime="{}">{}, <wbr>{}</time>'
    told = format_html(words, begins.isoformat(), formatted(begins, DAY), _clock(begins))
    if end:
        ends = end.astimezone(there)
        clock = _clock(ends)
        if ends.date() == begins.date():
            told += format_html('–<time datetime="{}">{}</time>', ends.isoformat(), clock)
        else:
            told += format_html(f"–<wbr>{words}", ends.isoformat(), formatted(ends, DAY), clock)
    if zone:
        told += format_html(' <wbr><span class="soft">({})</span>', there)
    return format_html('<span class="when">{}</span>', told)


@register.simple_tag
def hours(start: datetime, end: datetime) -> SafeString:
    """From when to when, in the active time zone, where the day stands elsewhere."""
    there = timezone.get_current_timezone()
    instants = (start.astimezone(there), end.astimezone(there))
    told = [said for each in instants for said in (each.isoformat(), _clock(each))]
    words = '<span class="when"><time datetime="{}">{}</time>–<time datetime="{}">{}</time></span>'
    return format_html(words, *told)


@register.simple_tag
def later_day(start: datetime, end: datetime) -> date | None:
    """The day in the active time zone on which something ends, where that is another one than it begins on.

    The midnight at which that day is over is none.
    """
    there = timezone.get_current_timezone()
    begins, ends = start.astimezone(there), end.astimezone(there)
    is_over = ends.time() == time() and ends.date() == begins.date() + timedelta(days=1)
    return None if ends.date() == begins.date() or is_over else ends.date()


def _zone(tz: tzinfo | str) -> tzinfo:
    if not tz:
        return timezone.get_current_timezone()
    return ZoneInfo(tz) if isinstance(tz, str) else tz


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"
