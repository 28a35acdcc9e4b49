"""What the rules of bostøtte are given: the household, its income, its dwelling, and what is decided about it."""

from samspill.rules import given

POST = "inntektspost"
PERSON = "person"

given(
    "kommunenummer",
    "key",
    unit="kode",
    nb="Kommunenummer for boligen",
    nn="Kommunenummer for bustaden",
    en="Municipality number of the dwelling",
)
given(
    "andre_voksne",
    "count",
    unit="person",
    default=0,
    low=0,
    high=30,
    nb="Andre personer over 18 år",
    nn="Andre personar over 18 år",
    en="Other persons aged 18 or over",
)
given(
    "barn",
    "count",
    unit="person",
    default=0,
    low=0,
    high=30,
    nb="Barn under 18 år",
    nn="Barn under 18 år",
    en="Children under 18",
)
given(
    "inntekt_aordning_mnd",
    "number",
    unit="kr/md",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Inntekt i måneden fra a-ordningen",
    nn="Inntekt i månaden frå a-ordninga",
    en="Income of the month from the a-ordning",
)
given(
    "kapitalinntekt_aar",
    "numbers",
    unit="kr/år",
    default=(),
    low=-1_000_000_000,
    high=1_000_000_000,
    nb="Kapitalinntekt i året, for hver voksen",
    nn="Kapitalinntekt i året, for kvar vaksen",
    en="Capital income of the year, for each adult",
)
given(
    "naeringsinntekt_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=100_000_000,
    nb="Næringsinntekt i året",
    nn="Næringsinntekt i året",
    en="Business income of the year",
)
given(
    "utenlandsinntekt_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=100_000_000,
    nb="Utenlandsinntekt i året",
    nn="Utanlandsinntekt i året",
    en="Foreign income of the year",
)
given(
    "skattefri_leieinntekt_mnd",
    "number",
    unit="kr/md",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Skattefri leieinntekt i måneden",
    nn="Skattefri leigeinntekt i månaden",
    en="Tax-free rental income of the month",
)
given(
    "saerfradrag_2014_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=1_000_000,
    nb="Særfradrag i året for dem som var uføre før 2015",
    nn="Særfrådrag i året for dei som var uføre før 2015",
    en="Yearly deduction for persons disabled before 2015",
)
given(
    "nettoformue",
    "number",
    unit="kr",
    default=0.0,
    low=-1_000_000_000_000,
    high=1_000_000_000_000,
    nb="Husstandens nettoformue",
    nn="Nettoformuen til husstanden",
    en="Net wealth of the household",
)
given(
    "eieform",
    "choice",
    unit="kode",
    default="leie",
    options=("leie", "felleskostnader", "selveier"),
    nb="Leie, bolig med felleskostnader eller annen eid bolig",
    nn="Leige, bustad med felleskostnader eller annan eigd bustad",
    en="Rented, owned with common charges, or other owned dwelling",
)
given(
    "ligningsverdi_bolig",
    "number",
    unit="kr",
    default=0.0,
    low=0,
    high=1_000_000_000,
    nb="Formuesverdien av egen bolig",
    nn="Formuesverdien av eigen bustad",
    en="Tax value of own dwelling",
)
given(
    "husleie_mnd",
    "number",
    unit="kr/md",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Husleie i måneden",
    nn="Husleige i månaden",
    en="Rent per month",
)
given(
    "felleskostnader_mnd",
    "number",
    unit="kr/md",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Felleskostnader i måneden",
    nn="Felleskostnader i månaden",
    en="Common charges per month",
)
given(
    "laanekostnader_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=100_000_000,
    nb="Renter, avdrag og gebyrer på boliglån i året",
    nn="Renter, avdrag og gebyr på bustadlån i året",
    en="Interest, instalments and fees on the dwelling loan per year",
)
given(
    "eiendomsskatt_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Eiendomsskatt i året",
    nn="Eigedomsskatt i året",
    en="Property tax per year",
)
given(
    "festeavgift_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Festeavgift i året",
    nn="Festeavgift i året",
    en="Ground rent per year",
)
given(
    "kommunale_avgifter_aar",
    "number",
    unit="kr/år",
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Kommunale avgifter i året",
    nn="Kommunale avgifter i året",
    en="Municipal charges per year",
)
given(
    "oppvarming_inkludert",
    "flag",
    unit="ja/nei",
    default=True,
    nb="Oppvarming betales helt eller delvis gjennom husleie eller felleskostnader",
    nn="Oppvarming blir betalt heilt eller delvis gjennom husleige eller felleskostnader",
    en="Heating is wholly or partly paid through rent or common charges",
)
given(
    "pensjonist_i_husstand",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Noen i husstanden har alderspensjon, uføretrygd eller etterlattepensjon",
    nn="Nokon i husstanden har alderspensjon, uføretrygd eller etterlatnepensjon",
    en="Someone in the household has an old-age, disability or survivor's pension",
)
given(
    "tilpasset_bolig",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Kommunen har godkjent boligen som spesialtilpasset",
    nn="Kommunen har godkjent bustaden som spesialtilpassa",
    en="The municipality has approved the dwelling as specially adapted",
)
given(
    "ung_ufor",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Noen i husstanden er ung ufør eller har yrkesskade",
    nn="Nokon i husstanden er ung ufør eller har yrkesskade",
    en="Someone in the household is young disabled or has an occupational injury",
)
given(
    "enslig_alderspensjonist",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Enslig alderspensjonist i husstanden",
    nn="Einsleg alderspensjonist i husstanden",
    en="Single old-age pensioner in the household",
)

