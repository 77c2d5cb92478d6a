"""Every setting, top to bottom. What differs between machines comes from the environment (.env.example lists it)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import structlog
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import demo, logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / (".env.example" if "PYTEST_VERSION" in os.environ else ".env"))

# --- The demo (`make run`) gives itself what is missing, works over plain http on loopback, and mails nobody.
DEMO = env.bool("DEMO", False)
PORT = env.str("PORT", "8000")
if DEMO:
    for name, value in demo.environment(BASE_DIR, PORT).items():
        os.environ.setdefault(name, value)
    demo.refuse_real_mail(os.environ["EMAIL_URL"])

WEB_PROCESS = env.bool("WEB_PROCESS", False)  # wsgi.py says so

REQUIRED = {
    "SECRET_KEY": "signs sessions and links; long, random, and secret",
    "ALLOWED_HOSTS": "the host names that this site answers to, separated by commas",
    "SITE_URL": "where the site is, for the links in letters: https://support.example.com",
    "DATABASE_URL": "the application's own login to PostgreSQL, a member of the role makegood_app",
    "REDIS_URL": "the broker that wakes the worker; nothing of value is kept there",
    "EMAIL_URL": "the server that takes the letters: smtp+tls://login:password@mail.example.com:587",
    "SUPPORT_EMAIL": "the address that letters come from and that customers may write to",
}
if missing := [name for name in REQUIRED if not os.environ.get(name)]:
    what_for = "; ".join(f"{name} ({REQUIRED[name]})" for name in missing)
    raise ImproperlyConfigured(
        f"Makegood cannot start, because these are not set in the environment: {what_for}. "
        "See .env.example, or try the product without any of them: make run."
    )

# --- Django
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = demo.LOOPBACK_HOSTS if DEMO else env.list("ALLOWED_HOSTS")
SITE_URL = env.str("SITE_URL").rstrip("/")
FILES_URL = env.str("FILES_URL", "").rstrip("/")  # a host of their own at which documents are opened
FILES_HOST = urlsplit(FILES_URL).netloc
if FILES_HOST and urlsplit(SITE_URL).netloc == FILES_HOST:
    raise ImproperlyConfigured("FILES_URL is where the site is: give documents a host of their own, or leave it out.")
ALLOWED_HOSTS = [*ALLOWED_HOSTS, *([FILES_HOST.partition(":")[0]] if FILES_HOST else [])]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "entitlements.apps.EntitlementsConfig",
    "sla.apps.SlaConfig",
    "sla.apps.DeskConfig",  # in place of django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",  # the widgets' own templates, for FORM_RENDERER
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "pgtrigger",
]
MIDDLEWARE = [
    "config.middleware.RequestLog",
    "config.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "config.files_host.FilesHost",  # there, nothing else is
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.NothingIsStored",
    "config.sessions.Sessions",
    "entitlements.middleware.ReadTheClock",  # before anything may read the request's body (S13)
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.sessions.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.IdleLimit",
    "config.middleware.SecondFactorAtTheDesk",
    "config.middleware.NotTooOften",
    "entitlements.middleware.SeenAs",  # after it: only a manager who was let in borrows somebody's eyes
    "entitlements.middleware.OwnTimes",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entitlements.context_processors.site",
            ],
        },
    }
]
FORM_RENDERER = "config.widgets.WidgetsDrawnHere"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_I18N = False  # one language: no look-up of a translation for each word and figure of a page
TIME_ZONE = "UTC"
USE_TZ = True

# --- Who the vendor is
VENDOR_NAME = env.str("VENDOR_NAME", "PagerDuty")
VENDOR_ZONE = env.str("VENDOR_ZONE", "America/Los_Angeles")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL")
STATUS_URL = env.str("STATUS_URL", "")  # the vendor's public status page, for whoever cannot sign in

# --- What this installation is, said at the head of every page of the desk
INSTALLATIONS = ("production", "test", "demo")
INSTALLATION = "demo" if DEMO else env.str("INSTALLATION", "production")
if INSTALLATION not in INSTALLATIONS:
    raise ImproperlyConfigured(f"INSTALLATION is {INSTALLATION!r}, and can be: {', '.join(INSTALLATIONS)}.")
FAILPOINT = env.str("FAILPOINT", "")  # where a process is to die, for `make chaos` (entitlements/failpoints.py)
if FAILPOINT and INSTALLATION == "production":
    raise ImproperlyConfigured(
        "FAILPOINT lets processes die. It is for tests, and INSTALLATION says that this is production."
    )

# --- Database: one, by two logins. `default` works under the application's role, which may only add to ledgers and
# logs; `owner` migrates (`manage.py migrate --database owner`) and is needed for nothing else.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL"),
    "owner": env.db_url("DATABASE_OWNER_URL", os.environ["DATABASE_URL"]),
}
if DEMO and "DATABASE_OWNER_URL" not in os.environ:
    DATABASES["owner"] = env.db_url_config(demo.owner_url(os.environ["DATABASE_URL"]))
for database in DATABASES.values():
    database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"]["options"] = "-c role=makegood_app"
# P25: who migrates waits two seconds for a table's lock and gives up, since everybody else would wait behind.
DATABASES["owner"]["OPTIONS"]["options"] = "-c lock_timeout=2s"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if WEB_PROCESS:  # Celery's children must not share a pool
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASE_ROUTERS = ["config.routers.OwnerMigrates"]

# --- Sessions and throttles live in PostgreSQL: signing in and filing work with Redis stopped.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
SESSION_ENGINE = "config.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Security. Plain http is for the demo on loopback; everything else is https, behind a proxy that says so.
HTTPS = not DEMO
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # HSTS preload cannot be taken back: the domain's owner decides
    "auth.W004",  # an address is unique, whatever its case: the constraint one_person_for_an_address
]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 3600
SEEN_COOKIE_NAME = "__Host-seen" if HTTPS else "seen"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *([FILES_URL] if FILES_URL else [])],  # the button that opens a document leads there
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Signing in: customers by a code sent to them, staff by password and second factor. Nobody signs up.
AUTH_USER_MODEL = "entitlements.User"
# Each session on record names it: by another name everybody would be signed out.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.ClosedSignUp"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # without password1 the sign-in form has no password for staff either
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_FORMS = {
    "login": "config.account_forms.SignIn",
    "request_login_code": "config.account_forms.AskForCode",
    "confirm_login_code": "config.account_forms.CodeFromTheLetter",
    "confirm_email_verification_code": "config.account_forms.CodeOfTheAddress",
    "reauthenticate": "config.account_forms.PasswordAgain",
    "change_password": "config.account_forms.ChangePassword",
    "set_password": "config.account_forms.FirstPassword",
    "reset_password": "config.account_forms.AskForReset",
    "reset_password_from_key": "config.account_forms.PasswordByLink",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
STAFF_SECOND_FACTOR = not DEMO  # the demo's people sign in by a printed link
MFA_ADAPTER = "config.accounts.SecondFactorInOurWords"
MFA_FORMS = {
    "authenticate": "config.account_forms.SecondFactor",
    "reauthenticate": "config.account_forms.SecondFactorAgain",
    "activate_totp": "config.account_forms.SetUpApp",
    "add_webauthn": "config.account_forms.AddKey",
    "edit_webauthn": "config.account_forms.RenameKey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = f"{VENDOR_NAME} entitlements"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# --- Files: static ones from the same process, evidence outside every web root and only through a view that checks
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
EVIDENCE_ROOT = env.path("EVIDENCE_ROOT", BASE_DIR / "var" / "evidence")
SEALS_FILE = env.str("SEALS_FILE", str(BASE_DIR / "var" / "seals.txt") if DEMO else "")
EVIDENCE_MAX_FILE_BYTES = 10 * 1024 * 1024
EVIDENCE_MAX_CLAIM_BYTES = 50 * 1024 * 1024
EVIDENCE_MAX_CUSTOMER_BYTES = 5 * 1024**3
CLAMD_SOCKET = env.str("CLAMD_SOCKET", "")  # a path, or host:port; without it documents are not scanned, and say so
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing may use it
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(EVIDENCE_ROOT), "base_url": None},
    },
}
FILE_UPLOAD_HANDLERS = [
    "config.uploads.RefuseGiants",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
UPLOAD_MAX_REQUEST_BYTES = EVIDENCE_MAX_CLAIM_BYTES + 1024 * 1024  # a whole claim's files, and the form around
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Letters
vars().update({name: value for name, value in env.email_url("EMAIL_URL").items() if value is not None})
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", SUPPORT_EMAIL)
BOUNCES_ADDRESS = env.str("BOUNCES_ADDRESS", "")  # the envelope's sender, with the letter's number put into it
BOUNCES_URL = env.str("BOUNCES_URL", "")
MAIL_EVENTS_PROVIDER, MAIL_EVENTS_SECRET = env.str("MAIL_EVENTS_PROVIDER", ""), env.str("MAIL_EVENTS_SECRET", "")
if MAIL_EVENTS_PROVIDER not in ("", "mailgun", "postmark", "sendgrid"):
    raise ImproperlyConfigured("MAIL_EVENTS_PROVIDER is mailgun, postmark or sendgrid.")
if MAIL_EVENTS_PROVIDER and not MAIL_EVENTS_SECRET:
    raise ImproperlyConfigured(
        "MAIL_EVENTS_PROVIDER is set without MAIL_EVENTS_SECRET: anybody could say that a letter came back."
    )
LETTERS_A_MINUTE = env.int("LETTERS_A_MINUTE", 0)  # all senders together; 0: as fast as the server takes them
MAIL_DOMAIN = urlsplit(SITE_URL).hostname or "localhost"

# --- Celery only says "look now": what is due stands in the database. Soft limit < hard limit < visibility timeout,
# else a second run starts beside the first. The timetable is in config/celery.py.
CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 25,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "global_keyprefix": "makegood:",
}
CELERY_TASK_PUBLISH_RETRY = False
if WEB_PROCESS:  # a nudge that Redis does not take at once is dropped: the next ring of the clock comes anyway
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000  # only together with close_old_connections in config/celery.py

# --- Who may read /metrics: whoever brings this token. Without one there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- Where the clock asks at each turn whether the pages answer (our own /healthz); empty: it does not
PAGES_WATCHED_AT = env.str("PAGES_WATCHED_AT", "")

# --- One line of JSON per event, to stderr
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOG_STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    logs.hide_keys,  # after the traceback: that may quote an address too
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
            "foreign_pre_chain": [structlog.stdlib.ExtraAdder(allow=["status_code", "why"]), *LOG_STEPS],
        }
    },
    "filters": {"refusals": {"()": logs.RefusalsWithoutTrace}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.request": {"filters": ["refusals"]},
    },
}
structlog.configure(
    processors=[*LOG_STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
