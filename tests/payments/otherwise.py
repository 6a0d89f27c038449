"""Stripe answers otherwise than our sandbox does, in ways that its documentation allows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bookwhen.payments import transport

Change = Callable[[str, int, Any], tuple[int, Any]]
"""What becomes of an answer, as JSON or bytes: by what was asked (`GET https://…`), its status and its JSON."""


def answer_otherwise(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let each answer that reaches us be changed on its way."""

    class Otherwise(transport.Client):
        def ask(self, method: str, url: str, headers: Any, post_data: Any) -> Any:
            body, status, told = super().ask(method, url, headers, post_data)
            status, changed = change(f"{method.upper()} {url}", status, json.loads(body))
            return changed if isinstance(changed, bytes) else json.dumps(changed).encode(), status, told

    client = Otherwise(timeout=transport.TIMEOUT_SECONDS)
    monkeypatch.setattr(transport, "_http_client", lambda: client)
