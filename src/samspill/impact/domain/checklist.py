"""The introduction-cost checklist: what an introduction always costs, asked in full (governance, section 3).

A question is answered by a line (its key begins with the question's), by "none" with a reason, or stands open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs

ONCE, YEARLY = "once", "yearly"


@attrs.frozen
class Question:
    """One question: key, English text, whether it comes once or every year, and what a line for it looks like."""

    key: str
    text: str
    when: str
    category: str
    role: str = ""


QUESTIONS: tuple[Question, ...] = (
    Question("project_lead", "Hours of project leadership", ONCE, "hours_used", "project_lead"),
    Question("training", "Hours of training × number of staff", ONCE, "hours_used", "staff"),
    Question("adapter", "The vendor’s upgrade or adapter", ONCE, "one_off_cost"),
    Question("integration_test", "Test of integration", ONCE, "hours_used", "it"),
    Question("data_cleaning", "Cleaning of data", ONCE, "hours_used", "caseworker"),
    Question("double_running", "Double running", ONCE, "hours_used", "caseworker"),
    Question("citizen_information", "Information to citizens", ONCE, "one_off_cost"),
    Question("process_change", "Change of work processes", ONCE, "hours_used", "leader"),
    Question("security_privacy", "Security and privacy: DPIA, risk analysis, agreements", ONCE, "hours_used", "it"),
    Question("archive", "Archive", ONCE, "hours_used", "it"),
    Question("licence", "Licence or tariff", YEARLY, "yearly_cost"),
    Question("administration", "Administration", YEARLY, "hours_used", "it"),
    Question("support", "Support", YEARLY, "hours_used", "it"),
    Question("follow_up", "Follow-up", YEARLY, "hours_used", "leader"),
)  # fmt: skip
KEYS = frozenset(question.key for question in QUESTIONS)


def unanswered(answers: Mapping[str, str], lines: Collection[str]) -> list[str]:
    """Return the keys of questions without a line, and without a reason why there is no cost.

    answers: answer by question. lines: keys of the initiative's lines.
    """
    return [
        question.key
        for question in QUESTIONS
        if answers.get(question.key) != "none" and not has_line(question.key, lines)
    ]


def has_line(question: str, lines: Collection[str]) -> bool:
    """Tell whether a line answers a question.

    >>> has_line("training", ["training-staff", "licence"])
    True
    """
    return any(key == question or key.startswith(f"{question}-") for key in lines)
