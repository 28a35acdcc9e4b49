"""Django's record of the room."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Name the room for Django; jobs and clients are wired by `site`."""

    name = "samspill.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"
