"""The register of initiatives and how they are decided: relevance, involvement, priority, calendar.

It does not know what an initiative costs: `impact` and `settlement` deposit what its guards ask for.
"""
