"""As little as Django runs with: no apps, no middleware, a connection for each thread."""

from pathlib import Path
from typing import Any, Final

import environ

env: Final = environ.Env()

SECRET_KEY: Final = env.str("SECRET_KEY")
ALLOWED_HOSTS: Final = ["127.0.0.1"]
ROOT_URLCONF: Final = "bench.floor.urls"
WSGI_APPLICATION: Final = "bench.floor.wsgi.application"
DATABASES: Final[dict[str, dict[str, Any]]] = {"default": {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD: Final = "django.db.models.BigAutoField"
TEMPLATES: Final = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).with_name("templates")],
    }
]
USE_TZ: Final = True
LOGGING: Final = {"version": 1, "disable_existing_loggers": False}
