"""The memberships app."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Registers the app with Django."""

    name = "memberships"
