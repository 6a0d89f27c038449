"""Files that a long job wrote: fetched from its page for some days."""

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.operations import operations_for
from accounts.exports import chunks, content_type, size_of
from accounts.models import ExportFile, OperationState


@operator_view(MANAGE_CUSTOMERS)
def operation_file(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """The file that a job wrote; where it is not written yet, or deleted by now, the job's page says so."""
    mine = ExportFile.objects.select_related("operation").filter(operation__in=operations_for(request))
    found = get_object_or_404(mine, account=request.account, operation=pk)
    if found.forgotten_at or found.operation.state != OperationState.DONE:
        return redirect("dashboard:operation", account=request.account.slug, pk=pk)
    response = StreamingHttpResponse(chunks(found), content_type=content_type(found.name))
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["Content-Length"] = str(size_of(found))
    return response
