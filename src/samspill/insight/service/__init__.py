"""The door of insight: what everybody may see, made from the other rooms' doors. Nothing is written.

Register:     initiatives(Wanted), facets, initiative_story, story_figures
Places:       municipality_page
Country:      offered, national, map_of, losses_and_gains, sizes_chart, mean_chart, net_years
Over time:    equality, services_chart, days_chart, days_by_size_chart, estimate_and_actual
Open data:    open_data(name, format), described, pictures, catalogue(base_url)
Memory:       forget
"""

from samspill.insight.domain.suppression import SMALLEST
from samspill.insight.service import words
from samspill.insight.service.accuracy import Accuracy, estimate_and_actual
from samspill.insight.service.country import (
    National,
    losses_and_gains,
    map_of,
    mean_chart,
    national,
    sizes_chart,
)
from samspill.insight.service.equal import (
    Equality,
    days_by_size_chart,
    days_chart,
    equality,
    services_chart,
)
from samspill.insight.service.measures import Measure, offered
from samspill.insight.service.memory import forget
from samspill.insight.service.municipality import MunicipalityPage, gained_chart, municipality_page
from samspill.insight.service.opening import catalogue, described, open_data, pictures
from samspill.insight.service.register import Facets, Wanted, facets, initiative_story, initiatives
from samspill.insight.service.story import StoryFigures, story_figures

__all__ = [
    "SMALLEST",
    "Accuracy",
    "Equality",
    "Facets",
    "Measure",
    "MunicipalityPage",
    "National",
    "StoryFigures",
    "Wanted",
    "catalogue",
    "days_by_size_chart",
    "days_chart",
    "described",
    "equality",
    "estimate_and_actual",
    "facets",
    "forget",
    "gained_chart",
    "initiative_story",
    "initiatives",
    "losses_and_gains",
    "map_of",
    "mean_chart",
    "municipality_page",
    "national",

    "offered",
    "open_data",
    "pictures",
    "services_chart",
    "sizes_chart",
    "story_figures",
    "words",
]  # fmt: skip
