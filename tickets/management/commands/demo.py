"""`manage.py demo`: load the demo studio, or bring the one there is up to today."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tickets.demo.loading import load


class Command(BaseCommand):
    """Runs at every start of the demo, and nowhere else; what it sells through Stripe comes after it, from there."""

    help = "Load the demo studio, or bring an existing one up to date. Needs DEMO in the environment."

    def handle(self, **_options: object) -> None:
        """Load it; raises CommandError where this is no demo."""
        if not settings.DEMO:
            message = "DEMO isn’t set, so nothing was loaded."
            raise CommandError(message)
        load(now=timezone.now())
        if not settings.STRIPE_API_BASE:
            self.stdout.write("STRIPE_API_BASE isn’t set, so the demo won’t sell any memberships.")
