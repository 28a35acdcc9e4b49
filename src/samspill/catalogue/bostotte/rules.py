# ruff: noqa: D103 (the three texts of @rule are the documentation, and are shown to people)
"""The calculation of bostøtte, term by term: bustøttelova and forskrift om bustøtte §§ 1-13.

Read by the rule engine as text (it is never run): argument names are the graph, numbers stand in
`parameters.yaml`, what is given stands in `inputs.py`. Where the text of the law changes, there are two dated rules.
"""

from math import floor

from samspill.rules import Rounding, Values, rule, rulebook

LOV2_5 = "bustøttelova §§ 2-5"
LOV3_6 = "bustøttelova §§ 2-6"
LOV_F13 = "bustøttelova §§ 2-6 og forskrift om bustøtte § 13"
F1 = "forskrift om bustøtte § 1"
F2 = "forskrift om bustøtte § 2"
F3 = "forskrift om bustøtte § 3"
F4 = "forskrift om bustøtte § 4"
F5 = "forskrift om bustøtte § 5"
F6 = "forskrift om bustøtte § 6"
F7 = "forskrift om bustøtte § 7"
F5_8 = "forskrift om bustøtte §§ 5 og 8"
F10 = "forskrift om bustøtte § 10"
F13 = "forskrift om bustøtte § 13"

rulebook(
    version="1.0.0",
    start="2021-06",
    end="2027-05",
    before={
        "nb": "Satsene for terminer før juni 2021 er ikke kjent med sikkerhet.",
        "nn": "Satsane for terminar før juni 2021 er ikkje kjende med visse.",
        "en": "The rates for terms before June 2021 are not known.",
    },
    after={
        "nb": "Satsene fra juni 2027 er ikke fastsatt ennå.",
        "nn": "Satsane frå juni 2027 er ikkje fastsette enno.",
        "en": "The rates from June 2027 are not set yet.",
    },
    remedy={
        "nb": "Bruk en termin fra 2021-06 til 2027-05.",
        "nn": "Bruk ein termin frå 2021-06 til 2027-05.",
        "en": "Use a term from 2021-06 to 2027-05.",
    },
)

# --- Husstanden ---------------------------------------------------------------------------------


@rule(
    unit="person",
    law=F10,
    nb="Personer i husstanden: søkeren, andre voksne og barn",
    nn="Personar i husstanden: søkjaren, andre vaksne og barn",
    en="Persons in the household: the applicant, other adults and children",
)
def antall_personer(andre_voksne: int, barn: int) -> int:
    return 1 + andre_voksne + barn


@rule(
    unit="1",
    law=F7,
    nb="Husstandens vekt: 1 for søkeren, og et tillegg for hver av de andre voksne og hvert barn",
    nn="Vekta til husstanden: 1 for søkjaren, og eit tillegg for kvar av dei andre vaksne og kvart barn",
    en="Weight of the household: 1 for the applicant, and a share for each other adult and each child",
)
def vekt(andre_voksne: int, barn: int, vekter: Values) -> float:
    return vekter.soker + vekter.voksen * andre_voksne + vekter.barn * barn


@rule(
    unit="gruppe",
    law=F3,
    nb="Kommunegruppe: gruppen som boligens kommune hører til",
    nn="Kommunegruppe: gruppa som kommunen til bustaden høyrer til",
    en="Municipality group: the group of the dwelling's municipality",
)
def kommunegruppe(kommunenummer: str, kommunegruppe_av_nummer: dict[str, int]) -> int:
    return kommunegruppe_av_nummer[kommunenummer]


# --- Inntekten ----------------------------------------------------------------------------------


@rule(
    unit="kr/år",
    law=F5,
    nb="Kapitalinntekt som teller: det hver person har over fribeløpet",
    nn="Kapitalinntekt som tel: det kvar person har over fribeløpet",
    en="Capital income counted: what each person has above the allowance",
)
def tellende_kapitalinntekt_aar(kapitalinntekt_aar: list[float], kapital_fribelop: float) -> float:
    return sum(max(0.0, inntekt - kapital_fribelop) for inntekt in kapitalinntekt_aar)


