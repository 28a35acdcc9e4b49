"""The texts of the sandbox's own pages, in bokmål, nynorsk and English.

A table in the code, not gettext: the sandbox knows no Django, and its texts are few.
"""

from __future__ import annotations

LANGUAGES = ("nb", "nn", "en")

_TEXTS: dict[str, tuple[str, str, str]] = {
    "test": ("Test", "Test", "Test"),
    "idporten": ("ID-porten (etterligning)", "ID-porten (etterlikning)", "ID-porten (stand-in)"),
    "ansattporten": (
        "Ansattporten (etterligning)",
        "Ansattporten (etterlikning)",
        "Ansattporten (stand-in)",
    ),
    "choose_person": ("Velg hvem du vil være", "Vel kven du vil vere", "Choose who to be"),
    "choose_staff": (
        "Velg hvilken ansatt du vil være",
        "Vel kva tilsett du vil vere",
        "Choose which employee to be",
    ),
    "all_invented": (
        "Dette er ikke den ekte tjenesten. Alle personer er oppdiktet, og ingen passord trengs.",
        "Dette er ikkje den ekte tenesta. Alle personar er oppdikta, og du treng ikkje passord.",
        "This is not the real service. All people are made up, and no password is needed.",
    ),
    "level": (
        "Hvordan logger personen inn?",
        "Korleis loggar personen inn?",
        "How does the person log in?",
    ),
    "high": ("BankID – nivå høyt", "BankID – nivå høgt", "BankID – level high"),
    "substantial": (
        "MinID – nivå betydelig",
        "MinID – nivå monaleg",
        "MinID – level substantial",
    ),
    "only_high": (
        "Tjenesten krever nivå høyt.",
        "Tenesta krev nivå høgt.",
        "The service demands level high.",
    ),
    "search": (
        "Navn eller nummer",
        "Namn eller nummer",
        "Name or number",
    ),
    "municipality": ("Kommune", "Kommune", "Municipality"),
    "everywhere": ("Hele landet", "Heile landet", "The whole country"),
    "do_search": ("Søk", "Søk", "Search"),
    "cases": (
        "Personer som viser en regel",
        "Personar som viser ein regel",
        "People who show a rule",
    ),
    "hits": ("Treff: {n}", "Treff: {n}", "Matches: {n}"),
    "no_hits": (
        "Ingen passer. Prøv et annet navn eller hele landet.",
        "Ingen passar. Prøv eit anna namn eller heile landet.",
        "Nobody matches. Try another name or the whole country.",
    ),
    "next": ("Vis flere", "Vis fleire", "Show more"),
    "years": ("{n} år", "{n} år", "age {n}"),
    "own_number": (
        "Eller skriv et syntetisk fødselsnummer",
        "Eller skriv eit syntetisk fødselsnummer",
        "Or type a synthetic identity number",
    ),
    "log_in": ("Logg inn", "Logg inn", "Log in"),
    "cancel": ("Avbryt", "Avbryt", "Cancel"),
    "unknown_person": (
        "Ingen i sandkassen har det nummeret. Velg en fra listen.",
        "Ingen i sandkassa har det nummeret. Vel ein frå lista.",
        "Nobody in the sandbox has that number. Choose one from the list.",
    ),
    "staff": ("Ansatte", "Tilsette", "Employees"),
    "choose_org": (
        "Hvilken organisasjon vil du handle for?",
        "Kva organisasjon vil du handle for?",
        "Which organisation do you act for?",
    ),
    "no_org": ("uten organisasjon", "utan organisasjon", "without an organisation"),
    "over": (
        "Innloggingen er over",
        "Innlogginga er over",
        "This login is over",
    ),
    "over_text": (
        "Den er allerede brukt eller for gammel. Gå tilbake til tjenesten du kom fra og prøv igjen.",
        "Ho er alt brukt eller for gammal. Gå tilbake til tenesta du kom frå og prøv igjen.",
        "It is already used or too old. Go back to the service you came from and try again.",
    ),
    "refused": ("Innloggingen ble avvist", "Innlogginga vart avvist", "The login was refused"),
    "refused_text": (
        "Tjenesten du kom fra har spurt på en måte som ikke er tillatt:",
        "Tenesta du kom frå har spurt på ein måte som ikkje er tillaten:",
        "The service you came from asked in a way that is not allowed:",
    ),
    "logged_out": ("Du er logget ut", "Du er logga ut", "You are logged out"),
    "go_on": ("Gå videre", "Gå vidare", "Continue"),
    "sandbox": ("Sandkassen", "Sandkassa", "The sandbox"),
    "sandbox_text": (
        "Etterligninger av de nasjonale registrene. Se hvem som finnes, og gjør et register tregt eller borte.",
        "Etterlikningar av dei nasjonale registra. Sjå kven som finst, og gjer eit register treigt eller borte.",
        "Stand-ins for the national registers. See who exists, and make a register slow or absent.",
    ),
    "components": ("Registre og innlogging", "Register og innlogging", "Registers and login"),
    "component": ("Komponent", "Komponent", "Component"),
    "mode": ("Tilstand", "Tilstand", "State"),
    "normal": ("Vanlig", "Vanleg", "Normal"),
    "slow": ("Treg (3 sekunder)", "Treig (3 sekund)", "Slow (3 seconds)"),
    "down": ("Nede (503)", "Nede (503)", "Down (503)"),
    "wrong_schema": ("Feil format", "Feil format", "Wrong format"),
    "throttled": ("Strupet (429)", "Strupt (429)", "Throttled (429)"),
    "save": ("Lagre", "Lagre", "Save"),
    "reset": ("Nullstill alt", "Nullstill alt", "Reset everything"),
    "number": ("Nummer", "Nummer", "Number"),
    "name": ("Navn", "Namn", "Name"),
    "shows": ("Viser", "Viser", "Shows"),
    "expect": ("Ventet svar", "Venta svar", "Expected answer"),
    "people": ("Personer", "Personar", "People"),
}


def language_of(locales: str) -> str:
    """Give our language for a list of wanted ones, best first; none of them is nb (se falls back to nb).

    The list is of `ui_locales` or of the browser's `Accept-Language`: with blanks or commas, countries and weights.

    >>> language_of("se nn en"), language_of("fr-FR,no;q=0.9,en;q=0.8"), language_of("")
    ('nn', 'nb', 'nb')
    """
    wanted = (
        one.split(";")[0].split("-")[0].lower().replace("no", "nb")
        for one in locales.replace(",", " ").split()
    )
    return next((one for one in wanted if one in LANGUAGES), "nb")


def text(key: str, language: str, **values: object) -> str:
    """Give a text in a language."""
    return _TEXTS[key][LANGUAGES.index(language)].format(**values)
