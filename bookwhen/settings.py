"""Every setting, typed, from the environment; a missing or malformed value stops the start with its name.

`dev.py` and docker-compose.yml show a complete environment. Nothing else in the project reads the environment.
"""

import tomllib
from email.utils import formataddr
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from bookwhen import environment, queues
from bookwhen.circuit import SECONDS_TO_ANSWER
from bookwhen.replica.database import REPLICA, replica_settings
from bookwhen.seeing.logs import FORMATS, logging_settings

BASE_DIR: Final = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG: Final = environment.read_bool(env, "DEBUG")
DEMO: Final = environment.read_bool(env, "DEMO")
"""The demo: a local outbox page shows every e-mail, and the login page names the demo's logins."""

SITE_URL: Final = environment.read_site_url(env)
"""Where this site is reached, without a trailing slash: links in e-mails begin with it."""
SECRET_KEY: Final = environment.read_secret_key(env, SITE_URL)
SECRET_KEY_FALLBACKS: Final = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Older secret keys, for a change of key: what was signed or sealed under one of them still opens."""

ALLOWED_HOSTS: Final = environment.read_hosts(env, SITE_URL)
CSRF_TRUSTED_ORIGINS: Final = environment.read_origins(env, SITE_URL)
_https: Final = SITE_URL.startswith("https://")
_proxies: Final = env.str("TRUSTED_PROXIES", default="") or str(int(_https))
if not _proxies.isdecimal():
    message = f"TRUSTED_PROXIES is how many proxies of yours are in front, such as 1, not {_proxies!r}."
    raise ImproperlyConfigured(message)
TRUSTED_PROXIES: Final = int(_proxies)
"""How many proxies of ours stand before this server: `bookwhen.client_address` takes the visitor's address from them.

gunicorn speaks no TLS, so where the site is reached by https there is one, unless this says otherwise.
"""
COPIES_ARE_QUIET: Final = True
"""A database that belongs to another site is a copy, which sends nothing (`bookwhen.installation.copies`). No variable
changes that: only tests, which give themselves all sorts of addresses, are spared."""
SITE_NAME: Final = env.str("SITE_NAME", default="Bookwhen")
"""What pages, e-mails and calendar files call this site."""

PROCESS: Final = env.str("PROCESS", default="web")
"""What this process is: `web` pools its database connections; `worker` and `command` keep one each."""
if PROCESS not in {"web", "worker", "command"}:
    message = f"PROCESS is web, worker or command, not {PROCESS!r}."
    raise ImproperlyConfigured(message)

VERSION: Final[str] = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
COMMIT: Final = env.str("COMMIT", default="")
"""Which commit this is, where the build said so: shown to the keeper, in metrics and with errors."""
RELEASE: Final = f"{VERSION}+{COMMIT[:12]}" if COMMIT else VERSION
LOG_FORMAT: Final = env.str("LOG_FORMAT", default="text" if DEBUG or DEMO or PROCESS == "command" else "json")
"""`json`: one line of JSON for each thing that happened; `text`: for people."""
if LOG_FORMAT not in FORMATS:
    message = f"LOG_FORMAT is {' or '.join(FORMATS)}, not {LOG_FORMAT!r}."
    raise ImproperlyConfigured(message)
LOG_ADDRESSES: Final = env.bool("LOG_ADDRESSES", default=False)
"""Whether the access log has visitors' network addresses, which are personal data."""
METRICS_TOKEN: Final = env.str("METRICS_TOKEN", default="")
"""What Prometheus sends as its bearer token to read `/metrics`; without it there is no such page."""
SENTRY_DSN: Final = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT: Final = env.str("SENTRY_ENVIRONMENT", default="production")
KEEPERS: Final = env.list("KEEPERS", default=[])
"""The email addresses of those who keep this installation: they see `/admin/`, after two-step login."""

INSTALLED_APPS: Final = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_cotton",
    "bookwhen.installation",
    "bookwhen.payments",
    "accounts",
    "groups",
    "offers",
    "memberships",
    "tickets",
]

MIDDLEWARE: Final = [
    "bookwhen.seeing.requests.seeing_middleware",
    "bookwhen.errors.outcome_middleware",
    "bookwhen.payments.webhooks.stripe_middleware",
    "bookwhen.proxies.https_middleware",
    "bookwhen.compression.compression_middleware",
    "django.middleware.security.SecurityMiddleware",
    "bookwhen.headers.header_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "bookwhen.requests.well_formed_middleware",
    "bookwhen.replica.position.position_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.sessions.session_middleware",
    "accounts.language.language_middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bookwhen.requests.long_form_middleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tickets.public.basket.cookie.basket_middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bookwhen.errors.not_allowed_middleware",
]

