"""Which column of a sheet is what, by its head: our own names, and the words of five languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from forumreg.adapters.schedule.columns import ABSTRACT, AFTER_TEXTS, BEFORE_TEXTS, TITLE
from forumreg.adapters.schedule.reading_csv import Grid
from forumreg.adapters.schedule.reading_items import Column, Place, problem
from forumreg.adapters.schedule.reading_languages import language_of
from forumreg.base.errors import Invalid
from forumreg.base.folding import clean_line, fold

KEEP, LEAVE = "keep", "leave"  # with the session under the file's name; left out, and named
DAY, DURATION = "day", "duration"  # beside our own columns, as other programs write hours
TITLES, ABSTRACTS = TITLE.rstrip("_"), ABSTRACT.rstrip("_")  # in the event's own language
FIELDS = (*BEFORE_TEXTS, TITLES, ABSTRACTS, *AFTER_TEXTS, DAY, DURATION)
LONGEST_HEAD = 60  # signs of a name under which something is kept
SAMPLES = 3
_HEAD_ROWS = 15  # a title and a date may stand above the head
_WORDS: Mapping[str, str] = {
    "id": "id, code, session id, identifier, identifiant, identificador, identificativo, nr, no, number, numéro,"
    " número",
    "guid": "guid, uuid",
    TITLES: "title, session title, session, name of session, titre, intitulé, séance, título, titulo, sesión, sessione,"
    " sessão, titolo, title of the session, titre de la séance",
    ABSTRACTS: "abstract, description, summary, résumé, descriptif, descripción, resumen, resumo, descrição,"
    " descrizione, sommario, riassunto",
    "kind": "kind, type, session type, format, type de séance, nature, tipo, tipo de sesión, formato, tipologia",
    "track": "track, theme, topic, stream, axe, thème, filière, parcours, tema, eje, pista, trilha, eixo, percorso,"
    " asse",
    "room": "room, venue, location, place, hall, salle, lieu, sala, lugar, local, luogo, aula",
    "starts_at": "starts at, start, starts, begin, begins, from, start time, start date, time start, début, commence,"
    " heure de début, debut, de, inicio, comienza, hora de inicio, desde, início, começa, inizio, ora di inizio, dalle,"
    " hour, time, heure, hora, ora",
    "ends_at": "ends at, end, ends, finish, to, until, end time, end date, fin, finit, heure de fin, à, termina,"
    " hora de fin, hasta, fim, término, hora de término, até, fine, ora di fine, alle",
    DAY: "day, date, jour, día, fecha, dia, data, giorno",
    DURATION: "duration, length, minutes, durée, duración, duração, durata",
    "capacity": "capacity, seats, places, max, capacité, jauge, capacidad, plazas, aforo, capacidade, vagas, lugares,"
    " capacità, capienza, posti",
    "languages": "languages, language, langues, langue, idiomas, idioma, lengua, lenguas, línguas, língua, lingue,"
    " lingua",
    "interpreted": "interpreted, interpretation, interpreted into, interprétation, interprété, interpretación,"
    " interpretação, interpretazione",
    "speakers": "speakers, speaker, presenters, presenter, panellists, persons, intervenants, intervenant, orateurs,"
    " conférenciers, ponentes, ponente, oradores, orador, palestrantes, relatori, relatore, intervenants/es",
    "booking": "booking, réservation, reserva, prenotazione",
    "visibility": "visibility, status, visibilité, visibilidad, visibilidade, visibilità",
    "lead": "lead, lead organisation, lead organization, organiser, organizer, organisation, organization,"
    " chef de file, organisateur, organizador, organización, organização, organizzatore, organizzazione",
    "held": "held, held places, places réservées, plazas reservadas, vagas reservadas, posti riservati",
}
_KNOWN = {fold(word): name for name, words in _WORDS.items() for word in words.split(",")}
_IN_LANGUAGE = re.compile(r"(.+?)[\s_]*[(\[_ :\-]\s*([^()\[\]]+?)\s*[)\]]?")


def head_of(grid: Grid) -> int:
    """Which row of a grid is its head: that with the most columns we know, the first of these; -1: none has two."""
    scores = [sum(field_of(cell) is not None for cell in row) for row in grid.rows[:_HEAD_ROWS]]
    best = max(scores, default=0)
    return scores.index(best) if best > 1 else -1


def field_of(head: str) -> str | None:
    """The field that a head names: one of ``FIELDS``, or a text in a language such as ``title_fr``."""
    plain = fold(head).replace("_", " ").strip(" :*")
    if plain in _KNOWN:
        return _KNOWN[plain]
    found = _IN_LANGUAGE.fullmatch(clean_line(head))
    if found is None:
        return None
    field, language = _KNOWN.get(fold(found[1])), language_of(found[2])
    return f"{field}_{language}" if language and field in {TITLES, ABSTRACTS} else None


def is_field(name: str) -> bool:
    """Whether a column may be taken for this."""
    stem, _line, tag = name.partition("_")
    return name in {*FIELDS, KEEP, LEAVE} or (stem in {TITLES, ABSTRACTS} and language_of(tag) == tag)


def matched(heads: Sequence[str], rows: Sequence[Sequence[str]], chosen: Mapping[int, str]) -> tuple[Column, ...]:
    """Each column with what it is taken for: as chosen, else by its head; what nobody knows is kept beside.

    Raises:
        Invalid: two columns are chosen for the same.
    """
    fields: list[str] = []
    for number, head in enumerate(heads):
        field = chosen.get(number, "")
        if field and is_field(field):
            if field in fields and field not in {KEEP, LEAVE}:
                raise Invalid(problem(Place(cell(number, 0).rstrip("0")), "double_column"))
        else:
            guess = field_of(head)
            taken = {*fields, *(name for other, name in chosen.items() if other != number)}
            field = guess if guess is not None and guess not in taken else KEEP
        fields.append(field)
    return tuple(
        Column(head, field, _sample(rows, number))
        for number, (head, field) in enumerate(zip(heads, fields, strict=True))
    )


def _sample(rows: Sequence[Sequence[str]], number: int) -> tuple[str, ...]:
    cells = (clean_line(row[number])[:LONGEST_HEAD] for row in rows[:50] if number < len(row))
    return tuple(list(filter(None, dict.fromkeys(cells)))[:SAMPLES])


def cell(column: int, row: int) -> str:
    """A cell as spreadsheets call it: column 0 of row 12 is ``A12``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
