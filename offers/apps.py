"""The offers app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Registers the app with Django."""

    name = "offers"

    def ready(self) -> None:
        from groups.signals import counting_changed
        from offers.services import refile_after_counting_changed

        counting_changed.connect(refile_after_counting_changed)
