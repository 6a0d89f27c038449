"""Domain code flows one way: a foreign key by string must not escape what the import contract holds."""

import pytest
from django.apps import apps
from django.db.models import Model

ORDER = {"installation": -2, "payments": -1, "accounts": 0, "groups": 1, "offers": 2, "memberships": 2, "tickets": 3}
"""Each app may point to itself and to those below it; `offers` and `memberships` know nothing of each other."""
OWN_MODELS = [model for model in apps.get_models() if model._meta.app_label in ORDER]


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_every_relation_points_to_its_own_app_or_below(model: type[Model]) -> None:
    own = model._meta.app_label
    fields = [*model._meta.fields, *model._meta.many_to_many]
    related = [field.remote_field.model for field in fields if field.remote_field]
    targets = {each._meta.app_label for each in related} & ORDER.keys()

    assert {target for target in targets if target != own and ORDER[target] >= ORDER[own]} == set()


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_every_tenant_table_has_its_account(model: type[Model]) -> None:
    columns = {field.column for field in model._meta.fields}
    if model._meta.app_label == "installation":
        return
    # The mail server is the installation's, not an account's; of a call that failed only a hash is kept.
    shared = {"accounts.User", "accounts.LoginSession", "accounts.Account", "accounts.MailOutage"}
    shared |= {"payments.FailedCall"}
    # Below accounts: `Account.connection` points to them.
    by_connection = {"payments.Connection", "payments.EndpointSecret", "payments.StripeEvent", "payments.Comparison"}
    by_connection |= {"payments.ErasedAtStripe"}

    assert "account_id" in columns or model._meta.label in shared | by_connection
