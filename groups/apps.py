"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Registers the app with Django, and lists of people as something to import."""

    name = "groups"

    def ready(self) -> None:
        from accounts.erasing.parts import ERASE
        from accounts.handing_out import HAND_OUT
        from accounts.imports.sources import register_source
        from groups import erasing
        from groups.handed_out import SECTIONS
        from groups.importing.source import PEOPLE

        HAND_OUT.register("groups", SECTIONS, order=20)
        register_source(PEOPLE)
        ERASE.register("members", erasing.MEMBERS, order=20)
        ERASE.register("pasted", erasing.PASTED, order=21)
