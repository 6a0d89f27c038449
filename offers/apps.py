"""The offers app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Registers the app with Django."""

    name = "offers"

    def ready(self) -> None:
        from accounts.merging.parts import MERGE
        from groups.signals import counting_changed, standing_withdrawing
        from offers.merging import USES
        from offers.services import refile_after_counting_changed
        from offers.withdrawing import refuse_while_used

        counting_changed.connect(refile_after_counting_changed)
        standing_withdrawing.connect(refuse_while_used)
        MERGE.register("uses", USES, order=40)
