"""Errors reported to Sentry, or to what speaks its language: only imported where `SENTRY_DSN` is set.

A report has the traceback, the release, the route and our ids: no local variables, forms, cookies, addresses or logins,
and every text in it goes through the same sieve as the log.
"""

from typing import Any, Final

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.types import Event, Hint

from bookwhen.seeing.ids import current_ids
from bookwhen.seeing.scrub import scrub_values

ITS_OWN: Final = frozenset({"event_id", "trace_id", "span_id", "parent_span_id"})
"""Ids that Sentry needs whole."""


def start(dsn: str, *, release: str, environment: str) -> None:
    """Report errors of this process; connects to nothing until there is one."""
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        integrations=[DjangoIntegration(middleware_spans=False), CeleryIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        max_breadcrumbs=0,
        before_send=_before_send,
    )


def _before_send(event: Event, hint: Hint) -> Event | None:  # noqa: ARG001 - Sentry's
    for what in ("request", "user", "extra"):
        event.pop(what, None)  # type: ignore[misc]
    event["tags"] = {**event.get("tags", {}), **current_ids()}
    clean: Event = _scrubbed(event)
    return clean


def _scrubbed(value: Any) -> Any:  # noqa: ANN401 - whatever JSON there is
    if isinstance(value, str):
        return scrub_values(value)
    if isinstance(value, dict):
        return {name: each if name in ITS_OWN else _scrubbed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    return value
