"""What the groups app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.handing_out import Clock, Said, Section, each_row
from accounts.models import Customer
from groups.models import Standing


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


SECTIONS: Final = (
    Section(gettext_lazy("Customer groups"), each_row(_standings, _said), covers=("groups.Member.customer",)),
)
