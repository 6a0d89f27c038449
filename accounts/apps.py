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
        from accounts.handed_out import SECTIONS
        from accounts.handing_out import HAND_OUT, OWN_DATA
        from accounts.history.forgetting import close_again, let_account_go
        from accounts.merging.parts import MERGE
        from accounts.merging.people import PEOPLE
        from accounts.operations.kinds import register_kind
        from accounts.stripe_connection import notify_owners_of_dead_events
        from accounts.webhooks import record_tracking_event
        from bookwhen.installation.adoption import site_adopting, waiting_counted
        from bookwhen.payments.signals import events_died

        HAND_OUT.register("accounts", SECTIONS, order=10)
        register_kind(OWN_DATA)
        pre_delete.connect(let_account_go, sender="accounts.Account")
        post_delete.connect(close_again, sender="accounts.Account")
        events_died.connect(notify_owners_of_dead_events)
        MERGE.register("people", PEOPLE, order=10)
        self._register_messages()
        waiting_counted.connect(adoption.count_waiting)
        site_adopting.connect(adoption.sort_letters)
        site_adopting.connect(adoption.leave_stripe)
        sessions.connect()
        two_step.connect()
        tracking.connect(record_tracking_event)
        self._register_erasing()
        self._register_keeping()
        if settings.EMAIL_PROVIDER:
            # Without its key it refuses here, at the start, and names the setting.
            get_connection()

    @staticmethod
    def _register_messages() -> None:
        """Messages to many: how they are sent, and customers as whom they are for."""
        from accounts.dashboard.audience import CUSTOMERS
        from accounts.email_writing import register_writer
        from accounts.mailings.audiences import AUDIENCES
        from accounts.mailings.letters import write_mailing
        from accounts.mailings.sending import SENDING
        from accounts.models import LetterKind
        from accounts.operations.kinds import register_kind

        register_kind(SENDING)
        AUDIENCES.register("customers", CUSTOMERS, order=30)
        for kind in (LetterKind.MESSAGE, LetterKind.MESSAGE_UNASKED, LetterKind.MESSAGE_NEWS):
            register_writer(kind, write_mailing)

    @staticmethod
    def _register_keeping() -> None:
        """What is kept here for a time, and when customers were last seen."""
        from accounts.keeping import own
        from accounts.keeping.kinds import KEPT
        from accounts.keeping.seen import OWN, SEEN

        KEPT.register("emails", own.EMAILS, order=10)
        KEPT.register("lists", own.LISTS, order=20)
        KEPT.register("files", own.FILES, order=30)
        KEPT.register("history", own.HISTORY, order=40)
        SEEN.register("people", OWN, order=10)

    @staticmethod
    def _register_erasing() -> None:
        """What is done here about somebody who is erased: their rows of lists go first, what Stripe told us last."""
        from accounts.erasing import rows
        from accounts.erasing.parts import ERASE
        from accounts.erasing.repeating import repeat_after_restore
        from bookwhen.installation.restoring import database_restored

        database_restored.connect(repeat_after_restore)
        ERASE.register("lists", rows.LISTS, order=10)
        ERASE.register("contact", rows.CONTACT, order=15)
        ERASE.register("files", rows.FILES, order=70)
        ERASE.register("letters", rows.LETTERS, order=80)
        ERASE.register("history", rows.HISTORY, order=90)
        ERASE.register("at_stripe", rows.AT_STRIPE, order=100)
