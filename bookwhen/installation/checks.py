"""What `manage.py check --database default`, and each `migrate`, says about the installation."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connection

from bookwhen.installation.copies import find_copy
from bookwhen.installation.models import Installation


@checks.register(checks.Tags.database)
def warn_of_a_quiet_copy(
    *,
    databases: Sequence[str] | None = None,
    **_about: Any,  # noqa: ANN401 - Django's options
) -> list[checks.CheckMessage]:
    """Warn where the database belongs to another site."""
    if not databases or Installation._meta.db_table not in connection.introspection.table_names():
        return []
    copy = find_copy()
    if copy is None:
        return []
    message = f"This is {copy.here}, but its database belongs to {copy.site}: nothing is sent to Stripe or by email."
    return [checks.Warning(message, hint="If this is the real site, run manage.py adopt_site.", id="installation.W001")]
