"""A person is erased: why they were given extra uses is nobody's business any more; how many stays."""

from typing import Final

from accounts.erasing.parts import ErasePart, Erasing
from offers.models import ExtraUses

NO_REASON: Final = "–"


def erase_reasons(erasing: Erasing) -> None:
    """Before their memberships of groups are moved, by which these are found, or after."""
    theirs = ExtraUses.objects.filter(
        account=erasing.account, member__customer__in=[erasing.customer.pk, erasing.left.pk]
    )
    theirs.update(reason=NO_REASON)


EXTRA_USES: Final = ErasePart(erase=erase_reasons)
