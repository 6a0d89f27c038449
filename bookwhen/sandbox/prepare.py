"""Bring the database up to date and load the demo: `python -m bookwhen.sandbox.prepare`, in the demo's environment."""

import os

import django
from django.core.management import call_command, get_commands

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    if "demo" in get_commands():
        call_command("demo")