ROOT_URLCONF: Final = "bookwhen.urls"
WSGI_APPLICATION: Final = "bookwhen.wsgi.application"
FORM_RENDERER: Final = "bookwhen.forms.Renderer"

TEMPLATES: Final = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # After cotton's own, which stands first.
            "builtins": ["bookwhen.fastpath.components"],
            "libraries": {
                "basket": "tickets.public.basket.bar",
                "colleagues": "tickets.dashboard.colleagues",
                "lucide": "bookwhen.icons",
                "messages": "bookwhen.toasts",
                "money": "bookwhen.money",
                "names": "tickets.dashboard.names.addresses",
                "owed": "tickets.dashboard.owed",
                "typed": "bookwhen.typed",
                "when": "bookwhen.when",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bookwhen.context.site",
            ],
        },
    },
]

# Nobody waits for a worker or a command on a busy machine as a visitor waits.
_connect: Final = environment.CONNECT_SECONDS if PROCESS == "web" else 10
_database: dict[str, Any] = environment.read_database(env, connect_seconds=_connect)
_database["DISABLE_SERVER_SIDE_CURSORS"] = environment.read_bool(env, "DATABASE_BEHIND_PGBOUNCER")
if not _database["DISABLE_SERVER_SIDE_CURSORS"]:
    # Only for `bookwhen.fastpath.prepared`: Django's own cursors never prepare a statement. In a web process at once,
    # whose connections come from a pool and go after an hour: most would not ask the same thing ten times.
    _database["OPTIONS"]["prepare_threshold"] = 0 if PROCESS == "web" else 5
if PROCESS == "web":
    _database["CONN_MAX_AGE"] = 0
    _size = environment.read_count(env, "DATABASE_POOL_SIZE", default=8)
    _database["OPTIONS"]["pool"] = {
        "min_size": min(2, _size),
        "max_size": _size,
        "timeout": environment.POOL_SECONDS,
        "reconnect_timeout": environment.RECONNECT_SECONDS,
    }
else:
    _database["CONN_MAX_AGE"] = None
    _database["CONN_HEALTH_CHECKS"] = True
_time_limits: Final = {
    "web": "-c statement_timeout=15s -c idle_in_transaction_session_timeout=60s",
    "worker": "-c statement_timeout=15min -c idle_in_transaction_session_timeout=5min",
}
# Of what is prepared, one plan for all values from the first, where PostgreSQL would make five others before.
_planning: Final = "-c plan_cache_mode=force_generic_plan" if PROCESS == "web" else ""
if PROCESS in _time_limits and not _database["DISABLE_SERVER_SIDE_CURSORS"]:
    # First, so that what DATABASE_URL says wins. PgBouncer refuses them: there the roles have them (docs/operating.md).
    _options = _database.setdefault("OPTIONS", {})
    _options["options"] = f"{_time_limits[PROCESS]} {_planning} {_options.get('options', '')}".strip()
DATABASES: Final = {"default": _database}
if PROCESS == "web" and env.str("DATABASE_REPLICA_URL", default=""):
    DATABASES[REPLICA] = replica_settings(_database, env.db_url("DATABASE_REPLICA_URL"))
DATABASE_ROUTERS: Final = ["bookwhen.replica.routing.Router"]
DEFAULT_AUTO_FIELD: Final = "django.db.models.BigAutoField"

