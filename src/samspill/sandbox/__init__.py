"""Stand-ins for the national components, over HTTP. See docs/rooms/sandbox.md.

For demonstration and tests only: a production start refuses addresses that lead here (`MARKER_PATHS`).
This room does not import any other room, and keeps nothing.
"""

# An address whose path begins with one of these, or a host that answers "sandbox": true at HEALTH_PATH, is a sandbox.
MARKER_PATHS = (
    "/_sandbox",
    "/idporten",
    "/ansattporten",
    "/maskinporten",
    "/folkeregisteret",
    "/skatteetaten",
    "/krr",
    "/nav",
    "/lanekassen",
    "/matrikkelen",
    "/husbanken",
    "/enhetsregisteret",
    "/fullmakt",
    "/doedsbo",
    "/altinn",
)
HEALTH_PATH = "/_sandbox/health"
