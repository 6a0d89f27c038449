"""Where somebody is logged in: a row for each browser, which they can see and end."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LoginSession, User
from accounts.models.users import USER_AGENT_LENGTH
from bookwhen.outages import outage_of

log = logging.getLogger(__name__)

NOTED: Final = "login_session"
"""In the session: under which key it was last noted as a LoginSession, and when (seconds since 1970)."""
OFTEN: Final = timedelta(hours=1)
"""How exactly we say when a browser was last used: a page costs no statement more until then."""
PRIVATE: Final = ("/accounts/", "/dashboard/", "/my/")
"""Below these addresses nothing is kept by a cache, no matter who asks."""

BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What is in a browser’s description of itself, and its name. Most claim to be others too, so the order matters."""
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

Answering = Callable[[HttpRequest], HttpResponseBase]


def session_middleware(get_response: Answering) -> Answering:
    """Middleware that notes where somebody is logged in, and keeps what they see out of every cache.

    Where the answer did not depend on who asks (a calendar feed), it stays as it is.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        logged_in = response.status_code < 500 and request.session.accessed and SESSION_KEY in request.session  # noqa: PLR2004
        if logged_in:
            _try_to_note(request)
        if logged_in or request.path.startswith(PRIVATE):
            response["Cache-Control"] = "private, no-store"
        return response

    return answer


def _try_to_note(request: HttpRequest) -> None:
    """Note it, if that can be: a page is shown even by a database that is read-only for a while."""
    try:
        note_session(request, now=timezone.now())
    except DatabaseError as error:
        if outage_of(error) is None:
            raise
        log.warning("It could not be noted that somebody was here: %s", error)


def note_session(request: HttpRequest, *, now: datetime, started: bool = False) -> None:
    """Note that the browser of this request, in which somebody is logged in, was used. At most once an hour."""
    key, noted = request.session.session_key, request.session.get(NOTED)
    if key is None:
        return
    if noted and not started and noted["key"] == key and now.timestamp() - noted["at"] < OFTEN.total_seconds():
        return
    seen: dict[str, Any] = {
        "user_id": int(request.session[SESSION_KEY]),
        "user_agent": request.headers.get("user-agent", "").replace("\x00", "")[:USER_AGENT_LENGTH],
        "address": _client_address(request),
        "seen_at": now,
    }
    # A session gets another key when its password or the secret key changes: it is the same browser.
    known = LoginSession.objects.filter(session_key=noted["key"]) if noted and not started else None
    if known is None or not known.update(session_key=key, **seen):
        LoginSession.objects.update_or_create(session_key=key, defaults={**seen, "started_at": now})
    request.session[NOTED] = {"key": key, "at": int(now.timestamp())}


def sessions_of(user: User, *, current: str | None, now: datetime) -> list[LoginSession]:
    """Where a user is logged in: the session with the key `current`, then the last used. Three statements at most."""
    noted = list(LoginSession.objects.filter(user=user).order_by("-seen_at", "-pk"))
    keys = [each.session_key for each in noted]
    alive = set(Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list("session_key", flat=True))
    LoginSession.objects.filter(user=user, session_key__in=set(keys) - alive).delete()
    found = [each for each in noted if each.session_key in alive]
    return sorted(found, key=lambda each: each.session_key != current)


def end_session(user: User, pk: int) -> None:
    """Log a user out of one browser; of one that is not theirs, or was ended, nothing happens."""
    _end(LoginSession.objects.filter(user=user, pk=pk))


def end_sessions(user: User, *, keep: str | None = None) -> None:
    """Log a user out everywhere but in the session with the key `keep`."""
    _end(LoginSession.objects.filter(user=user).exclude(session_key=keep))


def describe_browser(user_agent: str) -> str:
    """A browser in plain words, as “Firefox on Windows”, from what it says that it is."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def _end(ended: Iterable[LoginSession]) -> None:
    keys = [each.session_key for each in ended]
    Session.objects.filter(session_key__in=keys).delete()
    caches[settings.SESSION_CACHE_ALIAS].delete_many([f"{SessionStore.cache_key_prefix}{key}" for key in keys])
    LoginSession.objects.filter(session_key__in=keys).delete()


def _client_address(request: HttpRequest) -> str | None:
    try:
        found = get_adapter().get_client_ip(request)
        return None if ip_address(found).is_unspecified else found
    except (PermissionDenied, ValueError):
        return None


def _note_login(request: HttpRequest | None, **_kwargs: object) -> None:
    if request is not None:
        note_session(request, now=timezone.now(), started=True)


def _forget(request: HttpRequest | None, **_kwargs: object) -> None:
    if request is not None and request.session.session_key:
        LoginSession.objects.filter(session_key=request.session.session_key).delete()


def connect() -> None:
    """Hear of every login and logout."""
    user_logged_in.connect(_note_login, dispatch_uid="accounts.sessions.login")
    user_logged_out.connect(_forget, dispatch_uid="accounts.sessions.logout")
