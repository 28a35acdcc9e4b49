"""What the rules of the loan are given."""

from samspill.rules import given

given("days", "count", unit="dag", low=1, nb="Dager", nn="Dagar", en="Days")
given("free_days", "count", unit="dag", low=0, nb="Gratis dager", nn="Gratis dagar", en="Free days")
given("three_wheels", "flag", unit="ja/nei", nb="Tre hjul", nn="Tre hjul", en="Three wheels")
given("low_income", "flag", unit="ja/nei", nb="Lav inntekt", nn="Låg inntekt", en="Low income")
