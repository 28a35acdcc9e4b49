"""Register the room with Django."""

from django.apps import AppConfig


class MandatesConfig(AppConfig):
    """Name the room for Django; wiring of jobs and subscribers is done by `site`."""

    name = "samspill.mandates"
    label = "mandates"
    default_auto_field = "django.db.models.BigAutoField"
