"""The memberships app."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Registers the app with Django, its handler of Stripe's events, and its word on what others are about to do."""

    name = "memberships"

    def ready(self) -> None:
        from accounts.erasing.parts import ERASE
        from accounts.handing_out import HAND_OUT
        from accounts.imports.sources import register_source
        from accounts.keeping.seen import SEEN
        from accounts.merging.parts import MERGE
        from accounts.signals import stripe_leaving, stripe_replaced
        from bookwhen.payments.handlers import register_comparer, register_handler
        from groups.signals import group_archiving
        from memberships import erasing, merging
        from memberships.catalogue import forget_stripe, refuse_while_paid, refuse_while_sold
        from memberships.handed_out import SECTIONS
        from memberships.importing.source import STRIPE
        from memberships.keeping import SEEN_MEMBERSHIPS
        from memberships.left_out import forget_left_out
        from memberships.reconciliation import COMPARERS
        from memberships.webhooks import HANDLER

        HAND_OUT.register("memberships", SECTIONS, order=40)
        register_handler(HANDLER)
        for comparer in COMPARERS:
            register_comparer(comparer)
        group_archiving.connect(refuse_while_sold)
        stripe_leaving.connect(refuse_while_paid)
        stripe_replaced.connect(forget_stripe)
        stripe_replaced.connect(forget_left_out)
        register_source(STRIPE)
        SEEN.register("memberships", SEEN_MEMBERSHIPS, order=30)
        ERASE.register("subscriptions", erasing.SUBSCRIPTIONS, order=50)
        MERGE.register("subscriptions", merging.SUBSCRIPTIONS, order=5)
