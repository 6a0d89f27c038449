"""A studio whose language is not spoken any more keeps what is nearest to it."""

import importlib
import pkgutil

import pytest
from django.apps import apps

from accounts import migrations
from accounts.models import Account
from tests.factories.accounts import AccountFactory

[NAME] = [each.name for each in pkgutil.iter_modules(migrations.__path__) if each.name.endswith("contact_and_language")]


@pytest.mark.django_db
def test_a_stored_language_becomes_the_english_of_its_country_or_else_british() -> None:
    stored = {
        "en-us": "en-us",
        "en-za": "en-za",
        "de-de": "en-gb",
        "fr-ca": "en-ca",
        "nl-nl": "en-gb",
        "ja-jp": "en-gb",
    }
    for locale in stored:
        AccountFactory.create(slug=locale, locale=locale, currency="JPY")

    importlib.import_module(f"accounts.migrations.{NAME}").speak_english(apps, None)

    assert dict(Account.objects.values_list("slug", "locale")) == stored
    assert set(Account.objects.values_list("currency", flat=True)) == {"JPY"}
