"""Schedule pages to choose from, in forms of the dashboard."""

from typing import TYPE_CHECKING

from accounts.models import Account, SchedulePage
from bookwhen.picker import Source
from bookwhen.search import few_have

if TYPE_CHECKING:
    from django.db.models import QuerySet


def page_source(account: Account, chosen: "QuerySet[SchedulePage] | None" = None) -> Source:
    """The pages of an account, of which some are chosen."""
    pages = account.pages.all()
    return Source(
        pages,
        pages.none() if chosen is None else chosen,
        search=lambda words: few_have("title", words),
        label=str,
        order=("pk",),
    )
