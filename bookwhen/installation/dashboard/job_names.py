"""What each job is called on the keeper's page."""

from typing import Final

from django.utils.translation import gettext_lazy

from bookwhen.jobs.schedule import BEAT, PREFIX

NAMES: Final = {
    BEAT: gettext_lazy("Beat and a worker"),
    "accounts.tasks.forget_exports": gettext_lazy("Delete old files"),
    "accounts.tasks.forget_for_accounts": gettext_lazy("Delete what accounts keep for a shorter time"),
    "accounts.tasks.forget_history": gettext_lazy("Delete old history"),
    "accounts.tasks.forget_imports": gettext_lazy("Forget the rows of old imports"),
    "accounts.tasks.forget_letters": gettext_lazy("Delete old emails"),
    "accounts.tasks.forget_sessions": gettext_lazy("Delete sessions that are over"),
    "accounts.tasks.keep_erasures": gettext_lazy("Note who was erased, for after a restore"),
    "accounts.tasks.reencrypt_two_step": gettext_lazy("Encrypt two-step login with the newest key"),
    "accounts.tasks.send_stripe_addresses": gettext_lazy("Tell Stripe of changed email addresses"),
    "accounts.tasks.sweep_logos": gettext_lazy("Delete logos that are no longer shown"),
    "accounts.tasks.sweep_letters": gettext_lazy("Send emails"),
    "accounts.tasks.sweep_operations": gettext_lazy("Go on with long tasks"),
    "bookwhen.payments.tasks.catch_up": gettext_lazy("Check for missed updates from Stripe"),
    "bookwhen.payments.tasks.prune": gettext_lazy("Delete old updates from Stripe"),
    "bookwhen.payments.tasks.reconcile": gettext_lazy("Compare with Stripe"),
    "bookwhen.payments.tasks.sweep_events": gettext_lazy("Process updates from Stripe"),
    "memberships.tasks.resume_pauses": gettext_lazy("Resume memberships whose pause has ended"),
    "groups.tasks.tell_of_ending_standings": gettext_lazy("Tell members that their time in a group ends"),
    "offers.tasks.close_ended_periods": gettext_lazy("Close usage periods"),
    "offers.tasks.file_uses_again": gettext_lazy("Check which period each use counts in"),
    "tickets.tasks.check_books": gettext_lazy("Consistency checks"),
    "tickets.tasks.forget_pasted": gettext_lazy("Forget what couldn’t be read of old lists"),
    "tickets.tasks.keep_wall_times": gettext_lazy("Keep the times that were said"),
    "tickets.tasks.process_releases": gettext_lazy("Release spaces of memberships that ended"),
    "tickets.tasks.send_reminders": gettext_lazy("Remind people of what they booked"),
    "tickets.tasks.sweep_baskets": gettext_lazy("Release expired baskets"),
    "tickets.tasks.sweep_pictures": gettext_lazy("Delete pictures that are no longer shown"),
    "tickets.tasks.sweep_receipts": gettext_lazy("Number receipts"),
    "tickets.tasks.sweep_refunds": gettext_lazy("Send refunds"),
    "tickets.tasks.sweep_waiting": gettext_lazy("Offer spaces to waiting lists"),
}


def task_of(heartbeat: str) -> str:
    """The task of a job's heartbeat, as the logs name it."""
    return heartbeat.removeprefix(PREFIX)


def job_name(task: str) -> str:
    """What a job does, in words. A part of a job is named by its own task, and one nobody knows stays as it is."""
    known = NAMES.get(task)
    return str(known) if known else task
