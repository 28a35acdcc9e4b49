"""Register the room with Django."""

from django.apps import AppConfig


class ImpactConfig(AppConfig):
    """Name the room for Django; wiring of jobs and subscribers is done by `site`."""

    name = "samspill.impact"
    label = "impact"
    default_auto_field = "django.db.models.BigAutoField"
