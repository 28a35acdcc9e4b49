"""Django's record of the room."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """People, sessions and login attempts; tables carry the prefix `identity_`."""

    name = "samspill.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the room's jobs known."""
        from samspill.identity import jobs  # noqa: F401 - registers them
