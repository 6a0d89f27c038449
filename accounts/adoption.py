"""What becomes of emails, and of accounts' connections to Stripe, when a copy of the database is adopted."""

from django.db.models import Count, Value
from django.db.models.functions import Replace

from accounts.models import Account, Letter
from accounts.signals import stripe_replaced
from bookwhen.installation.adoption import Adoption, Letters, Story, Waiting


def count_waiting(**_about: object) -> list[Waiting]:
    """The emails that wait, by kind."""
    counted = Letter.objects.waiting().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind")
    return [Waiting(f"emails ({kind.replace('_', ' ')})", count) for kind, count in counted]


def sort_letters(*, adoption: Adoption, **_about: object) -> None:
    """Drop the emails that wait, or let their links lead to this site."""
    waiting = Letter.objects.waiting()
    if adoption.letters is Letters.DROP:
        # Their rows stay: what was told once is not told again.
        waiting.update(failed_at=adoption.now, fault="", error="Dropped when this site was adopted.")
    elif adoption.copy.site:
        old, new = Value(f"{adoption.copy.site}/"), Value(f"{adoption.copy.here}/")
        waiting.update(**{part: Replace(part, old, new) for part in ("text", "html", "calendar")})


def leave_stripe(*, adoption: Adoption, **_about: object) -> None:
    """Let accounts connect to Stripe anew: the account they had is the other site's."""
    if adoption.story is not Story.SEPARATE:
        return
    for account in Account.objects.select_for_update(no_key=True).exclude(connection=None).order_by("pk"):
        stripe_replaced.send(Account, account=account)
        account.connection = None
        account.save(update_fields=["connection"])
