"""Django's record of the room, and the loading of the reference data after each migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MunicipalitiesConfig(AppConfig):
    """Name the room; after `migrate` the reference data are brought up to the files."""

    name = "samspill.municipalities"
    label = "municipalities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the reference data at the end of every `migrate`, also after a test's flush."""
        post_migrate.connect(_load, sender=self, dispatch_uid="municipalities.load_reference")


def _load(**_: Any) -> None:
    from samspill.municipalities.service import load_reference

    load_reference()
