"""Runs the command: `python -m samspill.site.cli`."""

import sys

from samspill.site.cli import main

sys.exit(main())
