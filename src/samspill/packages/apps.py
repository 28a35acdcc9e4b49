"""Django's record of the room."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    """Service packages; the tables carry the prefix `packages_`."""

    name = "samspill.packages"
    label = "packages"
    default_auto_field = "django.db.models.BigAutoField"
