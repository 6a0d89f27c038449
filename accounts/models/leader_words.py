"""What a studio calls those who lead its entries, in the sentences of its dashboard."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class LeaderWord(TextChoices):
    """The word that an account chose."""

    LEADER = "leader", _("Leader")
    TEACHER = "teacher", _("Teacher")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderTexts:
    """All texts that have the word in them."""

    one: "StrOrPromise"
    many: "StrOrPromise"
    add: "StrOrPromise"
    edit: "StrOrPromise"
    change: "StrOrPromise"
    first: "StrOrPromise"
    about: "StrOrPromise"
    typed: "StrOrPromise"
    staff: "StrOrPromise"
    places: "StrOrPromise"
    marks: "StrOrPromise"


TEXTS: Final = {
    LeaderWord.LEADER: LeaderTexts(
        one=_("Leader"),
        many=_("Leaders"),
        add=_("Add leader"),
        edit=_("Edit leader"),
        change=_("Change leader"),
        first=_("Add your first leader"),
        about=_("Customers see who leads each event. A leader who is on your team sees their own entries first."),
        typed=_("Put a comma between names. A new name is added to your leaders."),
        staff=_("Choose who on your team it is, and their schedule begins with the entries they lead."),
        places=_("Leaders & locations"),
        marks=_("You can mark attendance only at entries you lead. Ask a manager to add you as a leader of this one."),
    ),
    LeaderWord.TEACHER: LeaderTexts(
        one=_("Teacher"),
        many=_("Teachers"),
        add=_("Add teacher"),
        edit=_("Edit teacher"),
        change=_("Change teacher"),
        first=_("Add your first teacher"),
        about=_("Customers see who teaches each event. A teacher who is on your team sees their own entries first."),
        typed=_("Put a comma between names. A new name is added to your teachers."),
        staff=_("Choose who on your team it is, and their schedule begins with the entries they teach."),
        places=_("Teachers & locations"),
        marks=_(
            "You can mark attendance only at entries you teach. Ask a manager to add you as a teacher of this one."
        ),
    ),
}
