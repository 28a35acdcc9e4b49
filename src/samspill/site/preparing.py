"""Before the system opens: keys, migrations, the catalogue, demo data, and who there is to log in as."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from joserfc.jwk import RSAKey

import samspill.catalogue
from samspill.infra.encryption import keyring
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.site.cli.language import as_object, language, spoken

Say = Callable[[str], None]
_KEY_BITS = 2048


def _quiet(text: str) -> None:
    del text


def make_keys() -> None:
    """Make the key that this installation signs its client assertions with, and those of national numbers."""
    folder = Path(settings.SAMSPILL["keys"])
    if not keyring.key_file().exists():
        keyring.make_file(keyring.key_file(), prefix=keyring.LOCAL)
    private, public = folder / "client.pem", folder / "client.jwks.json"
    if private.exists() and public.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    key = RSAKey.generate_key(_KEY_BITS, auto_kid=True)
    private.touch(mode=0o600)
    private.write_bytes(key.as_pem(private=True))
    described = {**key.as_dict(private=False), "use": "sig", "alg": "RS256"}
    public.write_text(json.dumps({"keys": [described]}))


def collect_static_if_changed(*, say: Say = _quiet) -> list[str]:
    """Collect the static files when a source differs from its collected copy; return the names that did.

    Raises:
        OSError: the folder of the copies cannot be written.
    """
    changed = sorted(changed_static_files())
    if changed:
        from django.core.management import call_command

        say(spoken("Static files … (%(changed)s changed)", changed=len(changed)))
        call_command("collectstatic", verbosity=0, interactive=False)
    return changed


def changed_static_files() -> Iterator[str]:
    """Give the names of static files whose collected copy is missing or older and different."""
    from django.contrib.staticfiles.finders import get_finders

    root, seen = Path(settings.STATIC_ROOT), set()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            if name in seen:  # the first finder's file is the one that is served
                continue
            seen.add(name)
            source, copy = Path(storage.path(name)), root / name
            if not copy.exists() or (
                source.stat().st_mtime > copy.stat().st_mtime
                and source.read_bytes() != copy.read_bytes()
            ):
                yield name


def migrate(*, say: Say = _quiet) -> None:
    """Bring the tables up to date and load the reference data when something is missing."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say(spoken("Tables …"))
        call_command("migrate", verbosity=0, interactive=False)
    from samspill.municipalities import service as municipalities

    municipalities.load_reference()


def publish_catalogue(*, say: Say = _quiet) -> list[str]:
    """Publish every service of the catalogue that is not published yet; return `id version` of the new."""
    from samspill.packages import service as packages

    new = []
    for path in catalogue_paths():
        try:
            published = packages.publish(path, actor=system("publish"))
        except RefusedError as error:
            if error.refused.code != "assessment_not_approved":
                raise
            say(as_object(error.refused)["message"])  # the rest of the house starts all the same
            continue
        if published.is_new:
            what = f"{published.package_id} {published.version}"
            say(spoken("Published %(what)s", what=what))
            new.append(f"{published.package_id} {published.version}")
    return new


def catalogue_paths() -> list[Path]:
    """Return the folders of the services that come with Samspill."""
    root = Path(samspill.catalogue.__path__[0])
    return sorted(path.parent for path in root.glob("*/service.yaml"))


def sandbox_command(port: int) -> list[str]:
    """Return the command line of the stand-ins: one process, so that they share one memory."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws",
        "--log-level", "warning", "samspill.sandbox.app:application",
    ]  # fmt: skip


def load_demo_if_empty(*, say: Say = _quiet) -> None:
    """Load the demo's cases and its portfolio into a database that has none."""
    from samspill.site import demo, demo_portfolio

    demo.load_if_empty(say=say)
    demo_portfolio.load_if_empty(say=say)


def people_to_try() -> list[str]:
    """Return lines that say whom to log in as, for the terminal and the README."""
    from samspill.site import demo

    return demo.introductions(os.environ["SAMSPILL_BASE_URL"], language(os.environ))
