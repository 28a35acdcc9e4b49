"""The catalogue entry of the open data: JSON-LD in the terms of DCAT-AP-NO (W3C DCAT 3 with the Norwegian profile).

The context stands in the document, so that nothing has to be fetched to read it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

LICENCE = "http://publications.europa.eu/resource/authority/licence/NLOD_2_0"
ACCESS = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_LANGUAGES = {
    "nb": "http://publications.europa.eu/resource/authority/language/NOB",
    "nn": "http://publications.europa.eu/resource/authority/language/NNO",
    "en": "http://publications.europa.eu/resource/authority/language/ENG",
}
_FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
FORMATS = {
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
    "svg": ("SVG", "image/svg+xml"),
}

CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@attrs.frozen(kw_only=True)
class Entry:
    """One data set in the catalogue: its name, words by language, theme, files (format → address)."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]]
    theme: str
    files: Mapping[str, str]
    frequency: str = "CONT"


@attrs.frozen(kw_only=True)
class Publisher:
    """Who publishes: name by language, and where to ask."""

    name: Mapping[str, str]
    email: str
    org_no: str = ""


def catalogue(
    *, address: str, title: Mapping[str, str], description: Mapping[str, str], publisher: Publisher,
    entries: Sequence[Entry], modified: dt.date,
) -> dict[str, Any]:  # fmt: skip
    """Return the catalogue as JSON-LD; `address` is where the data page lies, ending in a slash."""
    return {
        "@context": CONTEXT,
        "@id": f"{address}katalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:identifier": f"{address}katalog.jsonld",
        "dct:title": _said(title),
        "dct:description": _said(description),
        "dct:publisher": _agent(publisher, address),
        "dcat:contactPoint": _contact(publisher),
        "dct:language": [{"@id": one} for one in _LANGUAGES.values()],
        "dct:license": {"@id": LICENCE},
        "dct:modified": _day(modified),
        "foaf:homepage": {"@id": address},
        "dcat:dataset": [_dataset(address, one, publisher, modified) for one in entries],
    }


def _dataset(address: str, one: Entry, publisher: Publisher, modified: dt.date) -> dict[str, Any]:
    here = f"{address}#{one.name}"
    return {
        "@id": here,
        "@type": "dcat:Dataset",
        "dct:identifier": here,
        "dct:title": _said(one.title),
        "dct:description": _said(one.description),
        "dct:publisher": _agent(publisher, address),
        "dcat:contactPoint": _contact(publisher),
        "dcat:theme": [
            {"@id": f"http://publications.europa.eu/resource/authority/data-theme/{one.theme}"}
        ],
        "dcat:keyword": [
            {"@language": language, "@value": word}
            for language, words in one.keywords.items()
            for word in words
        ],
        "dct:accessRights": {"@id": ACCESS},
        "dct:accrualPeriodicity": {
            "@id": f"http://publications.europa.eu/resource/authority/frequency/{one.frequency}"
        },
        "dct:language": [{"@id": _LANGUAGES["en"]}],
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/NOR"},
        "dct:modified": _day(modified),
        "dcat:distribution": [
            _distribution(address, one, kind, where) for kind, where in one.files.items()
        ],
    }


def _distribution(address: str, one: Entry, kind: str, where: str) -> dict[str, Any]:
    file_type, media_type = FORMATS[kind]
    return {
        "@id": f"{address}#{one.name}-{kind}",
        "@type": "dcat:Distribution",
        "dct:title": _said(
            {language: f"{text} ({file_type})" for language, text in one.title.items()}
        ),
        "dct:format": {"@id": f"{_FILE_TYPE}{file_type}"},
        "dcat:mediaType": {"@id": f"{_MEDIA_TYPE}{media_type}"},
        "dct:license": {"@id": LICENCE},
        "dcat:accessURL": {"@id": where},
        "dcat:downloadURL": {"@id": where},
    }


def _contact(publisher: Publisher) -> dict[str, Any]:
    return {
        "@type": "vcard:Organization",
        "vcard:fn": _said(publisher.name),
        "vcard:hasEmail": {"@id": f"mailto:{publisher.email}"},
    }


def _agent(publisher: Publisher, address: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": f"{address}#utgiver",
        "@type": "foaf:Agent",
        "foaf:name": _said(publisher.name),
    }
    if publisher.org_no:
        found["@id"] = f"https://data.brreg.no/enhetsregisteret/api/enheter/{publisher.org_no}"
        found["dct:identifier"] = publisher.org_no
    return found


def _said(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in words.items()]


def _day(day: dt.date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day.isoformat()}
