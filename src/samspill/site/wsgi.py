"""The WSGI application that granian serves."""

import os

from samspill.site import sparing

sparing.read_less()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after what is to be read later
from django.urls import reverse  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
os.environ["SAMSPILL_DATABASE_ROLE"] = "app"  # no request is let past a policy
application = get_wsgi_application()
reverse("health")  # reads all addresses now, and not while the first one waits for an answer
sparing.settle()
