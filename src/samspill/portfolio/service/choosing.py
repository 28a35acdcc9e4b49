"""What the command, the pages and the API choose with: one function, the domain's own."""

from samspill.portfolio.domain.optimise import optimise_json

__all__ = ["optimise_json"]
