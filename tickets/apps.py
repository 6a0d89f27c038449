"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Registers the app with Django, its handler of Stripe's events, and what it hears of others."""

    name = "tickets"

    def ready(self) -> None:
        from accounts.erasing.parts import ERASE
        from accounts.handing_out import HAND_OUT
        from accounts.imports.sources import register_source
        from accounts.signals import address_removed, stripe_leaving
        from bookwhen.installation.adoption import site_adopting, waiting_counted
        from bookwhen.payments.handlers import register_comparer, register_handler
        from bookwhen.payments.signals import connection_mended
        from groups.signals import standing_ended, standing_moved
        from tickets.booking.addresses import forget_address
        from tickets.booking.changed_membership import file_uses_of_moved_standing
        from tickets.booking.handed_out import SECTIONS
        from tickets.booking.release import record_release
        from tickets.checkout import adoption, reconciliation
        from tickets.erasing import BOOKINGS
        from tickets.importing.source import BOOKINGS as BOOKINGS_LISTED
        from tickets.money import comparison, payouts
        from tickets.money.mended import send_waiting_refunds
        from tickets.webhooks import HANDLERS

        HAND_OUT.register("tickets", SECTIONS, order=50)
        waiting_counted.connect(adoption.count_waiting)
        site_adopting.connect(adoption.leave_money)
        for handler in HANDLERS:
            register_handler(handler)
        for comparer in (*reconciliation.COMPARERS, *comparison.COMPARERS, *payouts.COMPARERS):
            register_comparer(comparer)
        ERASE.register("bookings", BOOKINGS, order=60)
        self._register_kinds()
        self._register_keeping()
        self._register_merging()
        self._register_messages()
        self._register_letters()
        register_source(BOOKINGS_LISTED)
        address_removed.connect(forget_address)
        stripe_leaving.connect(reconciliation.refuse_while_payments_in_progress)
        standing_ended.connect(record_release)
        standing_moved.connect(file_uses_of_moved_standing)
        connection_mended.connect(send_waiting_refunds)

    @staticmethod
    def _register_keeping() -> None:
        """What this app knows of when customers were last seen, and what it keeps for a time."""
        from accounts.keeping.kinds import KEPT
        from accounts.keeping.seen import SEEN
        from tickets.keeping import SEEN_BOOKINGS, WAITING

        SEEN.register("bookings", SEEN_BOOKINGS, order=40)
        KEPT.register("waiting", WAITING, order=50)

    @staticmethod
    def _register_messages() -> None:
        """Whom messages are for that this app finds, and that bookings show who deals with the account."""
        from accounts.mailings.audiences import AUDIENCES, SIGNS
        from tickets.dashboard.messages.audience import ENTRY, booked_themselves

        AUDIENCES.register("entry", ENTRY, order=10)
        SIGNS.register("bookings", booked_themselves, order=10)

    @staticmethod
    def _register_letters() -> None:
        """The emails that a worker writes from facts of this app."""
        from accounts.email_writing import register_writer
        from accounts.models import LetterKind
        from accounts.signals import letter_over
        from tickets.booking.letters import write_booked
        from tickets.booking.reminders import forget_reminding, write_reminder

        register_writer(LetterKind.BOOKED, write_booked)
        register_writer(LetterKind.REMINDER, write_reminder)
        letter_over.connect(forget_reminding)

    @staticmethod
    def _register_merging() -> None:
        """What becomes of this app's rows where two customers become one."""
        from accounts.merging.parts import MERGE
        from tickets.merging.bookings import BOOKINGS
        from tickets.merging.waiting import WAITING

        MERGE.register("bookings", BOOKINGS, order=50)
        MERGE.register("waiting", WAITING, order=60)

    @staticmethod
    def _register_kinds() -> None:
        """The long operations that workers do for this app."""
        from accounts.operations.kinds import register_kind
        from tickets.dashboard.exports.archive.writing import ARCHIVE
        from tickets.dashboard.exports.catalogue import LISTS
        from tickets.dashboard.exports.writing import kind_of_list
        from tickets.joining import PASTED
        from tickets.member_changes import CHANGING_MEMBERS
        from tickets.schedule.cancelling import CANCELLING
        from tickets.schedule.cancelling_dates import CANCELLING_DATES
        from tickets.schedule.leading import LEADING
        from tickets.schedule.moving import MOVING
        from tickets.schedule.relocating import LOCATING
        from tickets.schedule.replacing import REPLACING

        for kind in (
            PASTED,
            CHANGING_MEMBERS,
            *map(kind_of_list, LISTS),
            ARCHIVE,
            CANCELLING,
            CANCELLING_DATES,
            MOVING,
            LEADING,
            LOCATING,
            REPLACING,
        ):
            register_kind(kind)
