"""The room's rows. Nothing here decides; what registers said is held for at most 24 hours."""

from samspill.mandates.models.clients import Client, Imported
from samspill.mandates.models.grants import CodeLetter, Grant, GrantText, Step
from samspill.mandates.models.notices import Notice
from samspill.mandates.models.organisations import Organisation, Role
from samspill.mandates.models.parties import Acting, Block, OrganisationUser, Party

__all__ = [
    "Acting", "Block", "Client", "CodeLetter", "Grant", "GrantText", "Imported", "Notice", "Organisation",
    "OrganisationUser", "Party", "Role", "Step",
]  # fmt: skip
