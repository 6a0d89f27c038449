"""What the groups app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.handing_out import Clock, Said, Section, each_row
from accounts.models import Customer
from groups.models import JoinRequest, Standing


def _standings(customer: Customer) -> QuerySet[Standing]:
    theirs = Standing.objects.filter(account=customer.account_id, member__customer=customer)
    return theirs.select_related("member__group")


def _said(standing: Standing, clock: Clock) -> Said:
    return {
        _("Customer group"): standing.member.group.name,
        _("Because"): standing.get_source_display(),
        _("Since"): clock(standing.since),
        _("Until"): clock(standing.until),
        _("Uses counted from"): standing.anchor,
    }


def _requests(customer: Customer) -> QuerySet[JoinRequest]:
    return JoinRequest.objects.filter(account=customer.account_id, customer=customer).select_related("group")


def _said_of_request(request: JoinRequest, clock: Clock) -> Said:
    return {
        _("Customer group"): request.group.name,
        _("Asked"): clock(request.asked_at),
        _("Decided"): clock(request.decided_at),
        _("State"): request.get_state_display(),
    }


SECTIONS: Final = (
    Section(gettext_lazy("Customer groups"), each_row(_standings, _said), covers=("groups.Member.customer",)),
    Section(
        gettext_lazy("Invitation links used"),
        each_row(_requests, _said_of_request),
        covers=("groups.JoinRequest.customer",),
    ),
)
