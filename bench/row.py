"""One measured line of bench/RESULTS.md: ours, a peer and a limit from one interleaved run."""

import attrs


@attrs.frozen(kw_only=True)
class Row:
    """What was measured, the ratio that counts, its target, and whether it is met.

    `ours`, `peer` and `limit` are texts with units; `ratio` is the number compared with the target;
    `spread` tells how far the repeated measurements lie apart.
    """

    name: str
    ours: str
    peer: str
    limit: str
    ratio: float
    target: str
    met: bool
    spread: str

    def __str__(self) -> str:
        verdict = "met" if self.met else "NOT MET"
        return (
            f"{self.name}: ours {self.ours} · peer {self.peer} · limit {self.limit} · "
            f"ratio {self.ratio:.3g} (target {self.target}: {verdict}) · {self.spread}"
        )