@rule(
    unit="kr",
    law=F6,
    nb="Fribeløp for formue: et fast beløp for leiere, verdien av egen bolig opp til en grense for eiere",
    nn="Fribeløp for formue: eit fast beløp for leigarar, verdien av eigen bustad opp til ei grense for eigarar",
    en="Wealth allowance: a fixed amount for tenants, the value of own dwelling up to a limit for owners",
)
def formue_fribelop(
    eieform: str,
    ligningsverdi_bolig: float,
    formue_fribelop_leier: float,
    formue_fribelop_eier: float,
) -> float:
    if eieform == "leie":
        return formue_fribelop_leier
    return min(ligningsverdi_bolig, formue_fribelop_eier)


@rule(
    unit="kr/år",
    law=F6,
    nb="Formuestillegg: en andel av nettoformuen over fribeløpet",
    nn="Formuestillegg: ein del av nettoformuen over fribeløpet",
    en="Wealth supplement: a share of net wealth above the allowance",
)
def formuestillegg_aar(nettoformue: float, formue_fribelop: float, formue_sats: float) -> float:
    return formue_sats * max(0.0, nettoformue - formue_fribelop)


@rule(
    unit="kr/år",
    law=F5,
    nb="Innrapportert inntekt: næringsinntekt, utenlandsinntekt og kapitalinntekt som teller",
    nn="Innrapportert inntekt: næringsinntekt, utanlandsinntekt og kapitalinntekt som tel",
    en="Reported income: business, foreign and counted capital income",
)
def innrapportert_inntekt_aar(
    naeringsinntekt_aar: float, utenlandsinntekt_aar: float, tellende_kapitalinntekt_aar: float
) -> float:
    return naeringsinntekt_aar + utenlandsinntekt_aar + tellende_kapitalinntekt_aar


@rule(
    unit="kr/md",
    law=F5_8,
    nb="Inntekt i måneden: a-ordningen, en tolvdel av innrapportert inntekt og formuestillegg, og skattefri leie",
    nn="Inntekt i månaden: a-ordninga, ein tolvdel av innrapportert inntekt og formuestillegg, og skattefri leige",
    en="Income of the month: the a-ordning, a twelfth of reported income and wealth supplement, and tax-free rent",
)
def inntekt_mnd(
    inntekt_aordning_mnd: float,
    innrapportert_inntekt_aar: float,
    formuestillegg_aar: float,
    skattefri_leieinntekt_mnd: float,
    saerfradrag_2014_aar: float,
    maaneder_i_aaret: float,
) -> float:
    inntekt = (
        inntekt_aordning_mnd
        + innrapportert_inntekt_aar / maaneder_i_aaret
        + formuestillegg_aar / maaneder_i_aaret
        + skattefri_leieinntekt_mnd
    )
    return max(0.0, inntekt - saerfradrag_2014_aar / maaneder_i_aaret)


@rule(
    unit="kr/år",
    law=F5,
    nb="Inntekt i året: tolv ganger inntekten i måneden",
    nn="Inntekt i året: tolv gonger inntekta i månaden",
    en="Income of the year: twelve times the income of the month",
)
def inntekt_aar(inntekt_mnd: float, maaneder_i_aaret: float) -> float:
    return maaneder_i_aaret * inntekt_mnd


@rule(
    unit="kr/år",
    law=F7,
    nb="Vektet inntekt: inntekten i året delt på husstandens vekt",
    nn="Vekta inntekt: inntekta i året delt på vekta til husstanden",
    en="Weighted income: the year's income divided by the weight of the household",
)
def vektet_inntekt_aar(inntekt_aar: float, vekt: float) -> float:
    return inntekt_aar / vekt


# --- Boutgiftene --------------------------------------------------------------------------------


@rule(
    name="oppvarming_aar",
    end="2024-08",
    unit="kr/år",
    law=F2,
    nb="Oppvarming: et fast beløp for husstander med pensjonist som betaler oppvarmingen selv",
    nn="Oppvarming: eit fast beløp for husstandar med pensjonist som betaler oppvarminga sjølv",
    en="Heating: a fixed amount for households with a pensioner who pay for heating themselves",
)
def oppvarming_for_pensjonister(
    oppvarming_inkludert: bool,
    pensjonist_i_husstand: bool,
    ung_ufor: bool,
    enslig_alderspensjonist: bool,
    oppvarming: float,
) -> float:
    if not oppvarming_inkludert and (pensjonist_i_husstand or ung_ufor or enslig_alderspensjonist):
        return oppvarming
    return 0.0


