"""Every setting of casemgmt, read from the environment or a `.env` file beside manage.py."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# Without a key of its own the process signs with one that dies with it; wsgi.py refuses to serve production that way.
SECRET_KEY_IS_SET = bool(env("SECRET_KEY", default=""))
SECRET_KEY = env("SECRET_KEY", default="") or get_random_secret_key()
# Keys for single fields that are stored encrypted (core/crypt.py), newest first; whoever loses them loses those fields.
FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [SECRET_KEY]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "casemgmt.core",
    "casemgmt.agencies",
    "casemgmt.resources",
    "clients",
    "assessments",
    "serviceplans",
    "mentoring",
    "casemgmt.workspace",
    "casemgmt.reports",
    "casemgmt.interchange",
    "casemgmt.demo",
    "crispy_forms",
    "crispy_bootstrap5",
    "simple_history",
    "django_htmx",
    "allauth",
    "allauth.account",
    "casemgmt.agencies.adminsite.AgencyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "casemgmt.core.middleware.SafeHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "casemgmt.agencies.middleware.IdleSession",
    "casemgmt.agencies.middleware.House",
    "clients.middleware.AccessTrail",
]

ROOT_URLCONF = "casemgmt.urls"
WSGI_APPLICATION = "casemgmt.wsgi.application"

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
                "csp.context_processors.nonce",
                "casemgmt.workspace.navigation.nav",
                "casemgmt.workspace.day.out.out",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------------------------
# SQLite is for trying out and one small office; PostgreSQL 15+ adds the second wall and the history guard (core/db.py).
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False  # agencies.middleware.House opens the transaction
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    _database["TEST"] = {"NAME": env("TEST_SQLITE", default=None)}
else:
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    _database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True
ALLOW_SQLITE = env.bool("ALLOW_SQLITE", default=False)
# The role every request and command works under on PostgreSQL: it cannot bypass row-level security.
DATABASE_APP_ROLE = env("DATABASE_APP_ROLE", default="casemgmt_app")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People and sign-in -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agencies.User"
# The person whom the history of every record names (core/models.py), as AUTH_USER_MODEL names the login.
AUDIT_PERSON_MODEL = "agencies.StaffMember"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "casemgmt.agencies.adapter.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
EMERGENCY_ACCESS_MINUTES = env.int("EMERGENCY_ACCESS_MINUTES", default=60)
OPERATOR_ENTRY_MINUTES = env.int("OPERATOR_ENTRY_MINUTES", default=60)
ALERT_REVIEW_DAYS = env.int("ALERT_REVIEW_DAYS", default=90)
BENEFIT_NOTICE_DAYS = env.int("BENEFIT_NOTICE_DAYS", default=30)
# A service of the directory that nobody has verified for so many days is marked.
RESOURCE_VERIFY_DAYS = env.int("RESOURCE_VERIFY_DAYS", default=180)
# An authorization is to be renewed when so much of it is used, or so many days before it ends (PR-21).
AUTHORIZATION_WARN_PERCENT = env.int("AUTHORIZATION_WARN_PERCENT", default=80)
AUTHORIZATION_WARN_DAYS = env.int("AUTHORIZATION_WARN_DAYS", default=30)
# What a full-time day holds where no supervisor certified it: no more units than that (PR-14).
WORKDAY_MINUTES = env.int("WORKDAY_MINUTES", default=480)
# A device that was handed over for a questionnaire forgets it after so long.
HAND_OVER_MINUTES = env.int("HAND_OVER_MINUTES", default=60)
# An answer that must be acted upon stands in the banner; after so many days somebody looks at it again.
CONCERN_REVIEW_DAYS = env.int("CONCERN_REVIEW_DAYS", default=7)
# What a device keeps for work without a network dies so many days after its person's last sign-in.
DEVICE_DAYS = env.int("DEVICE_DAYS", default=7)
# A consent that runs out within so many days is on the work list of who serves the person.
CONSENT_NOTICE_DAYS = env.int("CONSENT_NOTICE_DAYS", default=30)
# A colleague's own licence that runs out within so many days is on their work list.
CREDENTIAL_NOTICE_DAYS = env.int("CREDENTIAL_NOTICE_DAYS", default=60)
# Within so many days a plan that was begun or handed over for signing should be signed.
PLAN_SIGN_DAYS = env.int("PLAN_SIGN_DAYS", default=14)
# What is put off rests so many days at most; per kind as kind=days, such as benefit=30;note=3 (workspace/day/kinds.py).
SNOOZE_DAYS = env.int("SNOOZE_DAYS", default=14)
SNOOZE_DAYS_OF = env.dict("SNOOZE_DAYS_OF", cast={"value": int}, default={"note": 3})
# Where a tap on an address leads, with the address at the end; empty: nowhere. The page itself never asks a map.
MAP_SEARCH = env("MAP_SEARCH", default="https://www.openstreetmap.org/search?query=")
# So many minutes after marking it, who marked a crisis may take it back with one tap.
CRISIS_UNDO_MINUTES = env.int("CRISIS_UNDO_MINUTES", default=15)
# So many years back a person gets an account of what was shared (45 CFR 164.528: six).
DISCLOSURE_YEARS = env.int("DISCLOSURE_YEARS", default=6)
# Groups smaller than this are not shown in reports.
REPORT_SMALL_GROUP = env.int("REPORT_SMALL_GROUP", default=5)

# allauth's rate limits count in the cache: it must be shared by all workers, and both databases can hold it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

# --- What the browser is told -------------------------------------------------------------------------------------
_https = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = _https and env.bool("SECURE_SSL_REDIRECT", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Words, dates, files ------------------------------------------------------------------------------------------
LANGUAGE_CODE = env("LANGUAGE_CODE", default="en-us")
LANGUAGES = [("en-us", _("English"))]
LOCALE_PATHS = [BASE_DIR / "casemgmt" / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = "casemgmt.core.formats"
TIME_ZONE = env("TIME_ZONE", default="America/New_York")
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "casemgmt.core.staticfiles.HashedModules"
    },
}
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Mail and logs: neither ever holds a client's data ---------------------------------------------------------------
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Where the links in an e-mail of a job lead: the address under which people sign in.
SITE_URL = env("SITE_URL", default=f"https://{ALLOWED_HOSTS[0] if ALLOWED_HOSTS else 'localhost'}").rstrip(
    "/"
)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="casemgmt@localhost")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Refusals are kept in the access log and the sign-in events; here only what is broken.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.csrf": {"level": "ERROR"}},
}

# The largest file that a form takes, and the largest of them that becomes a document of a record.
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=10)
DOCUMENT_MAX_MB = env.int("DOCUMENT_MAX_MB", default=UPLOAD_MAX_MB)
FILE_UPLOAD_HANDLERS = [
    "casemgmt.core.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A safety plan is looked at again after so many days, unless the plan says otherwise.
SAFETY_PLAN_REVIEW_DAYS = env.int("SAFETY_PLAN_REVIEW_DAYS", default=90)

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
