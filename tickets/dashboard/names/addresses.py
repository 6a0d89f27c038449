"""`{% load names %}`: the addresses of what is called by a name."""

from typing import Any

from django.template import Library

from tickets.dashboard.names.kinds import Kind

register = Library()


@register.simple_tag
def name_url(kind: Kind, page: str, row: Any) -> str:  # noqa: ANN401 - of the kind's model
    """Where a page (`edit`, `archive` …) of a leader, location or tag of its account is."""
    return kind.url(row.account, page, pk=row.pk)
