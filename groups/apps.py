"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Registers the app with Django, and lists of people as something to import."""

    name = "groups"

    def ready(self) -> None:
        from accounts.erasing.parts import ERASE
        from accounts.handing_out import HAND_OUT
        from accounts.imports.sources import register_source
        from accounts.keeping.seen import SEEN
        from accounts.mailings.audiences import AUDIENCES
        from accounts.merging.parts import MERGE
        from groups import erasing
        from groups.dashboard.audience import GROUP
        from groups.handed_out import SECTIONS
        from groups.importing.source import PEOPLE
        from groups.keeping import SEEN_MEMBERS
        from groups.merging import LEFT_MEMBERS, MEMBERS

        HAND_OUT.register("groups", SECTIONS, order=20)
        register_source(PEOPLE)
        AUDIENCES.register("group", GROUP, order=20)
        SEEN.register("members", SEEN_MEMBERS, order=20)
        ERASE.register("members", erasing.MEMBERS, order=20)
        ERASE.register("pasted", erasing.PASTED, order=21)
        MERGE.register("members", MEMBERS, order=30)
        MERGE.register("left members", LEFT_MEMBERS, order=90)
