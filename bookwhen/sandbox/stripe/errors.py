"""What Stripe says when it refuses, in the shape it says it."""

from typing import Any

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer of the API, not a mistake of ours
    """An answer that is not 200: its HTTP status and the `error` object of its body."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.error: Json = {"type": kind, "message": message} | {k: v for k, v in more.items() if v is not None}

    def body(self) -> Json:
        """Return the JSON body."""
        return {"error": self.error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """Refuse a request that is wrong by Stripe's own rules (400)."""
    return Refused(400, message, param=param, code=code)


def not_modelled(what: str) -> Refused:
    """Refuse what Stripe would take and this sandbox does not know (400), naming it: silence would be a lie."""
    return Refused(400, f"The sandbox does not model {what}.", param=what, code="sandbox_not_modelled")


def missing(kind: str, key: str, param: str = "id") -> Refused:
    """Say that no such object exists (404)."""
    return Refused(404, f"No such {kind.replace('.', ' ')}: '{key}'", param=param, code="resource_missing")
