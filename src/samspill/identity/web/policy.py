"""The content policy of the one page whose form is sent to the provider (log-out)."""

from __future__ import annotations

from urllib.parse import urlsplit


def form_policy(url: str) -> str:
    """Return the site's policy with one more place that a form may go.

    >>> form_policy("https://login.example.no/logout?x=1").split("; ")[-1]
    "form-action 'self' https://login.example.no"
    """
    parts = urlsplit(url)
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        f"form-action 'self' {parts.scheme}://{parts.netloc}",
    )
    return "; ".join(rules)
