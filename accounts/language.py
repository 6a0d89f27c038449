"""In which language a request is answered: its studio's, once it is known whose page it is; until then the site's.

Never what the browser asks for: a page whose words are in one language and whose dates and errors are in another helps
nobody, so only languages with a whole catalogue are spoken (settings.LANGUAGES), and a studio chooses among them.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate, override

from accounts.models import Account
from bookwhen.seeing.ids import add_ids


def language_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Begin each request in the site's language, and leave none behind for the next."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with override(settings.LANGUAGE_CODE):
            return get_response(request)

    return middleware


def speak(account: Account) -> None:
    """Answer the rest of this request in the studio's language: called where a page learns whose it is.

    From there on, what is logged says so too.
    """
    activate(account.language)
    add_ids(account=account.slug)
