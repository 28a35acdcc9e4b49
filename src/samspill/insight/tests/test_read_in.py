"""What is kept for readers of any language is read in one's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from samspill.insight.service import consequence
from samspill.kernel.wording import Said


@pytest.mark.parametrize(
    ("language", "title"), [("nb", "Bostøtte"), ("en", "Housing allowance"), ("nn", "Bostøtte")]
)
def test_a_load_that_another_has_asked_for_names_initiatives_in_the_reader_s_language(
    language: str, title: str
):
    kept: Any = SimpleNamespace(
        titles={"1": Said({"nb": "Bostøtte", "en": "Housing allowance"}, "en")}
    )
    with translation.override(language):
        assert consequence._title(kept, "1") == title
        assert consequence._title(kept, "2") == "2"
