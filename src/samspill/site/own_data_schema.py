"""The shape of what an access request gives, as a JSON Schema that anybody may fetch.

Keys and codes of `samspill-own-data/1` never change; a section that comes later is a new key. The kinds of sections are
read from the rooms' doors, so that the schema knows each one that is.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from samspill.infra import own_data
from samspill.site.own_data import FORMAT, SCHEMA

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}


def address() -> str:
    """Return where the schema lies, which is also its name."""
    return f"{settings.BASE_URL}/{SCHEMA}"


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(),
        "title": "Everything that is stored about a person in Samspill",
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "schema", "made_at", "language", "address_hidden", "services", "sections"],
        "properties": {
            "format": {"const": FORMAT},
            "schema": {"type": "string", "format": "uri"},
            "made_at": {"type": "string", "format": "date-time"},
            "language": {"enum": ["nb", "nn", "en"]},
            "address_hidden": {
                "type": "boolean",
                "description": "Places are left out, because the address is protected.",
            },
            "services": {"type": "array", "items": _service()},
            "sections": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]+[.][a-z_]+$"},
                "properties": {key: {"$ref": "#/$defs/section"} for key in kinds()},
                "additionalProperties": {"$ref": "#/$defs/section"},
            },
        },
        "$defs": {"section": _section()},
    }  # fmt: skip


def kinds() -> list[str]:
    """Return the keys of the sections that the rooms' tables are given in."""
    return sorted({key for door in own_data.doors() for key in door.tables.values()})


def _section() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "about", "note", "records"],
        "properties": {
            "title": {"type": "string", "minLength": 1},
            "about": {
                "enum": ["me", "others"],
                "description": "`others`: theirs, and yet the person's to be told of by law; the note says which.",
            },
            "note": _TEXT,
            "records": {"type": "array", "items": {"type": "object", "minProperties": 1}},
        },
    }


def _service() -> dict[str, Any]:
    """Return the shape of a service's record of processing (GDPR article 30)."""
    rows = {"type": "array", "items": {"type": "object", "minProperties": 1}}
    named = {
        "package": _TEXT,
        "version": _TEXT,
        "title": _TEXT,
        "purpose": _TEXT,
        "processing_basis": _TEXT,
        "controllers": _TEXTS,
        "items": rows,
        "sources": rows,
        "recipients": rows,
        "retention": {"type": "object", "additionalProperties": _TEXT},
    }
    return {"type": "object", "required": sorted(named), "properties": named}
