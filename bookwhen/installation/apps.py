"""The installation app: what is true of the whole site rather than of one account."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    """Registers the app with Django."""

    name = "bookwhen.installation"
    label = "installation"

    def ready(self) -> None:
        from bookwhen.seeing import metrics

        metrics.connect()
