"""The kinds of sessions as other programs and people call them."""

from __future__ import annotations

from forumreg.base.folding import fold
from forumreg.rules.event.drafts import SESSION_KINDS

USUAL = "panel"  # what a kind becomes that we cannot place; the file's word for it is kept

_WORDS: dict[str, str] = {
    "plenary": "plenary plenaries keynote opening closing ceremony plénière pléniere plenaria plenária abertura"
    " apertura ouverture clôture chiusura encerramento clausura",
    "panel": "panel panels podium discussion debate lecture talk presentation table-ronde panneau débat conférence"
    " mesa-redonda tavola-rotonda panel-discussion mesa ponencia palestra conferenza dibattito debate painel",
    "workshop": "workshop workshops tutorial hands-on training atelier taller oficina laboratorio formation formación",
    "side-event": "side-event performance concert film game party exhibition événement-parallèle evento-paralelo"
    " evento-collaterale evento-parallelo reception cocktail",
    "world-cafe": "world-cafe world-café café-mundial",
    "site-visit": "site-visit visit excursion tour visite visita visite-de-terrain visita-técnica visita-in-loco",
    "meeting": "meeting meetup bof devroom assembly réunion reunión riunione reunião encuentro incontro",
    "break": "break lunch coffee pause pausa descanso almuerzo déjeuner pranzo almoço intervallo intervalo pause-café",
}
_KINDS = {fold(word).replace("-", " "): kind for kind, words in _WORDS.items() for word in words.split()}


def kind_of(word: str) -> str | None:
    """Which of our kinds a word means; ``None`` for none of them."""
    plain = " ".join(fold(word).replace("_", " ").replace("-", " ").split())
    key = plain.replace(" ", "-")
    return key if key in SESSION_KINDS else _KINDS.get(plain)


def is_ours(word: str) -> bool:
    """Whether a word is our own name of a kind."""
    return word in SESSION_KINDS
