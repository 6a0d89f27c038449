"""Who may see what: a view fetches through the account and the role it is for; what it cannot fetch is 404."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.backends import linked_customer
from accounts.history.acting import acting
from accounts.language import speak
from accounts.models import Account, Customer, CustomerAddress, Role, Staff, User
from accounts.two_step import passed_second_step
from bookwhen.fastpath.compiled import compiled_query

MANAGE_ACCOUNT: Final = frozenset({Role.OWNER})
"""Settings, plan, pages and team."""
MANAGE_SCHEDULE: Final = frozenset({Role.OWNER, Role.SCHEDULE_MANAGER})
"""Entries and their tickets."""
MANAGE_CUSTOMERS: Final = frozenset({Role.OWNER, Role.BOOKINGS_ADMIN})
"""Customers, groups, offers, memberships, and bookings by hand."""
SEE_ATTENDEES: Final = frozenset(Role)
"""The schedule and who comes: everyone on the team."""

REFUSED: Final = 403
SAFE: Final = frozenset({"GET", "HEAD"})

View = Callable[..., HttpResponseBase]


class OperatorRequest(HttpRequest):
    """A request by someone on an account's team, in a role that may do what the view does."""

    user: User
    account: Account
    role: Role


class MovedError(Exception):
    """What a page is about is elsewhere by now, for good: who asked for it is led to that `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class PersonRequest(HttpRequest):
    """A request by somebody who is logged in."""

    user: User


def person_view(view: View) -> View:
    """Give a view (`view(request: PersonRequest, …)`) to anyone who is logged in; others log in first."""
    return login_required(view)


def operator_view(roles: frozenset[Role]) -> Callable[[View], View]:
    """Give a view (`view(request: OperatorRequest, …)`) to an account's team members in these roles.

    Takes the address's `account` and puts the account and the role on the request. To everyone else who is logged in
    the page does not exist; others are asked to log in and come back. Where the account asks its team for two-step
    login, a session that has not passed the second step is led there first (docs/design.md, *Logging in*).
    What the view has done is recorded as theirs (docs/design.md, *The history*).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: OperatorRequest, *, account: str, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            staff = Staff.objects.select_related("account").filter(
                account__slug=account, user=request.user, role__in=roles
            )
            found = staff.first()
            if found is None:
                raise Http404
            request.account, request.role = found.account, Role(found.role)
            speak(found.account)
            if request.account.requires_two_step and not passed_second_step(request):
                return redirect(f"{reverse('my_second_step')}?{urlencode({'next': request.get_full_path()})}")
            try:
                with acting(request.user, at=timezone.now()):
                    return view(request, **kwargs)
            except MovedError as moved:
                return redirect(moved.address, permanent=request.method in SAFE)

        return wrapped

    return decorate


def needs_standard(view: View) -> View:
    """Let a view make or sell groups, offers, exclusive tickets and memberships only on Standard or above.

    Below it, the page explains and shows the way up (docs/design.md, *Plans*). Goes under `operator_view`. What only
    shows, or serves current members, does not need it.
    """

    @wraps(view)
    def wrapped(request: OperatorRequest, **kwargs: object) -> HttpResponseBase:
        return view(request, **kwargs) if request.account.has_groups else upgrade_page(request)

    return wrapped


def upgrade_page(request: OperatorRequest) -> HttpResponse:
    """The page that says what Standard brings and how to get it; a form that was sent all the same is refused."""
    status = None if request.method in SAFE else REFUSED
    context = {"may_change_plan": request.role in MANAGE_ACCOUNT, "is_for_groups": "/groups/" in request.path}
    return render(request, "accounts/dashboard/upgrade.html", context, status=status)


def landing_url(user: User) -> str:
    """Where somebody goes who logs in without having wanted anything: the dashboard of a team, else their bookings."""
    return reverse("dashboard_choose" if Staff.objects.filter(user=user).exists() else "my_bookings")


def is_proved(user: User | AnonymousUser) -> bool:
    """Whether this user has proved, by opening a link we sent, that their e-mail address is theirs."""
    if not isinstance(user, User):
        return False
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def customer_for(user: User | AnonymousUser, account: Account) -> Customer | None:
    """The customer of this account that a user is; None for a stranger. One statement at most.

    A customer is linked when the user proves the address or when the account first hears of it; the address itself
    is looked at too, so that a link that was never made shuts nobody out. The first time, one statement more notes that
    they came: from then on the account may know that they can log in, and they see what it gives them.
    """
    if not isinstance(user, User):
        return None
    known = linked_customer(user, account)
    if known is None:
        known = next(iter(_customers(user.pk, user.email, account.pk)), None)
    if known is not None and known.seen_at is None:
        known.seen_at = timezone.now()
        Customer.objects.filter(account=account, pk=known.pk, seen_at__isnull=True).update(seen_at=known.seen_at)
    return known


@compiled_query
def _customers(user: int, email: str, account: int) -> QuerySet[Customer]:
    proved = EmailAddress.objects.filter(user=user, verified=True, email=email)
    # One value, by which an index finds them beside the login.
    owner = CustomerAddress.objects.filter(account=account, email=email).values("customer")[:1]
    theirs = Q(user=user) | Q(Exists(proved), user__isnull=True, pk=Subquery(owner))
    return Customer.objects.filter(theirs, account=account).order_by("user_id")[:1]
