"""The site's own settings with the benches' peers added to its addresses; used by the benches only."""

from samspill.site.settings import *  # noqa: F403 - the same settings, one replaced

ROOT_URLCONF = "bench.peer_urls"
