"""Discount codes, as a studio would have made them."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tickets.models import CodeCoverage, CodeUses, DiscountCode, Ticket, fold_code


class DiscountCodeFactory(DjangoModelFactory[DiscountCode]):
    """A code for 10 % off everything, without limits; `limit=…` in all, `page=…` or `ticket=…` says what it is for."""

    class Meta:
        model = DiscountCode

    account = factory.SubFactory(AccountFactory)
    code = factory.Sequence(lambda number: f"SPRING{number}")
    folded = factory.LazyAttribute(lambda code: fold_code(code.code))
    percent = 10
    created_at = NOW

    @classmethod
    def _create(cls, model_class: type[DiscountCode], *args: Any, **kwargs: Any) -> DiscountCode:
        limit, page = kwargs.pop("limit", None), kwargs.pop("page", None)
        ticket: Ticket | None = kwargs.pop("ticket", None)
        code = super()._create(model_class, *args, for_all=not (page or ticket), **kwargs)
        CodeUses.objects.create(code=code, account_id=code.account_id, limit=limit)
        if page or ticket:
            CodeCoverage.objects.create(account=code.account, code=code, page=page, ticket=ticket)
        return code
