"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app with Django, and hears of logins, two-step methods and Stripe events that were given up."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import sessions, two_step
        from accounts.stripe_connection import notify_owners_of_dead_events
        from bookwhen.payments.signals import events_died

        events_died.connect(notify_owners_of_dead_events)
        sessions.connect()
        two_step.connect()