@rule(
    name="oppvarming_aar",
    start="2024-09",
    unit="kr/år",
    law=F2,
    nb="Oppvarming: et fast beløp for dem som betaler oppvarmingen selv",
    nn="Oppvarming: eit fast beløp for dei som betaler oppvarminga sjølve",
    en="Heating: a fixed amount for those who pay for heating themselves",
)
def oppvarming_for_alle(oppvarming_inkludert: bool, oppvarming: float) -> float:
    if oppvarming_inkludert:
        return 0.0
    return oppvarming


@rule(
    unit="kr/år",
    law=F2,
    nb="Boutgifter: husleie, eller felleskostnader og lån, eller drift, lån og avgifter, og i tillegg oppvarming",
    nn="Buutgifter: husleige, eller felleskostnader og lån, eller drift, lån og avgifter, og i tillegg oppvarming",
    en="Housing costs: rent, or common charges and loan, or operation, loan and charges, and heating",
)
def boutgifter_aar(
    eieform: str,
    husleie_mnd: float,
    felleskostnader_mnd: float,
    laanekostnader_aar: float,
    kommunale_avgifter_aar: float,
    eiendomsskatt_aar: float,
    festeavgift_aar: float,
    driftsutgifter: float,
    oppvarming_aar: float,
    maaneder_i_aaret: float,
) -> float:
    if eieform == "leie":
        return maaneder_i_aaret * husleie_mnd + oppvarming_aar
    if eieform == "felleskostnader":
        return maaneder_i_aaret * felleskostnader_mnd + laanekostnader_aar + oppvarming_aar
    avgifter_aar = kommunale_avgifter_aar + eiendomsskatt_aar + festeavgift_aar
    return driftsutgifter + laanekostnader_aar + avgifter_aar + oppvarming_aar


@rule(
    unit="kr/år",
    law=F3,
    nb="Tak for boutgifter: taket for antall personer, med tillegg for kommunegruppe og spesialtilpasset bolig",
    nn="Tak for buutgifter: taket for talet på personar, med tillegg for kommunegruppe og spesialtilpassa bustad",
    en="Cap on housing costs: the cap for the number of persons, plus municipality group and adapted dwelling",
)
def boutgiftstak_aar(
    antall_personer: int,
    kommunegruppe: int,
    tilpasset_bolig: bool,
    kostnadstak: tuple[float, ...],
    tillegg_kommunegruppe: dict[int, float],
    tillegg_tilpasset_bolig: float,
) -> float:
    tak = kostnadstak[min(antall_personer, 5) - 1] + tillegg_kommunegruppe[kommunegruppe]
    if tilpasset_bolig:
        return tak + tillegg_tilpasset_bolig
    return tak


@rule(
    unit="kr/år",
    law=F3,
    nb="Godkjente boutgifter: boutgiftene, men ikke mer enn taket",
    nn="Godkjende buutgifter: buutgiftene, men ikkje meir enn taket",
    en="Approved housing costs: the costs, but no more than the cap",
)
def godkjente_boutgifter_aar(boutgifter_aar: float, boutgiftstak_aar: float) -> float:
    return min(boutgifter_aar, boutgiftstak_aar)


# --- Egenandelen --------------------------------------------------------------------------------


@rule(
    unit="kode",
    law=F4,
    options=("ordinaer", "ung_ufor", "enslig_alderspensjonist", "begge"),
    nb="Terskler: de ordinære, eller de særskilte for unge uføre og enslige alderspensjonister",
    nn="Tersklar: dei ordinære, eller dei særskilde for unge uføre og einslege alderspensjonistar",
    en="Thresholds: the ordinary ones, or the special ones for young disabled and single old-age pensioners",
)
def terskelvalg(ung_ufor: bool, enslig_alderspensjonist: bool) -> str:
    if ung_ufor and enslig_alderspensjonist:
        return "begge"
    if ung_ufor:
        return "ung_ufor"
    if enslig_alderspensjonist:
        return "enslig_alderspensjonist"
    return "ordinaer"


