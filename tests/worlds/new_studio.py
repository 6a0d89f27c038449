"""River Studio as it is on its first day: an owner, a page, and nothing on it."""

from dataclasses import dataclass

from accounts.models import Account, SchedulePage

PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class NewStudio:
    """A studio as it is on its first day: an owner and a page, nothing on it."""

    account: Account
    page: SchedulePage
    owner: str
