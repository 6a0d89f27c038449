"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Registers the app with Django, its handler of Stripe's events, and what it hears of others."""

    name = "tickets"

    def ready(self) -> None:
        from accounts.signals import stripe_leaving
        from bookwhen.payments.handlers import register, register_reconciler
        from groups.signals import standing_ended
        from tickets.booking.release import note_end
        from tickets.checkout.reconciliation import reconcile, refuse_while_moving
        from tickets.webhooks import HANDLER

        register(HANDLER)
        register_reconciler(reconcile)
        stripe_leaving.connect(refuse_while_moving)
        standing_ended.connect(note_end)