@rule(
    unit="kr/år",
    law=F4,
    nb="Første terskel: inntekten som første ledd av egenandelen regnes fra",
    nn="Første terskel: inntekta som første ledd av eigendelen blir rekna frå",
    en="First threshold: the income from which the first part of the own share is counted",
)
def terskel_1_aar(enslig_alderspensjonist: bool, egenandel: Values) -> float:
    if enslig_alderspensjonist:
        return egenandel.terskel_1_pensjonist
    return egenandel.terskel_1


@rule(
    unit="kr/år",
    law=F4,
    nb="Andre terskel: inntekten som andre ledd regnes fra; med to særregler brukes den beste for søkeren",
    nn="Andre terskel: inntekta som andre ledd blir rekna frå; med to særreglar blir den beste brukt",
    en="Second threshold: the income from which the second part is counted; of two special rules, the better",
)
def terskel_2_aar(ung_ufor: bool, enslig_alderspensjonist: bool, egenandel: Values) -> float:
    if ung_ufor and enslig_alderspensjonist:
        return max(egenandel.terskel_2_ung_ufor, egenandel.terskel_2_pensjonist)
    if ung_ufor:
        return egenandel.terskel_2_ung_ufor
    if enslig_alderspensjonist:
        return egenandel.terskel_2_pensjonist
    return egenandel.terskel_2


@rule(
    unit="kr/år",
    law=F4,
    nb="Første ledd av egenandelen: en andel av den vektede inntekten over første terskel",
    nn="Første ledd av eigendelen: ein del av den vekta inntekta over første terskel",
    en="First part of the own share: a share of weighted income above the first threshold",
)
def egenandel_ledd_1_aar(
    vektet_inntekt_aar: float, terskel_1_aar: float, egenandel: Values
) -> float:
    return egenandel.sats_1 * max(0.0, vektet_inntekt_aar - terskel_1_aar)


@rule(
    name="egenandel_ledd_2_aar",
    end="2024-06",
    unit="kr/år",
    law=F4,
    nb="Andre ledd av egenandelen: en andel av hele den vektede inntekten for hvert påbegynte trinn over andre terskel",
    nn="Andre ledd av eigendelen: ein del av heile den vekta inntekta for kvart påbyrja trinn over andre terskel",
    en="Second part of the own share: a share of the whole weighted income for each step begun above threshold two",
)
def trappetrinn(vektet_inntekt_aar: float, terskel_2_aar: float, egenandel_trapp: Values) -> float:
    if vektet_inntekt_aar > terskel_2_aar:
        trinn = 1 + floor((vektet_inntekt_aar - (terskel_2_aar + 1)) / egenandel_trapp.trinn)
        return egenandel_trapp.sats * trinn * vektet_inntekt_aar
    return 0.0


@rule(
    name="egenandel_ledd_2_aar",
    start="2024-07",
    unit="kr/år",
    law=F4,
    nb="Andre ledd av egenandelen: en andel av den vektede inntekten over andre terskel",
    nn="Andre ledd av eigendelen: ein del av den vekta inntekta over andre terskel",
    en="Second part of the own share: a share of weighted income above the second threshold",
)
def rett_linje(
    vektet_inntekt_aar: float, terskel_2_aar: float, egenandel_andre_ledd_sats: float
) -> float:
    return egenandel_andre_ledd_sats * max(0.0, vektet_inntekt_aar - terskel_2_aar)


@rule(
    unit="kr/år",
    law=F4,
    nb="Egenandel: minste egenandel og de to leddene",
    nn="Eigendel: minste eigendel og dei to ledda",
    en="Own share: the lowest own share and the two parts",
)
def egenandel_aar(
    egenandel_ledd_1_aar: float, egenandel_ledd_2_aar: float, egenandel: Values
) -> float:
    return egenandel.minste + egenandel_ledd_1_aar + egenandel_ledd_2_aar


# --- Bostøtten ----------------------------------------------------------------------------------