# Vilkårene, slik kommunen, registrene og Husbanken har avklart dem.
given(
    "andre_voksne_bosatt",
    "flag",
    unit="ja/nei",
    default=True,
    nb="Alle andre voksne er registrert på adressen",
    nn="Alle andre vaksne er registrerte på adressa",
    en="Every other adult is registered at the address",
)
given(
    "opplysninger_mangler",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Det mangler opplysninger",
    nn="Det manglar opplysningar",
    en="Information is missing",
)
given(
    "bosatt_soker",
    "flag",
    unit="ja/nei",
    default=True,
    nb="Søkeren er registrert på adressen den 1. i måneden",
    nn="Søkjaren er registrert på adressa den 1. i månaden",
    en="The applicant is registered at the address on the 1st",
)
given(
    "soker_doed",
    "flag",
    unit="ja/nei",
    default=False,
    nb="Søkeren er død",
    nn="Søkjaren er død",
    en="The applicant has died",
)
given(
    "bolig_godkjent",
    "flag",
    unit="ja/nei",
    default=True,
    nb="Boligen oppfyller kravene",
    nn="Bustaden oppfyller krava",
    en="The dwelling meets the demands",
)
given(
    "noen_berettiget",
    "flag",
    unit="ja/nei",
    default=True,
    nb="Husstanden oppfyller kravene til personene",
    nn="Husstanden oppfyller krava til personane",
    en="The household meets the demands on persons",
)

