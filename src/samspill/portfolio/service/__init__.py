"""The door of the room `portfolio`."""

from samspill.portfolio.organisations import Organisation, organisation

__all__ = ["Organisation", "organisation"]
