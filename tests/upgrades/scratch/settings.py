"""The least that `manage.py migrate` needs; the database is named in SCRATCH_DATABASE_URL."""

import environ

SECRET_KEY = "scratch"
INSTALLED_APPS = ["bookwhen.installation", "tests.upgrades.scratch"]
DATABASES = {"default": environ.Env().db_url("SCRATCH_DATABASE_URL") | {"ENGINE": "django.db.backends.postgresql"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SITE_URL = "http://scratch"
COPIES_ARE_QUIET = False
