"""Settings, read from the environment; every name is documented in docs/guides/fr/installer.md.

Nothing is started or written here: `colloque serve`, `colloque demo` and the tests prepare the database and the keys first.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from colloque.config.environment import csv, database_from_url, flag, identity_providers, mail_from_url, secret_in

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
elif (_secret := secret_in(_secret_file)) is not None:
    SECRET_KEY = _secret
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
    # Rooms first: their pages take the place of allauth's own.
    "colloque.ledger",
    "colloque.people",
    "colloque.consultations",
    "colloque.charter",
    "colloque.learning",
    "colloque.projects",
    "colloque.patients",
    "colloque.acts",
    "colloque.gateway",
    "colloque.web",
    *(["colloque.demo"] if DEMO else []),
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
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "colloque.config.postgresql.waiting.PageLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "colloque.people.middleware.SessionMiddleware",
    "colloque.people.middleware.ViewerMiddleware",
    "colloque.people.middleware.SecondFactorMiddleware",
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
                "colloque.people.context.sign_in",
                "colloque.web.context.frame",
            ],
        },
    }
]

DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "colloque.people.allauth_adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Colloque : "
ACCOUNT_FORMS = {
    "login": "colloque.people.forms.sign_in.SignInForm",
    "change_password": "colloque.people.forms.sign_in.ChangePasswordForm",
    "set_password": "colloque.people.forms.sign_in.SetPasswordForm",
    "reset_password": "colloque.people.forms.sign_in.ForgottenPasswordForm",
    "reset_password_from_key": "colloque.people.forms.sign_in.ResetPasswordForm",
    "reauthenticate": "colloque.people.forms.sign_in.ConfirmPasswordForm",
}
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/5m/key", "reset_password": "10/m/ip,3/h/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("COLLOQUE_BEHIND_PROXY") else 0
MFA_ADAPTER = "colloque.people.allauth_adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Colloque"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_FORMS = {
    "authenticate": "colloque.people.forms.sign_in.SecondFactorForm",
    "reauthenticate": "colloque.people.forms.sign_in.SecondFactorAgainForm",
    "activate_totp": "colloque.people.forms.sign_in.ActivateApplicationForm",
    "add_webauthn": "colloque.people.forms.sign_in.AddKeyForm",
    "edit_webauthn": "colloque.people.forms.sign_in.RenameKeyForm",
}

COLLOQUE_IDENTITY_PROVIDERS = identity_providers(os.environ)
SOCIALACCOUNT_ADAPTER = "colloque.people.identity.IdentityAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [one.as_allauth() for one in COLLOQUE_IDENTITY_PROVIDERS]}}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

COLLOQUE_IDLE_MINUTES = int(os.environ.get("COLLOQUE_IDLE_MINUTES", "15"))
COLLOQUE_OWN_DEVICE_IDLE_MINUTES = int(os.environ.get("COLLOQUE_OWN_DEVICE_IDLE_MINUTES", "720"))
SESSION_COOKIE_AGE = 12 * 3600

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

DEFAULT_FROM_EMAIL = os.environ.get("COLLOQUE_MAIL_FROM", "colloque@localhost")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = (
    mail_from_url(os.environ.get("COLLOQUE_MAIL_URL", ""))
)
COLLOQUE_SENDS_MAIL = bool(EMAIL_HOST)
EMAIL_TIMEOUT = 10

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
FORMAT_MODULE_PATH = "colloque.config.formats"
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
    "filters": {"without_secrets": {"()": "colloque.config.log_lines.WithoutSecrets"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]},
    },
    "root": {"handlers": ["console"], "level": os.environ.get("COLLOQUE_LOG_LEVEL", "WARNING")},
}
