"""What the overview warns of: books that are wrong, emails that wait, and payments that need somebody."""

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest
from accounts.dashboard.alert import Alert
from accounts.dashboard.emails import email_alerts
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.payments.owed import owed_alert
from accounts.dashboard.payments.rows import open_differences
from bookwhen.counts import MOST, CappedCount, capped_count, capped_counts
from bookwhen.jobs.schedule import late_since
from bookwhen.payments.models import Connection, EventState
from memberships.models import SubscriptionState
from memberships.queries import subscriptions_in
from tickets.consistency import findings_of
from tickets.models import FindingKind
from tickets.money.disputes import disputes_to_answer
from tickets.money.failed_refunds import failed_refunds


def alerts_for(request: OperatorRequest) -> list[Alert]:
    """What is wrong with the account, the worst first, for a role that may do something about it.

    Four statements where the account was never connected to Stripe, else ten.
    """
    if request.role not in MANAGE_CUSTOMERS:
        return []
    connection, found = request.account.connection, [_late(request), _miscounted(request), *email_alerts(request)]
    if connection is not None and connection.is_live:
        found += [_trouble(request, connection), _given_up(request, connection), _different(request, connection)]
    if connection is not None:
        found += [_disputed(request), _unrefunded(request), owed_alert(request), _unpaid(request)]
    return [alert for alert in found if alert]


def _late(request: OperatorRequest) -> Alert | None:
    since = late_since(now=timezone.now())
    if since is None:
        return None
    words = _(
        "Nothing has been done automatically since %(when)s. Tell the person who runs this installation that its"
        " background workers have stopped. Nothing is lost: it’ll all be done once they run again."
    ) % {"when": date_format(since.astimezone(request.account.zone), "j F, H:i")}
    title = _("Emails, refunds and renewals are late.")
    return Alert("danger", title, words, _("See emails"), dashboard_url(request, "emails"))


def _miscounted(request: OperatorRequest) -> Alert | None:
    found, unchecked = findings_of(request.account), Q(kind=FindingKind.UNCHECKED)
    counts = capped_counts(request.account, {"wrong": found.exclude(unchecked), "unchecked": found.filter(unchecked)})
    count, href = counts["wrong"], dashboard_url(request, "books")
    if not count and counts["unchecked"]:
        words = _("Some of last night’s checks couldn’t be run. The person who runs this installation has to look.")
        return Alert("warning", _("Some of your records couldn’t be checked."), words, _("See which"), href)
    title = ngettext(
        "%(count)s of your records doesn’t match.", "%(count)s of your records don’t match.", count.counted
    )
    words = _("Last night’s check found spaces, uses, memberships or payments that don’t add up.")
    return Alert("danger", title % {"count": count}, words, _("See problems"), href) if count else None


def _trouble(request: OperatorRequest, connection: Connection) -> Alert | None:
    if not connection.trouble:
        return None
    page = "payments" if request.role in MANAGE_ACCOUNT else "payments_health"
    title = _("Your Stripe connection needs attention.")
    return Alert("danger", title, connection.trouble, _("Open payments"), dashboard_url(request, page))


def _given_up(request: OperatorRequest, connection: Connection) -> Alert | None:
    count = capped_count(connection.events.filter(state=EventState.DEAD))
    title = ngettext("%(count)s update from Stripe failed.", "%(count)s updates from Stripe failed.", count.counted)
    words = _("Some changes may be missing here. See what went wrong, then replay the events.")
    href = f"{dashboard_url(request, 'payments_health')}?state={EventState.DEAD}#events"
    return Alert("danger", title % {"count": count}, words, _("Open payments health"), href) if count else None


def _different(request: OperatorRequest, connection: Connection) -> Alert | None:
    count = capped_count(open_differences(request.account, connection))
    title = ngettext(
        "%(count)s membership doesn’t match Stripe.", "%(count)s memberships don’t match Stripe.", count.counted
    )
    words = _("We found this when we last compared with Stripe, but couldn’t correct it.")
    href = f"{dashboard_url(request, 'payments_health')}#differences"
    return Alert("danger", title % {"count": count}, words, _("See differences"), href) if count else None


def _disputed(request: OperatorRequest) -> Alert | None:
    found = disputes_to_answer(request.account, now=timezone.now()).order_by("answer_by")[: MOST + 1]
    waiting = found.aggregate(count=Count("pk"), first=Min("answer_by"))
    count = CappedCount(waiting["count"])
    title = ngettext("%(count)s payment is disputed.", "%(count)s payments are disputed.", count.counted)
    words = _("The bank takes no answer. See what you can do.")
    if waiting["first"]:
        day = date_format(waiting["first"].astimezone(request.account.zone), "j F Y, H:i")
        words = _("Answer in Stripe by %(day)s, or you may lose the money.") % {"day": day}
    href, label = dashboard_url(request, "dispute_list"), _("See disputes")
    return Alert("danger", title % {"count": count}, words, label, href) if count else None


def _unrefunded(request: OperatorRequest) -> Alert | None:
    count = capped_count(failed_refunds(request.account))
    title = ngettext("%(count)s refund failed.", "%(count)s refunds failed.", count.counted)
    words = _("Stripe couldn’t refund the money. See why, then try again or refund the customer another way.")
    href = f"{dashboard_url(request, 'payment_list')}?state=failed"
    return Alert("danger", title % {"count": count}, words, _("See failed refunds"), href) if count else None


def _unpaid(request: OperatorRequest) -> Alert | None:
    count = capped_count(subscriptions_in(request.account, SubscriptionState.UNPAID))
    title = ngettext("%(count)s member’s payment failed.", "%(count)s members’ payments failed.", count.counted)
    words = _("We’ve emailed them a link to pay.")
    href = f"{dashboard_url(request, 'subscriptions')}?state={SubscriptionState.UNPAID}"
    return Alert("warning", title % {"count": count}, words, _("See members"), href) if count else None
