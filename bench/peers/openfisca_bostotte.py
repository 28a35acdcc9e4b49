"""The same bostøtte formulas in openfisca-core, as its users write them: vectors and a variable for each step.

Rates are plain numbers and numpy tables, which is quicker for OpenFisca than its parameter trees. Two models:

- `build`: persons in households, OpenFisca's own way (its models have a person entity always): ages and capital
  incomes are given per person and summed over the household.
- `build_flat`: one entity, the household flattened to a row with counts, which no OpenFisca model does but which
  is the least work that it can be given.
"""

import numpy as np
from openfisca_core import periods
from openfisca_core.entities import build_entity
from openfisca_core.holders import set_input_dispatch_by_period  # noqa: F401 (loads the holders)
from openfisca_core.indexed_enums import Enum
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERSON = build_entity("person", "persons", "A person", is_person=True)
HOUSEHOLD = build_entity(
    "household",
    "households",
    "A household",
    roles=[{"key": "member", "plural": "members", "label": "Member"}],
)
TERM = "2026-08"


class Eieform(Enum):
    leie = "leie"
    felleskostnader = "felleskostnader"
    selveier = "selveier"


def _input(name: str, kind: type, entity: object, default: object = 0) -> type[Variable]:
    body = {
        "value_type": kind,
        "entity": entity,
        "definition_period": periods.DateUnit.MONTH,
        "label": name,
    }
    if kind is Enum:
        body |= {"possible_values": Eieform, "default_value": Eieform.leie}
    elif default:
        body["default_value"] = default
    return type(name, (Variable,), body)


def _step(name: str, function: object, entity: object, kind: type = float) -> type[Variable]:
    body = {
        "value_type": kind,
        "entity": entity,
        "definition_period": periods.DateUnit.MONTH,
        "label": name,
        "formula": function,
    }
    return type(name, (Variable,), body)


NUMBERS = (
    "inntekt_aordning_mnd", "kapital_1", "kapital_2", "naeringsinntekt_aar",
    "utenlandsinntekt_aar", "skattefri_leieinntekt_mnd", "nettoformue", "ligningsverdi_bolig",
    "husleie_mnd", "felleskostnader_mnd", "laanekostnader_aar", "eiendomsskatt_aar",
    "festeavgift_aar", "kommunale_avgifter_aar",
)  # fmt: skip
COUNTS = ("kommunenummer", "andre_voksne", "barn")
FLAGS = ("oppvarming_inkludert", "tilpasset_bolig", "ung_ufor", "enslig_alderspensjonist")


def build(rates: dict[str, object]) -> TaxBenefitSystem:
    """Make the system of persons in households with the rates of the term."""
    system = TaxBenefitSystem([PERSON, HOUSEHOLD])
    system.add_variable(_input("alder", int, PERSON))
    system.add_variable(_input("kapitalinntekt", float, PERSON))
    allowance = rates["kapital_fribelop"]

    def voksne(p, t):
        return p.sum(p.members("alder", t) >= 18)

    def andre_voksne(p, t):
        return p("voksne", t) - 1

    def barn(p, t):
        return p.sum(p.members("alder", t) < 18)

    def kapital_over(p, t):
        return np.maximum(0, p("kapitalinntekt", t) - allowance)

    def kapital(p, t):
        return p.sum(p.members("kapital_over", t))

    system.add_variable(_step("kapital_over", kapital_over, PERSON))
    for function in (voksne, andre_voksne, barn):
        system.add_variable(_step(function.__name__, function, HOUSEHOLD))
    inputs = [name for name in NUMBERS if name not in {"kapital_1", "kapital_2"}]
    _add(system, HOUSEHOLD, inputs, ("kommunenummer",), _formulas(rates) | {"kapital": kapital})
    return system


def build_flat(rates: dict[str, object]) -> TaxBenefitSystem:
    """Make the system of one entity with the rates of the term."""
    system = TaxBenefitSystem([PERSON])
    _add(system, PERSON, NUMBERS, COUNTS, _formulas(rates))
    return system


def _add(system, entity, numbers, counts, formulas) -> None:
    for name in numbers:
        system.add_variable(_input(name, float, entity))
    for name in counts:
        system.add_variable(_input(name, int, entity))
    for name in FLAGS:
        system.add_variable(_input(name, bool, entity, name == "oppvarming_inkludert"))
    system.add_variable(_input("eieform", Enum, entity))
    for name, function in formulas.items():
        kind = bool if name == "innvilget" else float
        system.add_variable(_step(name, function, entity, kind))