REDIS_URL: Final = environment.read_redis_url(env, "REDIS_URL")
CACHE_URL: Final = environment.read_redis_url(env, "CACHE_URL", default=REDIS_URL)
"""Where the cache is. Clearing it empties its database: name another one than the queue's."""
# A worker waits longer for the broker than a request may.
_patience: Final = 10.0 if PROCESS == "worker" else SECONDS_TO_ANSWER
_timeouts: Final = {"socket_connect_timeout": SECONDS_TO_ANSWER, "socket_timeout": SECONDS_TO_ANSWER}
CACHES: Final = {"default": {"BACKEND": "bookwhen.cache.Cache", "LOCATION": CACHE_URL, "OPTIONS": _timeouts}}
SESSION_ENGINE: Final = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL: Final = REDIS_URL
CELERY_TASK_IGNORE_RESULT: Final = True
CELERY_TASK_ACKS_LATE: Final = True
CELERY_TASK_REJECT_ON_WORKER_LOST: Final = True
CELERY_WORKER_PREFETCH_MULTIPLIER: Final = 1
CELERY_DB_REUSE_MAX: Final = 10_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP: Final = True
CELERY_BROKER_TRANSPORT_OPTIONS: Final = {
    "visibility_timeout": 600,
    "socket_connect_timeout": _patience,
    "socket_timeout": _patience,
    "socket_keepalive": True,
    # A web request that cannot reach the broker must answer all the same: the row it wrote is picked up by the sweep.
    **({} if PROCESS == "worker" else {"max_retries": 0}),
}
CELERY_TASK_PUBLISH_RETRY: Final = False
CELERY_TIMEZONE: Final = "UTC"
# For tasks that say nothing else; every task ends before the broker hands it out again (`visibility_timeout`).
CELERY_TASK_SOFT_TIME_LIMIT: Final = 180
CELERY_TASK_TIME_LIMIT: Final = 210
# A worker that is told no queues takes from all of these (`bookwhen.queues`). Jobs and sweeps stay in the default.
CELERY_TASK_QUEUES: Final = [Queue(name, routing_key=name) for name in queues.ALL]
CELERY_TASK_DEFAULT_QUEUE: Final = queues.DEFAULT
CELERY_TASK_ROUTES: Final = {
    "bookwhen.payments.tasks.process_stripe_event": {"queue": queues.EVENTS},
    "accounts.tasks.send_letter": {"queue": queues.LETTERS},
    "accounts.tasks.send_letters": {"queue": queues.LETTERS},
}
# The jobs themselves are due by the database, not by beat: docs/decisions/0026.
CELERY_BEAT_SCHEDULER: Final = "bookwhen.jobs.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE: Final = {
    "start_due_jobs": {"task": "bookwhen.installation.tasks.start_due_jobs", "schedule": 60.0},
}

