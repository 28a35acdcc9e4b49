# ruff: noqa: D103 (the three texts of @rule are the documentation, and are shown to people)
"""What one person and one item of income mean for bostøtte: the parts that are counted before the household.

Calculated with `policy.compute(..., targets)` for the groups `inntektspost` and `person` of `inputs.py`.
"""

from samspill.rules import Values, rule

F5 = "forskrift om bustøtte § 5"
LOV3 = "bustøttelova § 3"
LOV5 = "bustøttelova § 5"


@rule(
    unit="ja/nei",
    law=F5,
    nb="Inntekten teller: søkerens alltid, andres fra aldersgrensen",
    nn="Inntekta tel: den til søkjaren alltid, den til andre frå aldersgrensa",
    en="The income counts: the applicant's always, others' from the age limit",
)
def post_teller(post_alder: int, post_hovedsoker: bool, aldersgrenser: Values) -> bool:
    return post_hovedsoker or post_alder >= aldersgrenser.ungdom


@rule(
    name="post_fratrekk_mnd",
    end="2023-05",
    unit="kr/md",
    law=F5,
    nb="Fratrekk i posten: det andre har fått refundert",
    nn="Fråtrekk i posten: det andre har fått refundert",
    en="Deduction from the item: what others have had refunded",
)
def fratrekk_refusjon(post_refusjon_mnd: float) -> float:
    return post_refusjon_mnd


@rule(
    name="post_fratrekk_mnd",
    start="2023-06",
    unit="kr/md",
    law=F5,
    nb="Fratrekk i posten: det andre har fått refundert, og etterbetaling for mai utbetalt i juni",
    nn="Fråtrekk i posten: det andre har fått refundert, og etterbetaling for mai utbetalt i juni",
    en="Deduction from the item: what others have had refunded, and arrears for May paid in June",
)
def fratrekk_refusjon_og_mai(post_refusjon_mnd: float, post_etterbetalt_mai_mnd: float) -> float:
    return post_refusjon_mnd + post_etterbetalt_mai_mnd


@rule(
    name="post_tellende_mnd",
    end="2024-12",
    unit="kr/md",
    law=F5,
    nb="Inntekt som teller av posten: beløpet etter fratrekk",
    nn="Inntekt som tel av posten: beløpet etter fråtrekk",
    en="Income counted of the item: the amount after deduction",
)
def hele_posten(post_teller: bool, post_belop_mnd: float, post_fratrekk_mnd: float) -> float:
    if post_teller:
        return post_belop_mnd - post_fratrekk_mnd
    return 0.0


@rule(
    name="post_tellende_mnd",
    start="2025-01",
    unit="kr/md",
    law=F5,
    nb="Inntekt som teller av posten: beløpet etter fratrekk; to tredeler ved tre fjortendagers utbetalinger",
    nn="Inntekt som tel av posten: beløpet etter fråtrekk; to tredelar ved tre fjortendagars utbetalingar",
    en="Income counted of the item: the amount after deduction; two thirds of three fortnightly payments",
)
def posten_med_to_tredeler(
    post_teller: bool,
    post_belop_mnd: float,
    post_fratrekk_mnd: float,
    post_fjortendagers_ytelse: bool,
    post_utbetalinger: int,
    fjortendagers: Values,
) -> float:
    if not post_teller:
        return 0.0
    belop = post_belop_mnd - post_fratrekk_mnd
    if post_fjortendagers_ytelse and post_utbetalinger >= fjortendagers.utbetalinger:
        return belop * fjortendagers.teller / fjortendagers.nevner
    return belop


@rule(
    unit="ja/nei",
    law=LOV5,
    nb="Student uten unntak: har rett til støtte fra Lånekassen og faller ikke inn under et unntak",
    nn="Student utan unntak: har rett til støtte frå Lånekassen og fell ikkje inn under eit unntak",
    en="Student without exception: has a right to Lånekassen support and no exception applies",
)
def person_student_uten_unntak(
    person_student: bool,
    person_barn_i_husstanden: bool,
    person_studerer_hos_foreldre: bool,
    person_unntaksytelse: bool,
    person_grunnskole: bool,
    person_kvalifiseringstiltak: bool,
    person_alder_ved_videregaende: int,
    aldersgrenser: Values,
) -> bool:
    hjemme = person_barn_i_husstanden or person_studerer_hos_foreldre
    opplaering = (
        person_grunnskole
        or person_kvalifiseringstiltak
        or person_alder_ved_videregaende >= aldersgrenser.voksen_elev
    )
    return person_student and not (hjemme or person_unntaksytelse or opplaering)


@rule(
    unit="ja/nei",
    law=LOV5,
    nb="Personen hindrer bostøtte: er i førstegangstjeneste eller student uten unntak",
    nn="Personen hindrar bustøtte: er i førstegongsteneste eller student utan unntak",
    en="The person bars support: is in first-time service or a student without exception",
)
def person_hindrer(person_i_tjeneste: bool, person_student_uten_unntak: bool) -> bool:
    return person_i_tjeneste or person_student_uten_unntak


@rule(
    unit="ja/nei",
    law=LOV3,
    nb="Personen kan søke: bosatt, myndig eller med barn i boligen, og ikke i institusjon med inntektsbetaling",
    nn="Personen kan søkje: busett, myndig eller med barn i bustaden, og ikkje i institusjon med inntektsbetaling",
    en="The person can apply: resident, of age or with own children, and not in an income-charging institution",
)
def person_kan_soke(
    person_bosatt: bool,
    person_alder: int,
    person_barn_i_husstanden: bool,
    person_i_inntektsregulert_institusjon: bool,
    aldersgrenser: Values,
) -> bool:
    gammel_nok = person_alder >= aldersgrenser.myndig or person_barn_i_husstanden
    return person_bosatt and gammel_nok and not person_i_inntektsregulert_institusjon
