"""Deleting by a form that may be sent twice: what is gone the second time is gone because the first deleted it."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from accounts.access import OperatorRequest, View

_SIGNER: Final = Signer(salt="accounts.dashboard.deletion")


def deletion_key(request: OperatorRequest) -> str:
    """What the page that asks *Delete this?* puts into its form as `key`: its own address, signed."""
    return _SIGNER.sign(request.path)


def deletes_once(then: str) -> Callable[[View], View]:
    """Let a view delete what its address names; goes under `operator_view`.

    The form sent again, with the `key` that the page gave it, leads to the dashboard page `then` as the first did.
    Without that key what is not there does not exist: 404.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: OperatorRequest, **kwargs: object) -> HttpResponseBase:
            try:
                return view(request, **kwargs)
            except Http404:
                if not _was_offered(request):
                    raise
                return redirect(f"dashboard:{then}", account=request.account.slug)

        return wrapped

    return decorate


def _was_offered(request: OperatorRequest) -> bool:
    try:
        return _SIGNER.unsign(request.POST.get("key", "")) == request.path
    except BadSignature:
        return False
