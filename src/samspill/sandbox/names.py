"""Words for names that nobody has: adjective + noun, as in Skatteetaten's test population."""

from __future__ import annotations

ADJECTIVES: tuple[str, ...] = tuple(
    (
        "Aktsom Alvorlig Ansvarlig Artig Barmhjertig Begeistret Bekymringsløs Beskjeden Besluttsom Betenksom Blid Blyg "
        "Bestemt Dristig Djerv Drømmende Dyktig Dådrik Effektiv Ekte Elegant Elskverdig Energisk Engasjert Erfaren Fager "
        "Fargerik Fin Flittig Forsiktig Forstandig Forståelsesfull Frisk Fredelig Fremsynt Frodig Fyndig Generøs Gild "
        "Glad Gløgg Gjestfri Grei Grundig Gyllen Gåtefull Habil Handlekraftig Harmonisk Hederlig Hendig Hjelpsom Hjertelig "
        "Hyggelig Høflig Høytidelig Idérik Impulsiv Innsiktsfull Interessert Ivrig Jovial Kjapp Kjærlig Klartenkt Klok Kompetent "
        "Konsekvent Kreativ Kry Kul Kunnskapsrik Kvikk Lattermild Lavmælt Leken Lett Livlig Lojal Lun Lur Lykkelig Lystig "
        "Løssluppen Medfølende Merkbar Mild Modig Morsom Munter Myk Målbevisst Målrettet Naturlig Nobel Nyskapende Nysgjerrig "
        "Nøye Nøysom Observant Oppfinnsom Oppmerksom Oppriktig Optimistisk Original Overbærende Praktisk Presis Pålitelig Pen "
        "Raus Rask Rasjonell Realistisk Rettferdig Ridderlig Rolig Romslig Rund Rutinert Saklig Samvittighetsfull Sann Sindig "
        "Sjarmerende Skarp Slagferdig Smidig Snill Solid Sosial Spenstig Sporty Sprek Spøkefull Standhaftig Stabil Stillferdig "
        "Stolt Strålende Sterk Stø Tankefull Taktfull Tapper Tilfreds Tillitsfull Tolmodig Treffsikker Trivelig Trofast Trygg "
        "Tydelig Uavhengig Uredd Urokkelig Utholdende Vakker Varm Varsom Vennlig Verdig Verdsatt Vis Vittig Våken Yndig Ydmyk "
        "Ærlig Åpen Åpenhjertig Åndfull"
    ).split()
)

NOUNS: tuple[str, ...] = tuple(
    (
        "Alge Ape Appelsin Ananas Arbeidshest Ask Bamse Banan Bar Bass Bekk Benk Bjelle Bjørk Bjørn Blomst Bluse Blyant Bokhylle "
        "Bolle Bonde Bregne Bris Bro Brygge Brønn Bukett Bæreplukker Bølge Dal Delfin Dirigent Drage Drue Due Dykker Eik Ekorn "
        "Elg Elv Enke Eple Ert Familie Farge Fele Fisk Fjell Fjord Flaske Fløyte Flue Foss Frosk Fugl Fyrstikk Føre Gaffel "
        "Galakse Gitar Gran Granitt Grense Gulrot Gås Hage Hammer Hare Havn Hegre Hest Hjort Honning Horisont Humle Hval "
        "Hytte Høne Isbjørn Istapp Jakke Jerv Jordbær Kaffe Kaktus Kanin Kano Kaptein Karaffel Kastanje Katt Kjele Kilde Kirsebær "
        "Kiste Klippe Klokke Knapp Kolibri Kompass Konvolutt Kopp Krabbe Krone Krukke Kubbe Kvist Lampe Lam Lanterne Laks Lerke "
        "Lilje Linje Lodd Lune Lynx Løve Løvetann Maur Melodi Mose Moskus Multe Måke Måne Mølle Nektar Nepe Nype Nøkkel Nøtt "
        "Odde Olje Orkide Orm Ost Oter Palme Panda Pappel Paraply Pelikan Penn Perle Piano Pil Pinje Plomme Pose Rev Regn Reke "
        "Ring Rips Rogn Rose Rug Rype Råtre Røver Salt Sang Seil Sekk Sel Sild Skje Skjold Skog Sky Sleip Slire Snegle Snø Sol "
        "Sommerfugl Spett Spurv Stein Stjerne Stol Storm Strand Strøm Sukker Svale Svane Såpe Tare Teppe Tiger Tind Tistel Tomat "
        "Torsk Tromme Trane Trost Ugle Ull Vadefugl Vandrer Vase Veske Vinge Vind Vær Østers Ørn Ørret Åker Ål Ås"
    ).split()
)

STREETS: tuple[str, ...] = tuple(
    (
        "Bjørkeveien Blåbærstien Elveveien Fjordgata Furuveien Granveien Hagegata Havnegata Kirkeveien Lyngveien Lærkeveien "
        "Markveien Møllegata Nordregata Parkveien Rognestien Skogveien Skolegata Solbakken Stasjonsgata Storgata Strandgata "
        "Svingen Søndregata Torggata Tømmerveien Utsikten Vestregata Viddeveien Østregata Åsveien Bakkeveien Brygga "
        "Dalveien Engveien Fjellveien Gamleveien Industrigata Kjøpmannsgata Nyveien"
    ).split()
)

EMPLOYER_KINDS: tuple[str, ...] = (
    "Bakeri",
    "Bemanning",
    "Dagligvare",
    "Elektro",
    "Hotell",
    "Kafé",
    "Kiosk",
    "Lager",
    "Regnskap",
    "Renhold",
    "Transport",
    "Verksted",
)
