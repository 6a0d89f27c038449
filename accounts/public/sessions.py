"""Where somebody is logged in: seeing it, and logging out elsewhere."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, person_view
from accounts.sessions import describe_browser, end_session, end_sessions, sessions_of


@person_view
def my_sessions(request: PersonRequest) -> HttpResponse:
    """Every browser in which this login is open: this one first, then the last used."""
    current = request.session.session_key
    found = sessions_of(request.user, current=current, now=timezone.now())
    rows = [(each, describe_browser(each.user_agent), each.session_key == current) for each in found]
    return render(request, "accounts/public/sessions.html", {"rows": rows})


@require_POST
@person_view
def end_my_session(request: PersonRequest, pk: int) -> HttpResponse:
    """Log out of one other browser."""
    end_session(request.user, pk)
    messages.success(request, _("Logged out on that device"))
    return redirect("my_sessions")


@require_POST
@person_view
def end_my_other_sessions(request: PersonRequest) -> HttpResponse:
    """Log out everywhere but here."""
    end_sessions(request.user, keep=request.session.session_key)
    messages.success(request, _("Logged out on all other devices"))
    return redirect("my_sessions")
