"""The memberships app."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Registers the app with Django, its handler of Stripe's events, and its word on archiving a group."""

    name = "memberships"

    def ready(self) -> None:
        from bookwhen.payments.handlers import register, register_reconciler
        from groups.signals import group_archiving
        from memberships.catalogue import refuse_while_sold
        from memberships.reconciling import reconcile
        from memberships.webhooks import HANDLER

        register(HANDLER)
        register_reconciler(reconcile)
        group_archiving.connect(refuse_while_sold)
