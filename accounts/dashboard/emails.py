"""*Emails*: those that wait and why, the addresses that get none, and what the overview says of them."""

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import find_customer
from accounts.dashboard.alert import Alert
from accounts.dashboard.links import dashboard_url
from accounts.email_blocks import retry_address
from accounts.email_quota import daily_quota, known_to_stripe
from accounts.models import BlockReason, MailOutage
from bookwhen.counts import MOST, CappedCount
from bookwhen.keyset import keyset_page


@operator_view(MANAGE_CUSTOMERS)
def emails(request: OperatorRequest) -> HttpResponse:
    """The account’s emails that have not gone out, oldest first, and the addresses that get only some or none."""
    waiting = request.account.letters.troubled(timezone.now(), outage=MailOutage.objects.exists())
    context = {
        "section": "customers",
        "letters": keyset_page(waiting, ("created_at", "pk"), request.GET),
        "blocks": keyset_page(
            request.account.email_blocks.all(), ("-created_at", "-pk"), request.GET, part="addresses-"
        ),
        "sees_replies": request.role in MANAGE_ACCOUNT,
    }
    return render(request, "accounts/dashboard/emails.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def email_retry(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Try again* for an address whose emails bounced; leads back to the customer, if it is one’s."""
    block = get_object_or_404(request.account.email_blocks, pk=pk, reason=BlockReason.BOUNCED)
    again = retry_address(request.account, block.email, now=timezone.now())
    words = ngettext("We’re sending %(count)d email again.", "We’re sending %(count)d emails again.", again)
    messages.success(request, words % {"count": again} if again else _("We’ll email this address again from now on."))
    customer = find_customer(request.account, block.email)
    if customer is None:
        return redirect("dashboard:emails", account=request.account.slug)
    return redirect("dashboard:customer", account=request.account.slug, pk=customer.pk)


def email_alerts(request: OperatorRequest) -> list[Alert]:
    """What the overview says of emails that do not go out, or not today: of the oldest of them. Two statements."""
    now, account = timezone.now(), request.account
    outage = MailOutage.objects.first()
    troubled = account.letters.troubled(now, outage=outage is not None).order_by("created_at", "pk")
    counts = troubled[: MOST + 1].aggregate(
        stuck=Count("pk", filter=Q(is_held=False)),
        since=Min("fault_since", filter=Q(is_held=False)),
        held=Count("pk", filter=Q(is_held=True)),
    )
    alerts = []
    if counts["stuck"]:
        since = outage.since if outage else counts["since"]
        when = date_format(since.astimezone(account.zone), "j F, H:i")
        said = outage.error if outage and request.role in MANAGE_ACCOUNT else ""
        alerts.append(_stuck(request, CappedCount(counts["stuck"]), when, said, outage=outage is not None))
    if counts["held"]:
        alerts.append(_held(request, CappedCount(counts["held"]), daily_quota(account, now=now)))
    return alerts


def _stuck(request: OperatorRequest, count: CappedCount, when: str, said: str, *, outage: bool) -> Alert:
    title = ngettext("%(count)s email hasn’t gone out.", "%(count)s emails haven’t gone out.", count.counted)
    if outage:
        words = _("Our mail server hasn’t accepted any emails since %(when)s. We keep trying, and nothing is lost.")
    else:
        words = _("We’ve been trying since %(when)s. We keep trying, and nothing is lost.")
    words %= {"when": when}
    if said:
        words = f"{words} {_('It says: “%(said)s”') % {'said': said}}"
    return Alert("danger", title % {"count": count}, words, _("See emails"), dashboard_url(request, "emails"))


def _held(request: OperatorRequest, count: CappedCount, quota: int) -> Alert:
    title = ngettext("%(count)s email waits until tomorrow.", "%(count)s emails wait until tomorrow.", count.counted)
    words = _(
        "You can email %(quota)s people a day who haven’t booked with you or confirmed their address. Booking"
        " confirmations don’t count."
    ) % {"quota": number_format(quota, force_grouping=True)}
    if not known_to_stripe(request.account):
        words = f"{words} {_('The limit is higher once you take real payments with Stripe.')}"
    return Alert("warning", title % {"count": count}, words, _("See emails"), dashboard_url(request, "emails"))
