"""What is called by a name, for its pages: leaders, locations and tags."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.forms import ModelForm
from tickets.dashboard.names.forms import LeaderForm, LocationForm, TagForm
from tickets.models import Leader, Location, Tag
from tickets.schedule.names import Name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Texts:
    """What the pages of a kind say."""

    many: "StrOrPromise"
    add: "StrOrPromise"
    edit: "StrOrPromise"
    first: "StrOrPromise"
    about: "StrOrPromise"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of them: as its addresses and URL names begin, its rows, its form, and what its pages say in an account."""

    folder: str
    name: str
    model: type[Name]
    form: type[ModelForm[Any]]
    texts: Callable[[Account], Texts]

    def url(self, account: Account, page: str = "", **kwargs: object) -> str:
        """The address of its list, or of another page of it (`new`, `edit` …)."""
        name = f"{self.name}_{page}" if page else self.folder
        return reverse(f"dashboard:{name}", kwargs={"account": account.slug, **kwargs})


def _of_leaders(account: Account) -> Texts:
    said = account.leader_texts
    return Texts(said.many, said.add, said.edit, said.first, said.about)


_LOCATIONS: Final = Texts(
    _("Locations"),
    _("Add location"),
    _("Edit location"),
    _("Add your first location"),
    _("Customers see the name on your schedule, and the address and map on the event’s page and in emails."),
)
_TAGS: Final = Texts(
    _("Tags"),
    _("Add tag"),
    _("Edit tag"),
    _("Add your first tag"),
    _("Customers find events by tags, such as Beginners or Outdoors."),
)

LEADERS: Final = Kind("leaders", "leader", Leader, LeaderForm, _of_leaders)
KINDS: Final = (
    LEADERS,
    Kind("locations", "location", Location, LocationForm, lambda _account: _LOCATIONS),
    Kind("tags", "tag", Tag, TagForm, lambda _account: _TAGS),
)
