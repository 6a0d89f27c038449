"""Customers of an account as whom a message is for: those who were ticked, or all whom the list showed or has."""

from datetime import datetime
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.dashboard.query import as_id, name_or_email
from accounts.mailings.audiences import Asked, Audience, Found
from accounts.models import Account
from accounts.operations.kinds import Place
from bookwhen.text import searchable

MOST_TICKED: Final = 500
"""How many can be ticked: a page of the list has fewer."""
ALL: Final = "all"


def _ask(sent: QueryDict) -> Asked:
    if sent.get("who") == ALL:
        return {"q": searchable(sent.get("q", ""))}
    return {"customers": sorted({as_id(each) for each in sent.getlist("customer")[:MOST_TICKED]} - {0})}


def _find(account: Account, asked: Asked, now: datetime) -> Found | None:
    del now
    customers, words = account.customers.known(), asked.get("q", "")
    if "customers" in asked:
        customers = customers.filter(pk__in=asked["customers"])
        title = ngettext("%(count)d selected customer", "%(count)d selected customers", len(asked["customers"]))
        title %= {"count": len(asked["customers"])}
    elif words:
        customers = customers.filter(name_or_email(words))
        title = _("customers who match “%(words)s”") % {"words": words}
    else:
        title = _("all your customers")
    with override(account.language):
        why = _("You get this because you’re a customer of %(studio)s.") % {"studio": account.name}
    return Found(
        title=title,
        why=why,
        customers=customers,
        place=Place(gettext_lazy("Customers"), "customers", 0),
    )


CUSTOMERS: Final = Audience(name="customers", label=gettext_lazy("Customers"), ask=_ask, find=_find)