def _formulas(r: dict[str, object]) -> dict[str, object]:
    groups = np.full(10_000, np.nan)
    for number, group in r["kommunegruppe_av_nummer"].items():
        groups[int(number)] = group
    extra = np.array([0, *(r["tillegg_kommunegruppe"][g] for g in (1, 2, 3, 4))], float)
    caps = np.array(r["kostnadstak"], float)
    own, weights = r["egenandel"], r["vekter"]
    allowance = r["kapital_fribelop"]

    def personer(p, t):
        return 1 + p("andre_voksne", t) + p("barn", t)

    def vekt(p, t):
        return (
            weights["soker"]
            + weights["voksen"] * p("andre_voksne", t)
            + weights["barn"] * p("barn", t)
        )

    def kommunegruppe(p, t):
        return groups[p("kommunenummer", t)]

    def kapital(p, t):
        first = np.maximum(0, p("kapital_1", t) - allowance)
        return first + np.maximum(0, p("kapital_2", t) - allowance)

    def fribelop(p, t):
        owner = np.minimum(p("ligningsverdi_bolig", t), r["formue_fribelop_eier"])
        return np.where(p("eieform", t) == Eieform.leie, r["formue_fribelop_leier"], owner)

    def formuestillegg(p, t):
        return r["formue_sats"] * np.maximum(0, p("nettoformue", t) - p("fribelop", t))

    def inntekt_mnd(p, t):
        reported = p("naeringsinntekt_aar", t) + p("utenlandsinntekt_aar", t) + p("kapital", t)
        return (
            p("inntekt_aordning_mnd", t)
            + reported / 12
            + p("formuestillegg", t) / 12
            + p("skattefri_leieinntekt_mnd", t)
        )

    def vektet(p, t):
        return 12 * p("inntekt_mnd", t) / p("vekt", t)

    def boutgifter(p, t):
        heating = np.where(p("oppvarming_inkludert", t), 0, r["oppvarming"])
        form, loan = p("eieform", t), p("laanekostnader_aar", t)
        charges = (
            p("kommunale_avgifter_aar", t) + p("eiendomsskatt_aar", t) + p("festeavgift_aar", t)
        )
        return heating + np.select(
            [form == Eieform.leie, form == Eieform.felleskostnader],
            [12 * p("husleie_mnd", t), 12 * p("felleskostnader_mnd", t) + loan],
            r["driftsutgifter"] + loan + charges,
        )

    def tak(p, t):
        persons = np.minimum(p("personer", t), 5).astype(int)
        adapted = np.where(p("tilpasset_bolig", t), r["tillegg_tilpasset_bolig"], 0)
        return caps[persons - 1] + extra[p("kommunegruppe", t).astype(int)] + adapted

    def godkjente(p, t):
        return np.minimum(p("boutgifter", t), p("tak", t))

    def terskel_1(p, t):
        return np.where(
            p("enslig_alderspensjonist", t), own["terskel_1_pensjonist"], own["terskel_1"]
        )

    def terskel_2(p, t):
        young, pensioner = p("ung_ufor", t), p("enslig_alderspensjonist", t)
        return np.select(
            [young, pensioner],
            [own["terskel_2_ung_ufor"], own["terskel_2_pensjonist"]],
            own["terskel_2"],
        )

    def egenandel(p, t):
        x = p("vektet", t)
        first = own["sats_1"] * np.maximum(0, x - p("terskel_1", t))
        second = r["egenandel_andre_ledd_sats"] * np.maximum(0, x - p("terskel_2", t))
        return own["minste"] + first + second

    def uavrundet(p, t):
        return r["dekningsgrad"] * (p("godkjente", t) - p("egenandel", t)) / 12

    def avrundet(p, t):
        return np.floor(p("uavrundet", t) + 0.5)

    def innvilget(p, t):
        return p("avrundet", t) >= r["minste_utbetaling"]

    def belop_mnd(p, t):
        return np.where(p("innvilget", t), p("avrundet", t), 0)

    steps = (
        personer, vekt, kommunegruppe, kapital, fribelop, formuestillegg, inntekt_mnd, vektet,
        boutgifter, tak, godkjente, terskel_1, terskel_2, egenandel, uavrundet, avrundet, innvilget,
        belop_mnd,
    )  # fmt: skip
    return {step.__name__: step for step in steps}


def flat_simulation(system: TaxBenefitSystem, columns: dict[str, np.ndarray]) -> Simulation:
    """Put flattened households into a simulation."""
    made = SimulationBuilder().build_default_simulation(system, count=len(columns["kommunenummer"]))
    for name, column in columns.items():
        made.set_input(name, TERM, column)
    return made


def simulation(
    system: TaxBenefitSystem,
    household_of: np.ndarray,
    persons: dict[str, np.ndarray],
    households: dict[str, np.ndarray],
) -> Simulation:
    """Put persons in households into a simulation, the way of OpenFisca's guide for tables."""
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(household_of)))
    group = builder.declare_entity("household", np.arange(len(households["kommunenummer"])))
    roles = np.zeros(len(household_of), int)
    builder.join_with_persons(group, household_of, roles=roles)
    made = builder.build(system)
    for name, column in (persons | households).items():
        made.set_input(name, TERM, column)
    return made


def forget(made: Simulation) -> None:
    """Drop what was calculated, so that the next calculation does the work again."""
    for name, variable in made.tax_benefit_system.variables.items():
        if variable.formulas:
            made.delete_arrays(name)


def one_case(
    system: TaxBenefitSystem, persons: list[dict[str, object]], household: dict[str, object]
) -> float:
    """Calculate one household given as JSON data."""
    entities = {
        "persons": {
            f"p{n}": {k: {TERM: v} for k, v in person.items()} for n, person in enumerate(persons)
        },
        "households": {
            "one": {
                "members": [f"p{n}" for n in range(len(persons))],
                **{k: {TERM: v} for k, v in household.items()},
            }
        },
    }
    made = SimulationBuilder().build_from_entities(system, entities)
    return float(made.calculate("belop_mnd", TERM)[0])
