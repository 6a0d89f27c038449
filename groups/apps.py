"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Registers the app with Django, and lists of people as something to import."""

    name = "groups"

    def ready(self) -> None:
        from accounts.imports.sources import register_source
        from accounts.merging.parts import MERGE
        from groups.importing.source import PEOPLE
        from groups.merging import LEFT_MEMBERS, MEMBERS

        register_source(PEOPLE)
        MERGE.register("members", MEMBERS, order=30)
        MERGE.register("left members", LEFT_MEMBERS, order=90)
