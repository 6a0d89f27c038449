"""What has to be so, and be sent, where a form about money does nothing as it stands on its page."""

from typing import Any
from uuid import uuid4

from accounts.history.forgetting import opened_history
from bookwhen.payments.models import Connection, StripeEvent
from memberships.models import Subscription
from tests.factories.codes import DiscountCodeFactory
from tests.factories.payments import new_key
from tests.factories.schedule import NOW
from tests.fuzz.forms import read_forms
from tests.fuzz.world import OWNER, FuzzWorld
from tests.history.prepared_imports import Sent
from tickets.models import LedgerLine, Payment, Receipt, ReceiptSettings, Refund, Seat, VatRate


def last_form(world: FuzzWorld, address: str) -> dict[str, Any]:
    """The form of a page that says what will happen, as it is sent."""
    page = world.browsers[OWNER].get(address)
    forms = [form for form in read_forms(page.content.decode(), address) if form.method == "post"]
    return {name: values[0] for name, values in forms[-1].fields.items() if values}


def no_default_rate(_world: FuzzWorld) -> Sent:
    """Let no ticket have the rate unless it says so."""
    ReceiptSettings.objects.update(default_rate=None)
    return {}


def retired_rate(_world: FuzzWorld) -> Sent:
    VatRate.objects.update(retired_at=NOW)
    return {}


def nobody_pays(_world: FuzzWorld) -> Sent:
    Subscription.objects.update(status="canceled")
    Refund.objects.update(state="done", done_at=NOW)
    Payment.objects.update(state="paid", paid_at=NOW)
    return {}


def disconnected(world: FuzzWorld) -> Sent:
    nobody_pays(world)
    Connection.objects.update(disconnected_at=NOW, encrypted_key="")
    return {"key": new_key()}


def other_key(world: FuzzWorld) -> Sent:
    nobody_pays(world)
    return {"key": new_key(), "replace": "on"}


def replayed_event(_world: FuzzWorld) -> Sent:
    StripeEvent.objects.update(state="done")
    return {}


def owed_payment(world: FuzzWorld) -> Sent:
    with opened_history():
        Receipt.objects.all().delete()
        LedgerLine.objects.all().delete()
    Refund.objects.all().delete()
    Payment.objects.update(state="abandoned", paid_at=None, refunded=0, failed_at=NOW)
    Seat.objects.filter(pk=world.studio.seat).update(payment=Payment.objects.get(), amount=1200, price=1200)
    return {}


def owed_seat(world: FuzzWorld) -> Sent:
    Seat.objects.filter(pk=world.studio.seat).update(owed=1200)
    return {"seen": "1200"}


def owed_on_register(world: FuzzWorld) -> Sent:
    Seat.objects.filter(pk=world.studio.seat).update(owed=1200)
    return {"method": "cash", "owed": "1200", "key": str(uuid4())}


def owed_by_customer(world: FuzzWorld) -> Sent:
    Seat.objects.filter(pk=world.studio.seat).update(owed=1200)
    return last_form(world, f"/dashboard/{world.studio.account.slug}/customers/{world.member.pk}/money/take/")


def paid_at_studio(world: FuzzWorld) -> Sent:
    return last_form(world, f"/dashboard/{world.studio.account.slug}/customers/{world.member.pk}/money/give-back/")


def unused_code(world: FuzzWorld) -> Sent:
    world.studio.by_folder["discount-codes"] = DiscountCodeFactory.create(account=world.studio.account).pk
    return {}
