"""A studio whose members have paid through Stripe for years, by another system's hand."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.imports.services import begin_import, confirm_import, map_import, undo_import
from accounts.models import Account, ListImport, ListImportRow, SchedulePage
from accounts.operations.running import run_operation
from bookwhen.payments.gateway import Gateway
from bookwhen.sandbox.stripe import Sandbox, api
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.routes import call
from memberships.importing.source import STRIPE
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.payments import connect_without_webhook


@dataclass
class Elsewhere:
    """The studio here, where nobody is a member yet, and its world at Stripe, where everybody is."""

    sandbox: Sandbox
    key: str
    account: Account
    page: SchedulePage
    products: dict[str, str] = field(default_factory=dict)

    def at_stripe(self, name: str, given: Json, *ids: str) -> Json:
        """Do something at Stripe by its own hand: no call of ours."""
        platform = self.sandbox.platform
        with platform.lock:
            return call(api.world_of(platform, self.key), name, given, ids)

    def product(self, name: str) -> str:
        if name not in self.products:
            self.products[name] = self.at_stripe("POST /v1/products", {"name": name})["id"]
        return self.products[name]

    def price(self, product: str = "Gold", amount: int = 4000, interval: str = "month", **more: Any) -> str:
        given = {"product": self.product(product), "unit_amount": amount, "currency": "gbp"} | more
        given["recurring"] = {"interval": interval}
        return str(self.at_stripe("POST /v1/prices", given)["id"])

    def person(self, email: str | None = None, name: str = "") -> str:
        given: Json = {"name": name or None, "payment_method": "pm_card_visa"}
        given |= {"email": email} if email else {}
        given["invoice_settings"] = {"default_payment_method": "pm_card_visa"}
        return str(self.at_stripe("POST /v1/customers", given)["id"])

    def subscribe(self, person: str, price: str, quantity: int = 1, **more: Any) -> str:
        given = {"customer": person, "items": [{"price": price, "quantity": quantity}]} | more
        return str(self.at_stripe("POST /v1/subscriptions", given)["id"])

    def member(self, email: str | None, price: str, **more: Any) -> str:
        """Somebody who has paid for a while: the id of their subscription."""
        return self.subscribe(self.person(email), price, **more)

    # --- what the operator does, with a worker that comes at once

    def run(self, list_import: ListImport) -> ListImport:
        """Let workers go on until there is nothing to do."""
        while run_operation(list_import.operation_id):
            pass
        return ListImport.objects.select_related("operation", "account__connection").get(pk=list_import.pk)

    def read(self) -> ListImport:
        account = Account.objects.with_connection().get(pk=self.account.pk)
        return self.run(begin_import(account, STRIPE, who="Ada", key=uuid4(), now=timezone.now()))

    def judge(self, list_import: ListImport, **choices: str) -> ListImport:
        """Map products by name: a membership, a new one (`new`), or nothing (`leave`)."""
        mapping = {f"product:{self.products[name]}": choice for name, choice in choices.items()}
        map_import(list_import, {"choices": mapping}, now=timezone.now())
        return self.run(list_import)

    def take_over(self, *, letter: bool = False, **choices: str) -> ListImport:
        """A whole import."""
        judged = self.judge(self.read(), **choices)
        confirm_import(judged, letter=letter, now=timezone.now())
        return self.run(judged)

    def undo(self, list_import: ListImport) -> ListImport:
        undo_import(list_import, now=timezone.now())
        return self.run(list_import)

    def gateway(self) -> Gateway:
        connection = Account.objects.with_connection().get(pk=self.account.pk).connection
        assert connection is not None
        return Gateway.of(connection)


def open_elsewhere(sandbox: Sandbox, **account: Any) -> Elsewhere:
    """A studio that connects the Stripe account it has had for years."""
    studio = AccountFactory.create(**account)
    return connect_elsewhere(sandbox, studio, SchedulePageFactory.create(account=studio), f"sk_test_{uuid4().hex}")


def connect_elsewhere(sandbox: Sandbox, studio: Account, page: SchedulePage, key: str) -> Elsewhere:
    """The same, for a studio that is there."""
    connect_without_webhook(studio, key)
    return Elsewhere(sandbox, key, studio, page)


def verdicts(list_import: ListImport) -> dict[str, tuple[str, str]]:
    """What would become of each row, by the address that Stripe has: verdict and reason."""
    rows = ListImportRow.objects.filter(list_import=list_import).order_by("number")
    return {row.raw["email"] or row.key: (row.verdict, row.why) for row in rows}
