"""Who keeps this installation: the logins that `KEEPERS` names, once they have taken the second step."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import SAFE, is_proved
from accounts.models import User
from accounts.public.pages import keep_private
from accounts.two_step import passed_second_step
from bookwhen.email_address import fold_email

View = Callable[..., HttpResponse]


def is_keeper(user: User | AnonymousUser) -> bool:
    """Whether somebody keeps this installation. No statement for anybody whom `KEEPERS` does not name."""
    if not isinstance(user, User) or user.email not in {fold_email(each) for each in settings.KEEPERS}:
        return False
    return is_proved(user)


def keeper_view(view: View) -> Callable[..., HttpResponseBase]:
    """Give a view to the keepers alone, to look and not to change; to all others there is no such page.

    A keeper who has not taken the second step in this session is led through it, or to setting it up, and back.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not is_keeper(request.user):
            raise Http404
        if request.method not in SAFE:
            return HttpResponseNotAllowed(sorted(SAFE))
        if not passed_second_step(request):
            return redirect(f"{reverse('my_second_step')}?{urlencode({'next': request.get_full_path()})}")
        return keep_private(view(request, **kwargs))

    return wrapped
