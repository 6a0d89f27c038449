"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app with Django, and hears of logins and their methods, letters that bounced and dead events."""

    name = "accounts"

    def ready(self) -> None:
        from anymail.signals import tracking
        from django.conf import settings
        from django.core.mail import get_connection
        from django.db.models.signals import post_delete, pre_delete

        import bookwhen.client_address  # noqa: F401 - it registers a check
        from accounts import adoption, sessions, two_step
        from accounts.history.forgetting import close_again, let_account_go
        from accounts.merging.parts import MERGE
        from accounts.merging.people import PEOPLE
        from accounts.stripe_connection import notify_owners_of_dead_events
        from accounts.webhooks import record_tracking_event
        from bookwhen.installation.adoption import site_adopting, waiting_counted
        from bookwhen.payments.signals import events_died

        pre_delete.connect(let_account_go, sender="accounts.Account")
        post_delete.connect(close_again, sender="accounts.Account")
        events_died.connect(notify_owners_of_dead_events)
        MERGE.register("people", PEOPLE, order=10)
        waiting_counted.connect(adoption.count_waiting)
        site_adopting.connect(adoption.sort_letters)
        site_adopting.connect(adoption.leave_stripe)
        sessions.connect()
        two_step.connect()
        tracking.connect(record_tracking_event)
        if settings.EMAIL_PROVIDER:
            # Without its key it refuses here, at the start, and names the setting.
            get_connection()
