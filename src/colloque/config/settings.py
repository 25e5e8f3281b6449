"""Settings, read from the environment; every name is documented in docs/guides/fr/installer.md.

Nothing is started or written here: `colloque serve`, `colloque demo` and the tests prepare the database and the keys first.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from colloque.config.environment import csv, database_from_url, flag

BASE_DIR = Path(__file__).resolve().parent.parent

STATE_DIR = Path(os.environ.get("COLLOQUE_STATE_DIR", ".state")).resolve()
COLLOQUE_KEYS_DIR = Path(os.environ.get("COLLOQUE_KEYS_DIR", STATE_DIR / "keys"))
COLLOQUE_ORIGIN = os.environ.get(
    "COLLOQUE_ORIGIN", "colloque.invalid/demo"
)  # the name of the ledger in its checkpoints
COLLOQUE_PUBLIC_URL = os.environ.get("COLLOQUE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
DEMO = flag("COLLOQUE_DEMO")
DEBUG = False

_secret_file = COLLOQUE_KEYS_DIR / "django-secret.key"
if "COLLOQUE_SECRET_KEY" in os.environ:
    SECRET_KEY = os.environ["COLLOQUE_SECRET_KEY"]
elif _secret_file.is_file():
    SECRET_KEY = _secret_file.read_text(encoding="ascii").strip()
elif flag("COLLOQUE_REQUIRE_SECRET"):
    raise ImproperlyConfigured(
        "Set COLLOQUE_SECRET_KEY, or run `colloque keys create` to make the installation's keys."
    )
else:
    SECRET_KEY = os.urandom(32).hex()  # sessions end with this process: only for commands that serve nobody

ALLOWED_HOSTS = csv("COLLOQUE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = csv("COLLOQUE_TRUSTED_ORIGINS", "")
IS_HTTPS = COLLOQUE_PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "colloque.ledger",
    "colloque.people",
    "colloque.charter",
    "colloque.learning",
    "colloque.projects",
    "colloque.patients",
    "colloque.acts",
    "colloque.web",
    *(["colloque.demo"] if DEMO else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "colloque.people.middleware.ViewerMiddleware",
]

ROOT_URLCONF = "colloque.config.urls"
ASGI_APPLICATION = "colloque.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "colloque.web.context.frame",
            ],
        },
    }
]

DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "colloque.people.errors.form_expired"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("COLLOQUE_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("COLLOQUE_LOG_LEVEL", "WARNING")},
}
