"""The HTML of the sandbox: choosing a person, logout, errors, the control page.

Plain forms that work without script, at 320 px and by keyboard. `Markup.format` escapes every value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from samspill.sandbox.municipalities import all_municipalities, by_number
from samspill.sandbox.people import Case, Person
from samspill.sandbox.population import REFERENCE_DAY, Population
from samspill.sandbox.staff import StaffMember
from samspill.sandbox.switches import COMPONENTS, MODES, Switches
from samspill.sandbox.texts import LANGUAGES, text

NOTHING = Markup("")
_LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
_SHELL = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<title>{title} – {place}</title><link rel="stylesheet" href="/_sandbox/static/sandbox.css"></head>'
    '<body class="{kind}"><header class="bar"><p class="place">{place}</p><p class="tag">{test}</p></header>'
    '<main id="main"><h1>{title}</h1>{body}</main></body></html>'
)


def page(*, kind: str, title: str, language: str, body: Markup) -> Markup:
    """Give a whole page."""
    return _SHELL.format(
        language=language,
        title=title,
        place=text(kind, language),
        kind=kind,
        test=text("test", language),
        body=body,
    )


def _join(parts: Iterable[Markup]) -> Markup:
    return NOTHING.join(parts)


# -- choosing a person --------------------------------------------------------------------------------


def choose_page(
    *,
    kind: str,
    interaction: str,
    language: str,
    levels: Sequence[str],
    choices: Markup,
    search: Markup,
    message: str = "",
    chosen_level: str = "",
) -> Markup:
    """Give the page where one chooses who to be."""
    alert = Markup('<p class="alert" role="alert">{}</p>').format(message) if message else NOTHING
    body = Markup(
        '{alert}<p class="lead">{lead}</p>{search}'
        '<form method="post" action="/{kind}/choose" class="choose">'
        '<input type="hidden" name="interaction" value="{interaction}">'
        "{levels}{choices}{number}"
        '<p><button class="plain" name="cancel" value="1">{cancel}</button></p></form>'
    ).format(
        alert=alert,
        lead=text("all_invented", language),
        search=search,
        kind=kind,
        interaction=interaction,
        levels=_levels(levels, language, chosen_level),
        choices=choices,
        number=_number_field(language) if kind == "idporten" else NOTHING,
        cancel=text("cancel", language),
    )
    title = text("choose_person" if kind == "idporten" else "choose_staff", language)
    return page(kind=kind, title=title, language=language, body=body)


def _levels(levels: Sequence[str], language: str, chosen: str) -> Markup:
    chosen = chosen if chosen in levels else levels[-1]
    radios = _join(
        Markup('<label><input type="radio" name="level" value="{v}"{c}> {t}</label>').format(
            v=level, t=text(level, language), c=Markup(" checked") if level == chosen else NOTHING
        )
        for level in reversed(levels)
    )
    note = NOTHING
    if len(levels) == 1:
        note = Markup("<p>{}</p>").format(text("only_high", language))
    return Markup("<fieldset><legend>{}</legend>{}{}</fieldset>").format(
        text("level", language), radios, note
    )


def _number_field(language: str) -> Markup:
    return Markup(
        '<p class="field"><label for="number">{label}</label><span class="row">'
        '<input id="number" name="number" inputmode="numeric" autocomplete="off" maxlength="11" size="13">'
        '<button name="person" value="">{go}</button></span></p>'
    ).format(label=text("own_number", language), go=text("log_in", language))


def search_form(
    *, action: str, hidden: dict[str, str], query: str, municipality_no: str, language: str
) -> Markup:
    """Give the form that searches by name and municipality."""
    options = _join(
        Markup('<option value="{n}"{s}>{name}</option>').format(
            n=m.number,
            name=m.unique_name,
            s=Markup(" selected") if m.number == municipality_no else NOTHING,
        )
        for m in sorted(all_municipalities(), key=lambda m: _norwegian(m.unique_name))
    )
    kept = _join(
        Markup('<input type="hidden" name="{}" value="{}">').format(k, v) for k, v in hidden.items()
    )
    return Markup(
        '<form method="get" action="{action}" class="search" role="search">{kept}'
        '<p class="field"><label for="q">{search}</label><input id="q" name="q" value="{query}"></p>'
        '<p class="field"><label for="m">{municipality}</label><select id="m" name="municipality_no">'
        '<option value="">{everywhere}</option>{options}</select></p>'
        "<p><button>{go}</button></p></form>"
    ).format(
        action=action,
        kept=kept,
        query=query,
        options=options,
        search=text("search", language),
        municipality=text("municipality", language),
        everywhere=text("everywhere", language),
        go=text("do_search", language),
    )


def _norwegian(name: str) -> str:
    order = str.maketrans({"æ": "{", "ø": "|", "å": "}", "Æ": "{", "Ø": "|", "Å": "}"})
    return name.lower().translate(order)


def _choice(value: str, name: str, facts: str, shows: str) -> Markup:
    line = Markup('<span class="shows">{}</span>').format(shows) if shows else NOTHING
    return Markup(
        '<li><button name="person" value="{value}"><span class="name">{name}</span>'
        '<span class="facts">{facts}</span>{line}</button></li>'
    ).format(value=value, name=name, facts=facts, line=line)


def _facts(population: Population, person: Person, language: str) -> str:
    number = population.households[person.household].dwelling.municipality_no
    age = text("years", language, n=person.age_on(REFERENCE_DAY))
    return f"{age}, {by_number()[number].unique_name}"


def case_choices(population: Population, cases: Sequence[Case], language: str) -> Markup:
    """Give the named cases as buttons, each with one line on what it shows."""
    if not cases:
        return NOTHING
    items = _join(
        _choice(case.name, person.name, _facts(population, person, language), case.shows[language])
        for case in cases
        for person in (population.persons[case.applicant],)
    )
    return Markup('<h2>{}</h2><ul class="people">{}</ul>').format(text("cases", language), items)


def hit_choices(
    population: Population, people: Sequence[Person], total: int, more: str, language: str
) -> Markup:
    """Give the people found as buttons."""
    title = Markup("<h2>{}</h2>").format(text("hits", language, n=total))
    if not people:
        return title + Markup("<p>{}</p>").format(text("no_hits", language))
    items = _join(
        _choice(str(p.serial), p.name, _facts(population, p, language), "") for p in people
    )
    rest = NOTHING
    if more:
        rest = Markup('<p><a href="{}">{}</a></p>').format(more, text("next", language))
    return title + Markup('<ul class="people">{}</ul>{}').format(items, rest)


def staff_choices(staff: Sequence[StaffMember], language: str) -> Markup:
    """Give the employees as buttons."""
    items = _join(
        _choice(
            s.key,
            s.name,
            s.title,
            "" if s.reportees else text("no_org", language),
        )
        for s in staff
    )
    return Markup('<h2>{}</h2><ul class="people">{}</ul>').format(text("staff", language), items)


def organisation_page(
    *, interaction: str, member: StaffMember, level: str, language: str
) -> Markup:
    """Give the page where an employee of several organisations chooses one."""
    items = _join(
        Markup(
            '<li><button name="organisation" value="{n}"><span class="name">{name}</span></button></li>'
        ).format(n=r.org_no, name=r.name)
        for r in member.reportees
    )
    body = Markup(
        '<form method="post" action="/ansattporten/choose">'
        '<input type="hidden" name="interaction" value="{i}"><input type="hidden" name="person" value="{p}">'
        '<input type="hidden" name="level" value="{level}"><ul class="people">{items}</ul></form>'
    ).format(i=interaction, p=member.key, level=level, items=items)
    return page(
        kind="ansattporten", title=text("choose_org", language), language=language, body=body
    )


# -- other pages of a login ---------------------------------------------------------------------------


def over_page(kind: str, language: str) -> Markup:
    """Give the page of a login that was already used."""
    body = Markup("<p>{}</p>").format(text("over_text", language))
    return page(kind=kind, title=text("over", language), language=language, body=body)


def refused_page(kind: str, code: str, description: str, language: str) -> Markup:
    """Give the page of a request that cannot be answered by a redirect."""
    body = Markup("<p>{}</p><p><code>{}</code>: {}</p>").format(
        text("refused_text", language), code, description
    )
    return page(kind=kind, title=text("refused", language), language=language, body=body)


def logout_page(kind: str, frames: Sequence[str], go_to: str | None, language: str) -> Markup:
    """Give the page that tells the services of a logout, each in its frame, and goes on."""
    framed = _join(
        Markup('<iframe src="{}" title="{}" class="told" tabindex="-1"></iframe>').format(
            f, urlsplit(f).netloc
        )
        for f in frames
    )
    link = NOTHING
    if go_to:
        link = Markup('<p><a href="{}">{}</a></p>').format(go_to, text("go_on", language))
    return page(
        kind=kind, title=text("logged_out", language), language=language, body=framed + link
    )


# -- the control page ---------------------------------------------------------------------------------


def control_page(
    *,
    population: Population,
    switches: Switches,
    staff: Sequence[StaffMember],
    search: Markup,
    hits: Markup,
    language: str,
) -> Markup:
    """Give the page where one sees the people and makes components misbehave."""
    languages = _join(
        Markup('<li><a href="/_sandbox/?{q}" lang="{c}"{here}>{n}</a></li>').format(
            q=urlencode({"lang": code}),
            c=code,
            n=_LANGUAGE_NAMES[code],
            here=Markup(' aria-current="true"') if code == language else NOTHING,
        )
        for code in LANGUAGES
    )
    body = Markup(
        '<ul class="languages">{languages}</ul><p class="lead">{lead}</p>'
        '<h2>{components}</h2><div class="switches">{rows}</div>'
        '<form method="post" action="/_sandbox/reset"><p><button class="plain">{reset}</button></p></form>'
        "<h2>{cases}</h2>{case_table}<h2>{staff}</h2>{staff_table}<h2>{people}</h2>{search}{hits}"
    ).format(
        languages=languages,
        lead=text("sandbox_text", language),
        components=text("components", language),
        rows=_switch_rows(switches, language),
        reset=text("reset", language),
        cases=text("cases", language),
        case_table=_case_table(population, language),
        staff=text("staff", language),
        staff_table=_staff_table(staff, language),
        people=text("people", language),
        search=search,
        hits=hits,
    )
    return page(kind="sandbox", title=text("sandbox", language), language=language, body=body)


def _switch_rows(switches: Switches, language: str) -> Markup:
    state = switches.as_json()["components"]
    return _join(
        Markup(
            '<form method="post" action="/_sandbox/switches/{c}" class="switch {mode}">'
            '<label for="s-{c}">{c}</label><select id="s-{c}" name="mode">{options}</select>'
            "<button>{save}</button></form>"
        ).format(
            c=component,
            mode=state[component]["mode"],
            save=text("save", language),
            options=_join(
                Markup('<option value="{m}"{s}>{t}</option>').format(
                    m=mode,
                    t=text(mode, language),
                    s=Markup(" selected") if mode == state[component]["mode"] else NOTHING,
                )
                for mode in MODES
            ),
        )
        for component in COMPONENTS
    )


def _table(head: Sequence[str], rows: Iterable[Markup]) -> Markup:
    cells = _join(Markup('<th scope="col">{}</th>').format(h) for h in head)
    return Markup(
        '<div class="wide" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(cells, _join(rows))


def _row(cells: Iterable[object]) -> Markup:
    return Markup("<tr>{}</tr>").format(_join(Markup("<td>{}</td>").format(c) for c in cells))


def _case_table(population: Population, language: str) -> Markup:
    head = [text(k, language) for k in ("name", "municipality", "shows", "expect", "number")]
    return _table(
        head,
        (
            _row(
                (
                    person.name,
                    by_number()[
                        population.households[case.household].dwelling.municipality_no
                    ].unique_name,
                    case.shows[language],
                    case.expect,
                    person.national_id,
                )
            )
            for case in population.cases.values()
            for person in (population.persons[case.applicant],)
        ),
    )


def _staff_table(staff: Sequence[StaffMember], language: str) -> Markup:
    head = [text(k, language) for k in ("name", "staff", "number")]
    return _table(head, (_row((s.name, s.title, s.national_id)) for s in staff))


def people_table(population: Population, people: Sequence[Person], language: str) -> Markup:
    """Give the people found as a table with their numbers."""
    head = [text(k, language) for k in ("name", "municipality", "number")]
    return _table(
        head, (_row((p.name, _facts(population, p, language), p.national_id)) for p in people)
    )
