"""The door to consequences.

Calculating   npv_json, distribution_json, learn_json, simulate_json (the commands; no database)
Describing    lines_of, save_lines, answers, open_questions, answer_checklist
Assessing     simulate, assess, consult, take_position, freeze, assessments, figures, baseline, incomplete
Municipality  facts, correct_driver, set_capacity, history, current, for_municipality, change_load
Country       country, country_by_year, loads_by_year, years_assessed, losers, tornado
Learning      asked, report_actual, report_measured, measured_of, actuals_of, forecast_lines, posterior, calibration,
              calibrations, calibration_point, forecasters
Assumptions   assumption_sets, newest_assumptions, contributions (the municipalities' zones of employer's contribution)
"""

from samspill.impact.domain.calibration import Point
from samspill.impact.domain.calibration import point as calibration_point
from samspill.impact.service.actuals import (
    Asked,
    Measured,
    actuals_of,
    asked,
    forecast_lines,
    measured_of,
    report_actual,
    report_measured,
)
from samspill.impact.service.assessing import (
    AssessmentView,
    assess,
    assessments,
    baseline,
    consult,
    figures,
    freeze,
    incomplete,
    simulate,
    take_position,
)
from samspill.impact.service.describing import (
    Answer,
    Lines,
    answer_checklist,
    answers,
    lines_of,
    open_questions,
    save_lines,
)
from samspill.impact.service.drivers import (
    Given,
    correct_driver,
    current,
    facts,
    history,
    set_capacity,
)
from samspill.impact.service.figuring import (
    distribution_json,
    learn_json,
    npv_json,
    simulate_json,
)
from samspill.impact.service.learning import (
    Calibration,
    Learnt,
    calibration,
    calibrations,
    forecasters,
    posterior,
)
from samspill.impact.service.outlook import (
    ChangeLoad,
    OwnFigure,
    change_load,
    country,
    country_by_year,
    for_municipality,
    loads_by_year,
    losers,
    tornado,
    years_assessed,
)
from samspill.impact.service.sets import assumption_sets
from samspill.impact.service.sets import newest as newest_assumptions
from samspill.impact.service.zones import Contribution, Contributions, contributions

__all__ = [
    "Answer", "Asked", "AssessmentView", "Calibration", "ChangeLoad", "Contribution", "Contributions",
    "Given", "Learnt", "Lines", "Measured",
    "OwnFigure", "Point", "actuals_of", "answer_checklist", "answers", "asked", "assess", "assessments",
    "assumption_sets", "baseline", "calibration", "calibration_point", "calibrations", "change_load", "consult",
    "contributions",
    "correct_driver", "country", "country_by_year", "current", "distribution_json", "facts", "figures",
    "for_municipality", "forecast_lines", "forecasters", "freeze", "history", "incomplete", "learn_json", "lines_of",
    "loads_by_year", "losers", "measured_of", "newest_assumptions", "npv_json", "open_questions",
    "posterior", "report_actual", "report_measured", "save_lines", "set_capacity", "simulate", "simulate_json",
    "take_position", "tornado", "years_assessed",
]  # fmt: skip
