"""The account's schedule pages."""

from django.contrib import messages
from django.db.models import OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view, upgrade_page
from accounts.dashboard.forms import PageForm
from accounts.models import SchedulePage
from accounts.services import AddressTakenError, PlanLimitError, has_room_for_page, save_page
from bookwhen.counts import CappedCountOf


@operator_view(MANAGE_ACCOUNT)
def pages(request: OperatorRequest) -> HttpResponse:
    """*Schedule pages*."""
    entries = SchedulePage.objects.filter(pk=OuterRef("pk"), entries__isnull=False)
    found = request.account.pages.annotate(entry_count=CappedCountOf(entries))
    context = {"section": "settings", "tab": "pages", "pages": found}
    return render(request, "accounts/dashboard/pages.html", context)


@operator_view(MANAGE_ACCOUNT)
def page_new(request: OperatorRequest) -> HttpResponse:
    """Add a page; below Standard there is one (help article 6544463)."""
    if not has_room_for_page(request.account):
        return upgrade_page(request)
    return _form(request, SchedulePage(account=request.account), _("Page created"))


@operator_view(MANAGE_ACCOUNT)
def page_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Change a page."""
    return _form(request, get_object_or_404(request.account.pages, pk=pk), _("Page saved"))


def _form(request: OperatorRequest, page: SchedulePage, done: str) -> HttpResponse:
    title = page.title
    form = PageForm(request.POST or None, instance=page)
    if request.method == "POST" and form.is_valid():
        try:
            save_page(page)
        except AddressTakenError:
            form.add_error("slug", _("Choose another address. This one is taken."))
        except PlanLimitError:
            return upgrade_page(request)
        else:
            messages.success(request, done)
            return redirect("dashboard:pages", account=request.account.slug)
    context = {"section": "settings", "tab": "pages", "form": form, "schedule_page": page, "title": title}
    return render(request, "accounts/dashboard/page_form.html", context, status=422 if form.errors else 200)
