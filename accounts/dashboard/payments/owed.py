"""What the overview says of payments that failed on their way, when what they were for had begun."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import OperatorRequest
from accounts.dashboard.alert import Alert
from accounts.dashboard.links import dashboard_url
from bookwhen.counts import capped_count
from tickets.money.on_way import owed_payments


def owed_alert(request: OperatorRequest) -> Alert | None:
    """How many are owed; none where nothing is."""
    count = capped_count(owed_payments(request.account))
    title = ngettext(
        "%(count)s payment failed after its event.", "%(count)s payments failed after their event.", count.counted
    )
    words = _("The bank didn’t pay, so the customer owes you the money. Ask them to pay another way.")
    href = f"{dashboard_url(request, 'payment_list')}?state=owed"
    return Alert("warning", title % {"count": count}, words, _("See what’s owed"), href) if count else None
