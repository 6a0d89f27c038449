"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Registers the app with Django, its handler of Stripe's events, and what it hears of standing."""

    name = "tickets"

    def ready(self) -> None:
        from bookwhen.payments.handlers import register
        from groups.signals import standing_ended
        from tickets.releasing import note_end
        from tickets.webhooks import HANDLER

        register(HANDLER)
        standing_ended.connect(note_end)
