"""Django's record of the site, and the one place where rooms are wired to each other."""

from django.apps import AppConfig

ROOMS = (
    "municipalities", "identity", "registers", "mandates", "packages", "cases",
    "portfolio", "impact", "settlement", "insight",
)  # fmt: skip
"""The rooms from the ground up."""


class SiteConfig(AppConfig):
    """The composition root."""

    name = "samspill.site"
    label = "site"

    def ready(self) -> None:
        """Wire the listeners of events."""
        from samspill.site import wiring

        wiring.connect()
