"""The door to settlement: share, price, agree, plan and measure gains, settle.

share_json, tariff_json      the commands and the pages compute with these
"""

from __future__ import annotations

from samspill.settlement.domain.share import share_json
from samspill.settlement.domain.tariff import tariff_json

__all__ = ["share_json", "tariff_json"]
