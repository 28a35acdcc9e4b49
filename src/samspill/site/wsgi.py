"""The WSGI application that granian serves."""

import os

from samspill.kernel.later import read_later

read_later("numpy", "scipy")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after what is to be read later

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
os.environ["SAMSPILL_DATABASE_ROLE"] = "app"  # no request is let past a policy
application = get_wsgi_application()
