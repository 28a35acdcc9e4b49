"""Register the room with Django."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Name the room for Django; wiring of jobs and subscribers is done by `site`."""

    name = "samspill.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
