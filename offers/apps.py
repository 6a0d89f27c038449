"""The offers app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Registers the app with Django."""

    name = "offers"

    def ready(self) -> None:
        from accounts.erasing.parts import ERASE
        from accounts.handing_out import HAND_OUT
        from accounts.merging.parts import MERGE
        from groups.signals import counting_changed, standing_withdrawing
        from offers.erasing import EXTRA_USES
        from offers.handed_out import SECTIONS
        from offers.merging import USES
        from offers.services import refile_after_counting_changed
        from offers.withdrawing import refuse_while_used

        HAND_OUT.register("offers", SECTIONS, order=30)
        counting_changed.connect(refile_after_counting_changed)
        standing_withdrawing.connect(refuse_while_used)
        ERASE.register("extra_uses", EXTRA_USES, order=40)
        MERGE.register("uses", USES, order=40)