AUTH_USER_MODEL: Final = "accounts.User"
AUTHENTICATION_BACKENDS: Final = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS: Final = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL: Final = "account_login"
LOGIN_REDIRECT_URL: Final = "home"
LOGOUT_REDIRECT_URL: Final = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD: Final = None
ACCOUNT_ADAPTER: Final = "accounts.adapter.Adapter"
ACCOUNT_FORMS: Final = {
    "login": "accounts.public.forms.LoginForm",
    "reauthenticate": "accounts.public.two_step.forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS: Final = {"email"}
ACCOUNT_SIGNUP_FIELDS: Final = ["email*", "password1*"]
# Addresses are proved by accounts.identity, which signs up too; allauth sends nothing.
ACCOUNT_EMAIL_VERIFICATION: Final = "none"
ACCOUNT_SESSION_REMEMBER: Final = True
# The adapter counts log-ins itself (accounts.login_limits).
ACCOUNT_RATE_LIMITS: Final = {"login": None, "reauthenticate": "5/5m/user"}
# Two-step login, by allauth.mfa.
MFA_ADAPTER: Final = "accounts.two_step.MFAAdapter"
MFA_SUPPORTED_TYPES: Final = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED: Final = True
MFA_TOTP_ISSUER: Final = SITE_NAME
MFA_TOTP_TOLERANCE: Final = 1
"""How many steps of thirty seconds a phone's clock may be wrong by, and a code may be late."""
MFA_FORMS: Final = {
    "authenticate": "accounts.public.two_step.forms.CodeForm",
    "authenticate_webauthn": "accounts.public.two_step.forms.UsePasskeyForm",
    "reauthenticate": "accounts.public.two_step.forms.CodeAgainForm",
    "reauthenticate_webauthn": "accounts.public.two_step.forms.PasskeyAgainForm",
    "login_webauthn": "accounts.public.two_step.forms.PasskeyLoginForm",
    "activate_totp": "accounts.public.two_step.forms.AddAppForm",
    "deactivate_totp": "accounts.public.two_step.forms.RemoveAppForm",
    "add_webauthn": "accounts.public.two_step.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.public.two_step.forms.RenamePasskeyForm",
    "generate_recovery_codes": "accounts.public.two_step.forms.MakeCodesForm",
}

LANGUAGE_CODE: Final = "en-gb"
LANGUAGES: Final = [
    ("en-gb", "English (United Kingdom)"),
    ("en-au", "English (Australia)"),
    ("en-ca", "English (Canada)"),
    ("en-ie", "English (Ireland)"),
    ("en-nz", "English (New Zealand)"),
    ("en-us", "English (United States)"),
    ("en-za", "English (South Africa)"),
]
"""What studios choose from. Only languages in which every text of ours has words: a test compares the catalogues."""
FORMAT_MODULE_PATH: Final = "bookwhen.formats"
USE_I18N: Final = True
USE_TZ: Final = True
TIME_ZONE: Final = "UTC"

# gunicorn takes where the site begins from a header (Script-Name, with an underscore), which proxies hand on. A visitor
# who sent one to a proxy on the same machine would have had their prefix in all links that are kept for others.
FORCE_SCRIPT_NAME: Final = ""

STATIC_URL: Final = "/static/"
STATIC_ROOT: Final = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS: Final = [BASE_DIR / "static"]
MEDIA_ROOT: Final = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
"""Where pictures are kept, if no bucket is named; every web process and worker needs it."""
STORAGES: Final = {
    "default": environment.read_storage(env),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS: Final = DEBUG or DEMO

STRIPE_API_BASE: Final = env.str("STRIPE_API_BASE", default="").rstrip("/")
"""Where Stripe's sandbox answers, without a trailing slash; empty: Stripe itself."""

DEFAULT_FROM_EMAIL: Final = environment.read_sender(env, formataddr((SITE_NAME, "bookings@localhost")))
_email: dict[str, Any] = environment.read_email(env)
EMAIL_PROVIDER: Final = env.str("EMAIL_PROVIDER", default="")
"""The mail provider whose API sends letters instead of SMTP, by Anymail's name for it: postmark, mailgun, brevo …"""
ANYMAIL: Final = {
    name.removeprefix("ANYMAIL_"): value for name, value in env.ENVIRON.items() if name.startswith("ANYMAIL_")
}
"""Anymail's settings: each from the variable that its documentation names, such as ANYMAIL_POSTMARK_SERVER_TOKEN."""
if EMAIL_PROVIDER:
    if find_spec(f"anymail.webhooks.{EMAIL_PROVIDER}") is None:
        message = f"EMAIL_PROVIDER is a provider that Anymail knows and that reports bounces, not {EMAIL_PROVIDER!r}."
        raise ImproperlyConfigured(message)
    if not all(ANYMAIL.get("WEBHOOK_SECRET", "").partition(":")):
        message = "ANYMAIL_WEBHOOK_SECRET is user:password, which the mail provider sends along when it calls."
        raise ImproperlyConfigured(message)
_backend: Final = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend" if EMAIL_PROVIDER else _email["EMAIL_BACKEND"]
EMAIL_BACKEND: Final = env.str("EMAIL_BACKEND", default=_backend)
EMAIL_HOST: Final = _email.get("EMAIL_HOST", "")
EMAIL_PORT: Final = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER: Final = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: Final = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: Final = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: Final = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT: Final = 10
EMAILS_KEPT_DAYS: Final = environment.read_days(env, "EMAILS_KEPT_DAYS", default=365, least=30)
"""How long an email is kept after it was sent or given up: until then it is the evidence of what was said to whom."""
HISTORY_KEPT_DAYS: Final = environment.read_days(env, "HISTORY_KEPT_DAYS", default=1095, least=90)
"""How long it can be read who of a team did what."""
STRIPE_EVENTS_KEPT_DAYS: Final = environment.read_days(env, "STRIPE_EVENTS_KEPT_DAYS", default=90, least=35)
"""How long an event is kept once nothing more is to be done about it; longer than the 30 days that Stripe lists it."""

SECURE_SSL_REDIRECT: Final = _https
# A load balancer and Prometheus ask from inside, without https.
SECURE_REDIRECT_EXEMPT: Final = [r"^health/", r"^metrics$"]
SECURE_PROXY_SSL_HEADER: Final = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS: Final = 31_536_000 if _https else 0
# Other names under this host are not ours to promise https for.
SILENCED_SYSTEM_CHECKS: Final = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY: Final = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE: Final = _https
CSRF_COOKIE_SECURE: Final = _https
CSRF_FAILURE_VIEW: Final = "bookwhen.errors.csrf_failure"
# A browser takes a cookie of such a name only from this very host: no other name under its domain can plant one.
_host: Final = "__Host-" if _https else ""
SESSION_COOKIE_NAME: Final = f"{_host}sessionid"
CSRF_COOKIE_NAME: Final = f"{_host}csrftoken"
SESSION_COOKIE_SAMESITE: Final = "Lax"
X_FRAME_OPTIONS: Final = "DENY"

STRIPE_PAGES: Final = ["https://checkout.stripe.com", "https://billing.stripe.com"]
CONTENT_SECURITY_POLICY: Final = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        # A form of ours may end on one of Stripe's hosted pages, and a browser counts the redirect as the form's own.
        "form-action": [SELF, STRIPE_API_BASE] if STRIPE_API_BASE else [SELF, *STRIPE_PAGES],
        "frame-ancestors": [NONE],
    }
}

LOGGING: Final = logging_settings(form=LOG_FORMAT, level=environment.read_log_level(env), process=PROCESS)
if SENTRY_DSN:
    import_module("bookwhen.seeing.sentry").start(SENTRY_DSN, release=RELEASE, environment=SENTRY_ENVIRONMENT)
