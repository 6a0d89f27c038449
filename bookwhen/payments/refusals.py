"""What a studio reads when its Stripe key is refused, or something to it: what to do in Stripe."""

from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bookwhen.payments.models import Connection
from bookwhen.payments.permissions import Need
from bookwhen.payments.stripe_errors import KeyRefusedError, PermissionMissingError


def refusal_text(error: KeyRefusedError) -> str:
    """What is wrong with the key, and how to mend it."""
    if isinstance(error, PermissionMissingError):
        return missing_text([error.needed] if error.needed else [])
    return _("Stripe doesn’t accept your key: %s") % error


def missing_text(needs: Sequence[Need]) -> str:
    """Which permissions a restricted key lacks, by the names that Stripe's dashboard shows."""
    if not needs:
        return _("Your restricted key isn’t allowed to do something we need. Test the connection to see what.")
    named = get_text_list(
        [_("“%(resource)s” to %(level)s") % {"resource": need.resource.label, "level": need.level} for need in needs],
        _("and"),
    )
    return _("Your restricted key needs more permissions. In Stripe, edit the key and set %(permissions)s.") % {
        "permissions": named
    }


def note(connection: Connection, error: KeyRefusedError) -> None:
    """Add a refusal to what is wrong with a live connection, once."""
    words = refusal_text(error)
    found = Connection.objects.filter(pk=connection.pk, disconnected_at=None)
    trouble = found.values_list("trouble", flat=True).first()
    if trouble is not None and words not in trouble:
        found.filter(trouble=trouble).update(trouble=f"{trouble} {words}".strip())
