"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app with Django, and hears of Stripe events that were given up."""

    name = "accounts"

    def ready(self) -> None:
        import bookwhen.client_address  # noqa: F401 - it registers a check
        from accounts.stripe_connection import notify_owners_of_dead_events
        from bookwhen.payments.signals import events_died

        events_died.connect(notify_owners_of_dead_events)
