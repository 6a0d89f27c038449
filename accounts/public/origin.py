"""What somebody was about to do before they were asked to log in: on whose page, and what they go on to."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from accounts.models import SchedulePage
from accounts.public.pages import read_page
from accounts.return_paths import local_path
from groups.links.queries import find_link
from memberships.queries import memberships_on_sale
from tickets.models import Entry

BOOKING: Final = frozenset({"public:entry", "public:review"})
WAITING: Final = "public:wait"
INVITED: Final = "public:join_group"
JOINING: Final = frozenset({"public:membership", "public:membership_add"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose page they come from, if from any, and a sentence that says what comes next; empty: nothing special."""

    page: SchedulePage | None = None
    onward: str = ""
    opens_studio: bool = False
    """Whether they are about to create a studio."""


def origin_of(path: str) -> Origin:
    """What the path that somebody wants to go on to (`next`) says of it. At most two statements, none without one."""
    found = _resolve(local_path(path))
    if found is None:
        return Origin()
    if found.view_name == "start":
        onward = _("You’ll then name your studio. Its first page is online in a minute.")
        return Origin(onward=onward, opens_studio=True)
    slug = found.kwargs.get("page") if found.namespace == "public" else None
    page = next(iter(read_page(slug)), None) if slug else None
    return Origin(page, _onward(page, found)) if page else Origin()


def _resolve(path: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(path).path) if path else None
    except (Resolver404, ValueError):
        return None


def _onward(page: SchedulePage, found: ResolverMatch) -> str:
    told = {"studio": page.account.name, "title": _title(page, found)}
    if not told["title"]:
        return _("You’ll then go straight back to %(studio)s.") % told
    if found.view_name in {*JOINING, INVITED}:
        return _("You’ll then go on to join “%(title)s” at %(studio)s.") % told
    if found.view_name == WAITING:
        return _("You’ll then go on to the waiting list for “%(title)s” at %(studio)s.") % told
    return _("You’ll then go on to book “%(title)s” at %(studio)s.") % told


def _title(page: SchedulePage, found: ResolverMatch) -> str:
    """What they were looking at; empty where it is nothing to book or to join."""
    if found.view_name in {*BOOKING, WAITING}:
        return _title_of_entry(page, found.kwargs["entry"])
    if found.view_name in JOINING:
        sold = memberships_on_sale(page).filter(pk=found.kwargs["pk"])
        return sold.values_list("title", flat=True).first() or ""
    if found.view_name == INVITED:
        link = find_link(page.account, found.kwargs["invitation"])
        return link.group.name if link and not link.stopped_at else ""
    return ""


def _title_of_entry(page: SchedulePage, entry: UUID) -> str:
    found = Entry.objects.filter(account=page.account_id, page=page, uuid=entry)
    return found.values_list("title", flat=True).first() or ""
