"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Registers the app with Django."""

    name = "groups"
