"""How a file can be read otherwise: another sheet of its workbook, or its letters as another system writes them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHEET: Final = "sheet"
LETTERS: Final = "letters"
_NAMES: Final[Mapping[str, "StrOrPromise"]] = {
    "cp1252": gettext_lazy("Western European"),
    "mac_roman": gettext_lazy("Western European (Mac)"),
    "cp850": gettext_lazy("Western European (DOS)"),
    "cp1250": gettext_lazy("Central European"),
    "iso8859_2": gettext_lazy("Central European (ISO)"),
    "cp852": gettext_lazy("Central European (DOS)"),
    "cp1254": gettext_lazy("Turkish"),
    "cp1251": gettext_lazy("Cyrillic"),
    "koi8_r": gettext_lazy("Cyrillic (KOI8)"),
    "cp1253": gettext_lazy("Greek"),
    "cp1255": gettext_lazy("Hebrew"),
    "cp1256": gettext_lazy("Arabic"),
    "cp1257": gettext_lazy("Baltic"),
}


def ways_to_read(found: Mapping[str, Any]) -> dict[str, forms.Field]:
    """The fields that ask how a file is to be read, where there is more than one way; by what was found in it."""
    fields: dict[str, forms.Field] = {}
    sheets, ways = found.get("sheets", []), found.get("ways", [])
    if len(sheets) > 1:
        fields[SHEET] = forms.ChoiceField(
            label=_("Which sheet?"),
            choices=[(name, name) for name in sheets],
            initial=found.get("sheet", ""),
            required=False,
            help_text=_(
                "One sheet is imported at a time. For another one, the columns are guessed again, and what you chose "
                "for single rows is forgotten."
            ),
        )
    if len(ways) > 1:
        fields[LETTERS] = forms.ChoiceField(
            label=_("Where are all of these words spelled right?"),
            choices=[(way, f"{' · '.join(words)} ({_NAMES[way]})") for way, words in ways if way in _NAMES],
            initial=found.get("encoding", ""),
            required=False,
            widget=forms.RadioSelect,
            help_text=_("The file doesn’t say how letters with accents are written in it."),
        )
    return fields
