"""*Your data*: what each studio keeps of somebody, as a file for them."""

from typing import Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, person_view
from accounts.exports import KEPT, chunks, content_type, size_of
from accounts.handing_out import begin_own_data, own_files
from accounts.models import Customer, OperationState, Role, Staff, User
from bookwhen.forms import IdempotentForm
from bookwhen.keyset import keyset_page

REFRESH_SECONDS: Final = 5
"""How often the page loads itself again while a file is being made."""
PER_PAGE: Final = 20


@person_view
def my_data(request: PersonRequest) -> HttpResponse:
    """Each studio that knows them, and the file of what it keeps: to be asked for, on its way, or there."""
    now = timezone.now()
    page = keyset_page(_with_owners(_theirs(request.user)), ("pk",), request.GET, size=PER_PAGE)
    files = own_files(page.rows, now=now)
    rows = [(each, files.get(each.pk), IdempotentForm(auto_id=False), _to_delete(each)) for each in page]
    context = {"rows": rows, "customers": page, "days": KEPT.days}
    answer = render(request, "accounts/public/own_data.html", context)
    if any(file and file.operation.is_worked_off for _customer, file, *_rest in rows):
        answer["Refresh"] = str(REFRESH_SECONDS)
    return answer


@require_POST
@person_view
def my_data_ask(request: PersonRequest, account: str) -> HttpResponse:
    """Ask for the file; one that is on its way or there is not made again."""
    found, now = get_object_or_404(_theirs(request.user), account__slug=account), timezone.now()
    sent = IdempotentForm(request.POST)
    if not own_files([found], now=now):
        key = sent.cleaned_data["key"] if sent.is_valid() else uuid4()
        begin_own_data(found, who=request.user.email, key=key, is_asked_by_studio=False, now=now)
    return redirect("my_data")


@person_view
def my_data_file(request: PersonRequest, account: str) -> HttpResponseBase:
    """The file that they asked for."""
    found = get_object_or_404(_theirs(request.user), account__slug=account)
    file = own_files([found], now=timezone.now()).get(found.pk)
    if file is None or file.operation.state != OperationState.DONE:
        return redirect("my_data")
    response = StreamingHttpResponse(chunks(file), content_type=content_type(file.name))
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Content-Length"] = str(size_of(file))
    return response


def _with_owners(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """With the address of their studio’s first owner (`owner`), who is written to where it has named no other."""
    owners = Staff.objects.filter(account=OuterRef("account"), role=Role.OWNER).order_by("pk")
    return customers.annotate(owner=Subquery(owners.values("user__email")[:1]))


def _to_delete(customer: Customer) -> tuple[str, str]:
    """Whom to ask to delete everything about somebody, and a link that begins that email; nothing where nobody is."""
    to = customer.account.contact_email or getattr(customer, "owner", None) or ""
    subject = _("Please delete my data")
    words = _("Please delete everything you keep about me. My bookings with you are under %(email)s.")
    asked = urlencode({"subject": subject, "body": words % {"email": customer.reached_at}}, quote_via=quote)
    return to, f"mailto:{quote(to, safe='@')}?{asked}" if to else ""


def _theirs(user: User) -> QuerySet[Customer]:
    """Who they are to each studio: only by an address that they have proved."""
    return Customer.objects.filter(user=user).select_related("account")
