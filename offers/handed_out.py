"""What the offers app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.handing_out import Clock, Said, Section, each_row
from accounts.models import Customer
from offers.models import ExtraUses, OfferUse, UsagePeriod


def _periods(customer: Customer) -> QuerySet[UsagePeriod]:
    theirs = UsagePeriod.objects.filter(account=customer.account_id, member__customer=customer)
    return theirs.select_related("offer", "member__group")


def _said_of_period(period: UsagePeriod, _clock: Clock) -> Said:
    return {
        _("Customer group"): period.member.group.name,
        _("Offer"): period.offer.name or period.offer.get_kind_display(),
        _("From"): period.starts_on,
        _("Up to, not included"): period.ends_on,
        _("Used"): period.used,
        _("Limit"): period.offer.limit,
        _("Extra"): period.extra,
    }


def _uses(customer: Customer) -> QuerySet[OfferUse]:
    theirs = OfferUse.objects.filter(account=customer.account_id, period__member__customer=customer)
    return theirs.select_related("period__offer", "period__member__group")


def _said_of_use(use: OfferUse, clock: Clock) -> Said:
    return {
        _("Customer group"): use.period.member.group.name,
        _("Offer"): use.period.offer.name or use.period.offer.get_kind_display(),
        _("For an event on"): use.event_on,
        _("Used"): clock(use.created_at),
        _("Returned"): clock(use.ended_at),
    }


def _extras(customer: Customer) -> QuerySet[ExtraUses]:
    theirs = ExtraUses.objects.filter(account=customer.account_id, member__customer=customer)
    return theirs.select_related("member__group")


def _said_of_extra(extra: ExtraUses, clock: Clock) -> Said:
    """Without the name of who gave them, which is somebody else's."""
    return {
        _("Customer group"): extra.member.group.name,
        _("Extra uses"): extra.count,
        _("For"): extra.on,
        _("Reason"): extra.reason,
        _("Given"): clock(extra.created_at),
        _("Taken back"): clock(extra.ended_at),
    }


SECTIONS: Final = (
    Section(gettext_lazy("Usage periods"), each_row(_periods, _said_of_period)),
    Section(gettext_lazy("Uses of offers"), each_row(_uses, _said_of_use)),
    Section(gettext_lazy("Extra uses"), each_row(_extras, _said_of_extra)),
)
