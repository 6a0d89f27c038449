"""docs/words.md lists what exists, and every model."""

import enum
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

TEXT: Final = (Path(__file__).parent.parent / "docs" / "words.md").read_text()
LABELS: Final = {"accounts", "groups", "installation", "memberships", "offers", "payments", "tickets"}
ENUMS: Final = (
    "accounts.models",
    "bookwhen.installation.adoption",
    "bookwhen.payments.models",
    "bookwhen.payments.stripe_objects",
    "bookwhen.payments.stripe_prices",
    "groups.models",
    "memberships.changing",
    "memberships.models",
    "memberships.queries",
    "memberships.standing",
    "offers.eligibility",
    "offers.models",
    "tickets.models",
    "tickets.schedule.overrides",
    "tickets.schedule.recurrence",
)


def named(pattern: str) -> list[str]:
    """What of this form stands in backticks on the page, once each."""
    return sorted(set(re.findall(f"`({pattern})`", TEXT)))


def models() -> set[str]:
    return {model._meta.label for model in apps.get_models() if model._meta.app_label in LABELS}


def members() -> set[str]:
    found = (value for module in ENUMS for value in vars(importlib.import_module(module)).values())
    kinds = (each for each in found if isinstance(each, type) and issubclass(each, enum.Enum))
    return {f"{kind.__name__}.{name}" for kind in kinds for name in kind.__members__}


def url_names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from url_names(each.url_patterns, f"{prefix}{each.namespace}:" if each.namespace else prefix)
        elif each.name:
            yield f"{prefix}{each.name}"


def test_every_model_is_listed_and_none_that_does_not_exist() -> None:
    assert set(named(r"[a-z]+\.[A-Z]\w+")) == models()


@pytest.mark.parametrize("member", named(r"[A-Z]\w+\.[A-Z_]+"))
def test_an_enum_member_exists(member: str) -> None:
    assert member in members()


@pytest.mark.parametrize("name", named(r"(?:(?:public:|dashboard:|my_|stripe_|keeper_)[a-z_]+|keeper|metrics)"))
def test_a_url_name_exists(name: str) -> None:
    assert name in set(url_names(get_resolver().url_patterns))
