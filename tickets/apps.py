"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Registers the app with Django."""

    name = "tickets"

    def ready(self) -> None:
        from groups.signals import standing_ended
        from tickets.releasing import note_end

        standing_ended.connect(note_end)
