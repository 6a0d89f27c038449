"""Logs: one line for each thing that happened, as JSON for machines or as text for people, and without secrets.

Nothing that somebody typed can make a line of its own. A traceback is inside its JSON line; as text it follows below.
"""

import logging
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from bookwhen.seeing.ids import current_ids
from bookwhen.seeing.scrub import safe_path, scrub, scrub_values

FORMATS: Final = ("json", "text")
FIELDS: Final = "fields"
"""What a line carries besides its message: `log.info("…", extra={FIELDS: {"ms": 12}})`."""
EACH_MINUTE: Final = "Scheduler: Sending due task"


def logging_settings(*, form: str, level: str, process: str) -> dict[str, Any]:
    """Django's LOGGING: everything goes to stderr, in the form `json` or `text`."""
    formatter = {"()": f"{__name__}.{'JsonLine' if form == 'json' else 'TextLine'}", "process": process}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "safe_request": {"()": f"{__name__}.SafeRequest"},
            "not_each_minute": {"()": f"{__name__}.NotEachMinute"},
        },
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["safe_request"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django would write to ADMINS, too.
            "django": {"handlers": [], "level": "INFO"},
            # The access log has what was answered; this adds the tracebacks.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "WARNING"},
            # `bookwhen.seeing.worker` writes a line for each task, with its ids.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"filters": ["not_each_minute"]},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            # These write lines for every call.
            "httpx": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
            "urllib3": {"level": "ERROR"},
        },
    }


class SafeRequest(logging.Filter):
    """Takes secrets out of the path in Django's own lines about a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the line, with another path."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            written = request.path.encode("unicode_escape").decode("ascii")
            record.args = tuple(safe_path(request) if each in {written, request.path} else each for each in record.args)
        return True


class NotEachMinute(logging.Filter):
    """Leaves out that beat starts a task, which it does every minute."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is about something else."""
        return record.levelno >= logging.WARNING or not str(record.msg).startswith(EACH_MINUTE)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLine(JsonFormatter):
    """A line of JSON: time (UTC), level, logger, message, process, ids, fields, and a traceback where there is one."""

    def __init__(self, *, process: str) -> None:
        super().__init__()
        self.kind = process

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Write these and nothing else that a library hangs on its lines."""
        log_data |= {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
            "process": self.kind,
            "pid": record.process,
            **current_ids(),
            **getattr(record, FIELDS, {}),
        }
        if error := "\n".join(filter(None, (message_dict.get("exc_info"), message_dict.get("stack_info")))):
            log_data["traceback"] = scrub_values(error)


class TextLine(logging.Formatter):
    """A line for people: the same, in one line and a traceback below it."""

    def __init__(self, *, process: str) -> None:
        super().__init__()
        self.kind = process

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts = {**current_ids(), **getattr(record, FIELDS, {})}
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        line = (
            f"{_time(record)} {record.levelname} {self.kind} {record.name} {_on_one_line(scrub(record.getMessage()))}"
        )
        parts = [f"{line} {_on_one_line(told)}".rstrip()]
        if record.exc_info:
            parts.append(scrub_values(self.formatException(record.exc_info)))
        if record.stack_info:
            parts.append(scrub_values(record.stack_info))
        return "\n".join(parts)


def _on_one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
