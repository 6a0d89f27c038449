"""Names without case, in whatever script: PostgreSQL would know only the letters that its LC_CTYPE does."""

from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from django.db.models import CharField, Model

FOLDING: Final = 3
"""How many times as long a text may become."""

if TYPE_CHECKING:
    _TextField = CharField[str, str]
else:
    _TextField = CharField


def fold_name(name: str) -> str:
    """A name without case: two that differ in nothing else are one."""
    return normalize("NFC", normalize("NFC", name).casefold())


class FoldedField(_TextField):
    """The row's `name` without case, no matter who writes it."""

    def pre_save(self, model_instance: Model, add: bool) -> str:  # noqa: ARG002, FBT001 - Django's
        """Read the name."""
        folded = fold_name(model_instance.name)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, folded)
        return folded
