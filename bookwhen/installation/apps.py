"""The installation app: what is true of the whole site rather than of one account."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InstallationConfig(AppConfig):
    """Registers the app with Django, and lets the first `migrate` claim the database for its site."""

    name = "bookwhen.installation"
    label = "installation"

    def ready(self) -> None:
        from bookwhen.installation import checks  # noqa: F401 - it registers a check
        from bookwhen.installation.copies import claim_after_migrating
        from bookwhen.seeing import metrics

        post_migrate.connect(claim_after_migrating, sender=self)
        metrics.connect()
