"""Django's settings, read from the environment once. What is not set has a value fit for a laptop.

Production (`SAMSPILL_ENV=production`) refuses to start on anything unsafe: see `site.production`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from samspill.infra.settings_reader import (
    components,
    database_of,
    one_of,
    web_address,
    whole_number,
    with_secrets,
)

_SAID = with_secrets(os.environ)
ENVIRONMENT = one_of(os.environ, "SAMSPILL_ENV", ("local", "production"))
PRODUCTION = ENVIRONMENT == "production"
ROOT = Path(__file__).resolve().parent
DATA_DIR = Path(os.environ.get("SAMSPILL_DATA", ".data")).resolve()

DEBUG = False
SECRET_KEY = _SAID.get("SAMSPILL_SECRET_KEY") or ("" if PRODUCTION else secrets.token_urlsafe(50))
ALLOWED_HOSTS = os.environ.get("SAMSPILL_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
BASE_URL = web_address(os.environ, "SAMSPILL_BASE_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

_ROOMS = [
    "municipalities", "identity", "registers", "mandates", "packages", "cases",
    "portfolio", "impact", "settlement", "insight", "site",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "samspill.infra",
    *(f"samspill.{room}" for room in _ROOMS if (ROOT.parent / room / "apps.py").exists()),
]

MIDDLEWARE = [
    "samspill.site.middleware.RequestIdMiddleware",
    "samspill.site.middleware.SecurityHeadersMiddleware",
    "samspill.site.middleware.StaticFilesMiddleware",
    "samspill.site.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "samspill.identity.middleware.ActorMiddleware",
    "samspill.site.limiting.LimitMiddleware",
    "samspill.mandates.web.acting.ActingMiddleware",
    "samspill.site.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "samspill.site.urls"
WSGI_APPLICATION = "samspill.site.wsgi.application"
APPEND_SLASH = True

#: Our `static` takes the place of Django's on purpose: it looks a file's name up once.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "samspill.site.context.site",
            ],
            "builtins": ["samspill.site.templatetags.samspill"],
            "libraries": {
                "i18n": "samspill.site.templatetags.kept_i18n",
                "static": "samspill.site.templatetags.kept_static",
            },
        },
    },
]

DATABASES = {"default": database_of(_SAID)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "sprak"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = Path(os.environ.get("SAMSPILL_STATIC", ROOT / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
CSRF_FAILURE_VIEW = "samspill.site.pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOG_LEVEL = one_of(os.environ, "SAMSPILL_LOG", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "samspill.infra.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "urllib3": {"level": "WARNING"},  # its DEBUG lines hold addresses that registers choose
        "procrastinate": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}

SAMSPILL = {
    "environment": ENVIRONMENT,
    "base_url": BASE_URL,
    "allow_synthetic": not PRODUCTION,
    "allow_real": PRODUCTION,
    "files": Path(os.environ.get("SAMSPILL_FILES", DATA_DIR / "files")),
    "keys": Path(os.environ.get("SAMSPILL_KEYS", DATA_DIR / "keys")),
    "log_origin": os.environ.get("SAMSPILL_LOG_ORIGIN") or f"{urlsplit(BASE_URL).netloc}/log",
    "log_witnesses": os.environ.get("SAMSPILL_LOG_WITNESSES", "").split(),
    "log_watch": os.environ.get("SAMSPILL_LOG_WATCH", "").split(),
    "clamd": os.environ.get("SAMSPILL_CLAMD", ""),
    "unscanned": os.environ.get("SAMSPILL_FILES_UNSCANNED", "").strip(),
    "limits": os.environ.get("SAMSPILL_LIMITS", ""),
    "left_alone_s": whole_number(os.environ, "SAMSPILL_LEFT_ALONE", 15),
    "proxies": whole_number(os.environ, "SAMSPILL_PROXIES", 0),
    **components(_SAID),
}
