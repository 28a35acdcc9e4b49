"""Django's record of the ground."""

from django.apps import AppConfig


class InfraConfig(AppConfig):
    """The ground; its tables carry the prefix `infra_`."""

    name = "samspill.infra"
    label = "infra"
    default_auto_field = "django.db.models.BigAutoField"
