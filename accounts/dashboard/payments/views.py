"""*Payments*: the account's connection to Stripe, and its policy for members whose payment failed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view, upgrade_page
from accounts.dashboard.payments.bank_debits import BankDebitsForm
from accounts.dashboard.payments.forms import KeyForm, NameForm, OtherKeyForm, PastDuePolicyForm
from accounts.history.recording import record
from accounts.models import Account, Deed
from accounts.services import save_settings
from accounts.stripe_connection import (
    AccountHasOtherStripeError,
    PaymentsInProgressError,
    StripeInUseError,
    about_stripe,
    connect_account,
    disconnect_account,
    name_stripe_account,
    renew_endpoint,
)
from bookwhen.counts import CappedCount
from bookwhen.installation.copies import quiet_copy, quiet_text
from bookwhen.payments import connections
from bookwhen.payments.connections import KeyShapeError
from bookwhen.payments.gateway import KeyRefusedError, QuietError, StripeError
from bookwhen.payments.permissions import create_key_url, needed
from memberships.queries import count_live_subscriptions
from memberships.sync import resync_standings
from tickets.checkout.reconciliation import count_payments_in_progress


@sensitive_post_parameters("key")
@operator_view(MANAGE_ACCOUNT)
def payments(request: OperatorRequest) -> HttpResponse:
    """*Payments*: connect Stripe by a key (Standard or above), or how the connection is."""
    if request.method == "POST" and not request.account.has_groups:
        return upgrade_page(request)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _connect(request, form):
        messages.success(request, _("Stripe connected"))
        return _back(request)
    return _page(request, form=form)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def payments_policy(request: OperatorRequest) -> HttpResponse:
    """*Members whose payment failed*: it applies to current members immediately."""
    account = request.account
    policy = PastDuePolicyForm(request.POST, account=account)
    if not policy.is_valid():
        return _page(request, policy=policy)
    account.past_due_policy = policy.cleaned_data["past_due_policy"]
    save_settings(account, {"past_due_policy": _("Members whose payment failed")})
    resync_standings(account, now=timezone.now())
    messages.success(request, _("Settings saved"))
    return _back(request)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def payments_name(request: OperatorRequest) -> HttpResponse:
    """*Name of your Stripe account*: asked for where the key may not say it."""
    connection, form = request.account.connection, NameForm(request.POST)
    if connection is None or not connection.is_live:
        return _back(request)
    if not form.is_valid():
        return _page(request, name=form)
    name_stripe_account(request.account, connection, form.cleaned_data["name"])
    messages.success(request, _("Settings saved"))
    return _back(request)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def payments_test(request: OperatorRequest) -> HttpResponse:
    """*Test the connection*: ask Stripe how it is, and put right what can be."""
    connection = request.account.connection
    if connection is not None and connection.is_live:
        found = connections.check(connection, now=timezone.now())
        record(Deed.STRIPE_TESTED, about_stripe(connection), account=request.account)
        if copy := quiet_copy():
            messages.error(request, quiet_text(copy))
        elif not found.is_well:
            messages.error(request, _("The test found a problem. See below."))
        elif found.mended:
            messages.success(
                request,
                _("We’ve repaired your webhook endpoint in Stripe, and the connection is working again."),
            )
        else:
            messages.success(
                request, _("The connection is working. Stripe accepts your key and the webhook endpoint is on.")
            )
    return _back(request)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def payments_endpoint(request: OperatorRequest) -> HttpResponse:
    """*Make a new webhook endpoint*: a new signing secret, for when the old one may be known to others."""
    connection = request.account.connection
    if connection is not None and connection.is_live:
        try:
            renew_endpoint(request.account, connection, now=timezone.now())
        except QuietError as error:
            messages.error(request, str(error))
        except StripeError as error:
            messages.error(
                request, _("Stripe couldn’t create it, so we’re still using the old one: %(why)s") % {"why": error}
            )
        else:
            messages.success(request, _("Webhook endpoint created"))
    return _back(request)


@sensitive_post_parameters("key")
@operator_view(MANAGE_ACCOUNT)
def payments_key(request: OperatorRequest) -> HttpResponse:
    """*Enter another key*: of the same Stripe account, or, where nobody pays through it, of another."""
    account = request.account
    if not account.takes_payments:
        return _back(request)
    paying, on_the_way = count_live_subscriptions(account), count_payments_in_progress(account)
    form = OtherKeyForm(request.POST or None, may_replace=account.has_groups and not paying and not on_the_way)
    if request.method == "POST" and form.is_valid():
        replace = form.cleaned_data.get("replace", False)
        if _connect(request, form, replace=replace):
            messages.success(request, _("Key saved"))
            return _back(request)
    context = {"section": "settings", "tab": "payments", "form": form, "paying": paying, "moving": on_the_way}
    context |= {"connection": account.connection, "permissions": needed()}
    context |= {"create_key_url": create_key_url(settings.SITE_NAME)}
    return render(request, "accounts/dashboard/payments_key.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
def payments_disconnect(request: OperatorRequest) -> HttpResponse:
    """*Disconnect Stripe*: what happens is told before; refused while customers pay through it."""
    account = request.account
    if not account.takes_payments:
        return _back(request)
    if request.method == "POST":
        try:
            disconnect_account(account, now=timezone.now())
        except PaymentsInProgressError:
            messages.error(request, _("You can’t disconnect Stripe yet, because payments or refunds are on their way."))
            return redirect("dashboard:payments_disconnect", account=account.slug)
        except StripeInUseError:
            messages.error(
                request, _("You can’t disconnect Stripe yet, because customers pay for memberships through it.")
            )
            return redirect("dashboard:payments_disconnect", account=account.slug)
        messages.success(request, _("Stripe disconnected"))
        return _back(request)
    context = {
        "section": "settings",
        "tab": "payments",
        "connection": account.connection,
        "paying": count_live_subscriptions(account),
        "moving": count_payments_in_progress(account),
    }
    return render(request, "accounts/dashboard/payments_disconnect.html", context)


def _connect(request: OperatorRequest, form: KeyForm, *, replace: bool = False) -> bool:
    """Connect by the key in a form; what hinders it is said at the field."""
    try:
        connect_account(request.account, form.cleaned_data["key"], replace=replace, now=timezone.now())
    except KeyShapeError as error:
        form.add_error("key", str(error))
    except KeyRefusedError as error:
        form.add_error("key", _("Enter a different key. Stripe doesn’t accept this one. It says: %s") % error)
    except StripeError as error:
        words = (
            "%s"
            if isinstance(error, QuietError)
            else _("We couldn’t reach Stripe. Enter the key again in a minute. %s")
        )
        form.add_error("key", words % error)
    except AccountHasOtherStripeError:
        form.add_error("key", _other_words(request.account, form))
    except PaymentsInProgressError as error:
        form.add_error("key", _moving_words(error.count))
    except StripeInUseError as error:
        form.add_error("key", _in_use_words(CappedCount(error.count)))
    else:
        return True
    return False


def _other_words(account: Account, form: KeyForm) -> str:
    if "replace" in form.fields:
        return _(
            "This key is for another Stripe account. To switch to that account, tick the box and enter the key again."
        )
    if paying := count_live_subscriptions(account):
        return _in_use_words(paying)
    if count := count_payments_in_progress(account):
        return _moving_words(count)
    return _("Enter a key for the same Stripe account. This one is for another account.")


def _in_use_words(paying: CappedCount) -> str:
    words = ngettext(
        "Enter a key for the same Stripe account. This one is for another account, and %(count)s customer "
        "membership is paid through the one you have.",
        "Enter a key for the same Stripe account. This one is for another account, and %(count)s customer "
        "memberships are paid through the one you have.",
        paying.counted,
    )
    return words % {"count": paying}


def _moving_words(count: int) -> str:
    words = ngettext(
        "Enter a key for the same Stripe account. This one is for another account, and %(count)d payment "
        "through the one you have is at checkout or being refunded.",
        "Enter a key for the same Stripe account. This one is for another account, and %(count)d payments "
        "through the one you have are at checkout or being refunded.",
        count,
    )
    return words % {"count": count}


def _back(request: OperatorRequest) -> HttpResponse:
    return redirect("dashboard:payments", account=request.account.slug)


def _page(
    request: OperatorRequest,
    *,
    form: KeyForm | None = None,
    policy: PastDuePolicyForm | None = None,
    name: NameForm | None = None,
) -> HttpResponse:
    account = request.account
    failed = any(each and each.errors for each in (form, policy, name))
    context = {
        "section": "settings",
        "tab": "payments",
        "form": form or KeyForm(),
        "policy": policy or PastDuePolicyForm(account=account),
        "debits": BankDebitsForm(account=account),
        "connection": account.connection,
        "name_form": name or NameForm(),
        "permissions": needed(),
        "create_key_url": create_key_url(settings.SITE_NAME),
    }
    return render(request, "accounts/dashboard/payments.html", context, status=422 if failed else 200)