@rule(
    unit="kr/md",
    law=F1,
    nb="Beregnet bostøtte: dekningsgraden av godkjente boutgifter etter egenandel, delt på tolv",
    nn="Berekna bustøtte: dekningsgraden av godkjende buutgifter etter eigendel, delt på tolv",
    en="Calculated support: the coverage rate of approved costs after own share, divided by twelve",
)
def uavrundet_mnd(
    godkjente_boutgifter_aar: float,
    egenandel_aar: float,
    dekningsgrad: float,
    maaneder_i_aaret: float,
) -> float:
    return dekningsgrad * (godkjente_boutgifter_aar - egenandel_aar) / maaneder_i_aaret


@rule(
    unit="kr/md",
    law=F13,
    rounding=Rounding(base=1, direction="half_up", source="praksis: hele kroner, halve opp"),
    nb="Avrundet bostøtte: til nærmeste hele krone",
    nn="Avrunda bustøtte: til næraste heile krone",
    en="Rounded support: to the nearest whole krone",
)
def avrundet_mnd(uavrundet_mnd: float) -> float:
    return uavrundet_mnd


@rule(
    unit="ja/nei",
    law=F13,
    nb="Når minste utbetaling: bostøtten er minst så stor som det minste som betales ut",
    nn="Når minste utbetaling: bustøtta er minst så stor som det minste som blir betalt ut",
    en="Reaches the minimum payment: the support is at least the smallest amount paid out",
)
def over_minste_utbetaling(avrundet_mnd: float, minste_utbetaling: float) -> bool:
    return avrundet_mnd >= minste_utbetaling


@rule(
    unit="ja/nei",
    law=LOV3_6,
    nb="Vilkårene er oppfylt: personene er registrert, opplysningene er der, boligen og husstanden er godkjent",
    nn="Vilkåra er oppfylte: personane er registrerte, opplysningane er der, bustaden og husstanden er godkjende",
    en="The conditions are met: persons registered, information complete, dwelling and household approved",
)
def vilkar_oppfylt(
    andre_voksne_bosatt: bool,
    opplysninger_mangler: bool,
    bosatt_soker: bool,
    soker_doed: bool,
    bolig_godkjent: bool,
    noen_berettiget: bool,
) -> bool:
    klar = andre_voksne_bosatt and not opplysninger_mangler and bosatt_soker and not soker_doed
    return klar and bolig_godkjent and noen_berettiget


@rule(
    unit="ja/nei",
    law=F13,
    nb="Innvilget: vilkårene er oppfylt og bostøtten når minste utbetaling",
    nn="Innvilga: vilkåra er oppfylte og bustøtta når minste utbetaling",
    en="Granted: the conditions are met and the support reaches the minimum payment",
)
def innvilget(vilkar_oppfylt: bool, over_minste_utbetaling: bool) -> bool:
    return vilkar_oppfylt and over_minste_utbetaling


@rule(
    unit="kode",
    law=LOV_F13,
    options=("V00", "V48", "V09", "V05", "V11", "V04", "V02", "V03"),
    nb="Vedtakskode: det første som står i veien, i fast rekkefølge, eller V00 for innvilget",
    nn="Vedtakskode: det første som står i vegen, i fast rekkjefølgje, eller V00 for innvilga",
    en="Result code: the first thing in the way, in a fixed order, or V00 for granted",
)
def kode(  # noqa: PLR0911 (one for each code, in the order fixed by Husbanken)
    andre_voksne_bosatt: bool,
    opplysninger_mangler: bool,
    bosatt_soker: bool,
    soker_doed: bool,
    bolig_godkjent: bool,
    noen_berettiget: bool,
    over_minste_utbetaling: bool,
) -> str:
    if not andre_voksne_bosatt:
        return "V48"
    if opplysninger_mangler:
        return "V09"
    if not bosatt_soker:
        return "V05"
    if soker_doed:
        return "V11"
    if not bolig_godkjent:
        return "V04"
    if not noen_berettiget:
        return "V02"
    if not over_minste_utbetaling:
        return "V03"
    return "V00"


@rule(
    unit="kr/md",
    law=F13,
    nb="Bostøtte i måneden: den avrundede bostøtten når den er innvilget, ellers 0",
    nn="Bustøtte i månaden: den avrunda bustøtta når ho er innvilga, elles 0",
    en="Support per month: the rounded support when granted, otherwise 0",
)
def belop_mnd(innvilget: bool, avrundet_mnd: float) -> float:
    if innvilget:
        return avrundet_mnd
    return 0
