"""The membership that a guest chose before they logged in: their browser keeps it until then (docs/decisions/0063)."""

from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bookwhen.cookies import own_cookie

NAME: Final = "joining"
DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class ChosenMembership:
    """A price (by its uuid), and the key of the form that it was chosen in."""

    price: UUID
    key: UUID

    @classmethod
    def read(cls, request: HttpRequest) -> Self | None:
        """What this browser chose, if anything."""
        try:
            price, key = (UUID(each) for each in request.COOKIES.get(own_cookie(NAME), "").split("."))
        except ValueError:
            return None
        return cls(price, key)

    def keep(self, response: HttpResponseBase) -> None:
        """Let the browser keep it for a day. Only a form of ours can set it: the address alone adds nothing."""
        response.set_cookie(
            own_cookie(NAME),
            f"{self.price.hex}.{self.key.hex}",
            max_age=DAY,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def forget_chosen(response: HttpResponseBase) -> None:
    """Let the browser keep it no longer."""
    response.delete_cookie(own_cookie(NAME), samesite="Lax")