# En inntektspost fra a-ordningen for en person i en måned.
given(
    "post_belop_mnd",
    "number",
    unit="kr/md",
    group=POST,
    default=0.0,
    low=-10_000_000,
    high=10_000_000,
    nb="Beløpet på posten",
    nn="Beløpet på posten",
    en="Amount of the item",
)
given(
    "post_fjortendagers_ytelse",
    "flag",
    unit="ja/nei",
    group=POST,
    default=False,
    nb="Arbeidsavklaringspenger eller dagpenger etter meldekort",
    nn="Arbeidsavklaringspengar eller dagpengar etter meldekort",
    en="Work assessment allowance or unemployment benefit by fortnightly card",
)
given(
    "post_utbetalinger",
    "count",
    unit="gang",
    group=POST,
    default=1,
    low=0,
    high=10,
    nb="Antall utbetalinger i måneden",
    nn="Talet på utbetalingar i månaden",
    en="Payments in the month",
)
given(
    "post_refusjon_mnd",
    "number",
    unit="kr/md",
    group=POST,
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Del av etterbetaling som andre har fått refundert",
    nn="Del av etterbetaling som andre har fått refundert",
    en="Part of arrears that others have had refunded",
)
given(
    "post_etterbetalt_mai_mnd",
    "number",
    unit="kr/md",
    group=POST,
    default=0.0,
    low=0,
    high=10_000_000,
    nb="Etterbetaling for mai fra Nav eller kommunen, utbetalt i juni",
    nn="Etterbetaling for mai frå Nav eller kommunen, utbetalt i juni",
    en="Arrears for May from Nav or the municipality, paid in June",
)
given(
    "post_alder",
    "count",
    unit="år",
    group=POST,
    default=18,
    low=0,
    high=130,
    nb="Alderen til den som har inntekten",
    nn="Alderen til den som har inntekta",
    en="Age of the person with the income",
)
given(
    "post_hovedsoker",
    "flag",
    unit="ja/nei",
    group=POST,
    default=False,
    nb="Inntekten tilhører søkeren",
    nn="Inntekta tilhøyrer søkjaren",
    en="The income is the applicant's",
)

# En person i husstanden.
given(
    "person_alder",
    "count",
    unit="år",
    group=PERSON,
    low=0,
    high=130,
    nb="Alder",
    nn="Alder",
    en="Age",
)
given(
    "person_bosatt",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=True,
    nb="Registrert bosatt og lovlig i Norge",
    nn="Registrert busett og lovleg i Noreg",
    en="Registered and lawfully resident in Norway",
)
given(
    "person_i_tjeneste",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="I førstegangstjeneste",
    nn="I førstegongsteneste",
    en="In first-time service",
)
given(
    "person_student",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Har rett til støtte fra Lånekassen",
    nn="Har rett til støtte frå Lånekassen",
    en="Has a right to support from Lånekassen",
)
given(
    "person_unntaksytelse",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Har AAP, kvalifiseringsstønad, introduksjonsstønad, uføretrygd eller supplerende stønad til ufør flyktning",
    nn="Har AAP, kvalifiseringsstønad, introduksjonsstønad, uføretrygd eller supplerande stønad til ufør flyktning",
    en="Has one of the listed benefits that exempt a student",
)
given(
    "person_grunnskole",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Går i grunnskolen",
    nn="Går i grunnskulen",
    en="Attends primary or lower secondary school",
)
given(
    "person_alder_ved_videregaende",
    "count",
    unit="år",
    group=PERSON,
    default=0,
    low=0,
    high=130,
    nb="Alder det året videregående begynte, uten ungdomsrett (0: ikke)",
    nn="Alder det året vidaregåande byrja, utan ungdomsrett (0: ikkje)",
    en="Age in the year upper secondary began, without youth right (0: not)",
)
given(
    "person_kvalifiseringstiltak",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Opplæring i avtalt offentlig kvalifiseringstiltak",
    nn="Opplæring i avtalt offentleg kvalifiseringstiltak",
    en="Training under an agreed public qualification programme",
)
given(
    "person_barn_i_husstanden",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Det er barn i husstanden",
    nn="Det er barn i husstanden",
    en="There are children in the household",
)
given(
    "person_studerer_hos_foreldre",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Er studerende barn som bor hos foreldrene",
    nn="Er studerande barn som bur hos foreldra",
    en="Is a studying child living with parents",
)
given(
    "person_i_inntektsregulert_institusjon",
    "flag",
    unit="ja/nei",
    group=PERSON,
    default=False,
    nb="Bor i institusjon som kan kreve betaling etter inntekt",
    nn="Bur i institusjon som kan krevje betaling etter inntekt",
    en="Lives in an institution that can charge by income",
)
