"""Addresses of the room. All under /samstyring/; the public pages of initiatives are `insight`'s."""

from __future__ import annotations

from django.urls import path

from samspill.portfolio.web import describing, involving, judging, register, rounds, year

_ONE = "samstyring/tiltak/<uuid:initiative_id>/"
_ROUND = "samstyring/runder/<uuid:round_id>/"

urlpatterns = [
    path("samstyring/", register.start, name="together"),
    path("samstyring/tiltak/", register.initiatives, name="work-initiatives"),
    path("samstyring/tiltak/ny/", register.new, name="initiative-new"),
    path(_ONE, register.overview, name="work-initiative"),
    path(f"{_ONE}steg/", register.move, name="initiative-move"),
    path(f"{_ONE}publiser/", register.publish, name="initiative-publish"),
    path(f"{_ONE}historikk/", register.history, name="initiative-history"),
    path(f"{_ONE}om/", describing.basics, name="initiative-basics"),
    path(f"{_ONE}koblinger/", describing.links, name="initiative-links"),
    path(f"{_ONE}sporsmal/", describing.questions, name="initiative-questions"),
    path(f"{_ONE}sporsmal/<slug:key>/", describing.question, name="initiative-question"),
    path(f"{_ONE}relevans/", judging.relevance, name="initiative-relevance"),
    path(f"{_ONE}uttalelse/", judging.statement, name="initiative-statement"),
    path(f"{_ONE}uttalelse/ks/", judging.state, name="initiative-state"),
    path(f"{_ONE}uttalelse/dissens/", judging.dissent, name="initiative-dissent"),
    path(f"{_ONE}uttalelse/kommentar/", judging.comment, name="initiative-comment"),
    path(f"{_ONE}medvirkning/", involving.involvement, name="initiative-involvement"),
    path(
        f"{_ONE}medvirkning/<uuid:involvement_id>/",
        involving.influence,
        name="initiative-influence",
    ),
    path(f"{_ONE}kommuner/", involving.likeness_page, name="initiative-likeness"),
    path(f"{_ONE}kommuner/utpek/", involving.appoint, name="initiative-appoint"),
    path(f"{_ONE}innforing/", involving.windows, name="initiative-windows"),
    path("samstyring/runder/", rounds.rounds, name="rounds"),
    path("samstyring/runder/ny/", rounds.new, name="round-new"),
    path(_ROUND, rounds.one, name="round"),
    path(f"{_ROUND}meld-inn/", rounds.enter, name="round-enter"),
    path(f"{_ROUND}forslag/", rounds.suggest, name="round-suggest"),
    path(f"{_ROUND}avgjor/", rounds.decide, name="round-decide"),
    path(f"{_ROUND}<uuid:initiative_id>/trekk/", rounds.withdraw, name="round-withdraw"),
    path(f"{_ROUND}<uuid:initiative_id>/tilra/", rounds.recommend, name="round-recommend"),
    path(f"{_ROUND}<uuid:initiative_id>/bundet/", rounds.mandatory, name="round-mandatory"),
    path("samstyring/kalender/", year.calendar, name="budget-calendar"),
    path("samstyring/kalender.ics", year.feed, name="budget-calendar-feed"),
]
