"""The door to consequences.

Calculating   npv_json, distribution_json, learn_json, simulate_json (the commands; no database)
Describing    lines_of, save_lines, answers, open_questions, answer_checklist
Assessing     simulate, assess, consult, take_position, freeze, assessments, figures, baseline, incomplete
Municipality  facts, correct_driver, set_capacity, history, current, for_municipality, change_load
Country       country, losers, tornado
Learning      asked, report_actual, actuals_of, posterior, calibration, forecasters
Assumptions   assumption_sets, newest_assumptions
"""

from samspill.impact.service.actuals import (
    Asked,
    Calibration,
    Learnt,
    actuals_of,
    asked,
    calibration,
    forecasters,
    posterior,
    report_actual,
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
from samspill.impact.service.outlook import (
    ChangeLoad,
    OwnFigure,
    change_load,
    country,
    for_municipality,
    losers,
    tornado,
)
from samspill.impact.service.sets import assumption_sets
from samspill.impact.service.sets import newest as newest_assumptions

__all__ = [
    "Answer", "Asked", "AssessmentView", "Calibration", "ChangeLoad", "Given", "Learnt", "Lines", "OwnFigure",
    "actuals_of", "answer_checklist", "answers", "asked", "assess", "assessments", "assumption_sets", "baseline",
    "calibration", "change_load", "consult", "correct_driver", "country", "current", "distribution_json", "facts",
    "figures", "for_municipality", "forecasters", "freeze", "history", "incomplete", "learn_json", "lines_of", "losers",
    "newest_assumptions", "npv_json", "open_questions", "posterior", "report_actual", "save_lines", "set_capacity",
    "simulate", "simulate_json", "take_position", "tornado",
]  # fmt: skip
