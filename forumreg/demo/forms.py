"""What a made-up person writes into an event's form."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from forumreg.demo.people import Person
from forumreg.rules.event import EventFacts, FieldFacts, SessionFacts
from forumreg.rules.registration import DIETS, INTERPRETATION, Choice, Submission, asked
from forumreg.web.languages import installed

# How likely it is that somebody wants to be in a session; the rest are chosen by one in nine.
WANTED: Mapping[str, float] = {
    "urban-metabolism": 0.45,
    "peacebuilding": 0.38,
    "linking-universities": 0.3,
    "catalysts-of-innovation": 0.3,
    "south-south-cooperation": 0.28,
    "bio-cities": 0.24,
}
SELDOM = 0.11
AGREES: Mapping[str, float] = {"City of Turin": 0.7, "International Labour Organization": 0.5}
AGREES_SELDOM = 0.35
ACCESSIBILITY = (
    "I use a wheelchair.",
    "Please keep a seat near the front: I read lips.",
    "I come with an assistance dog.",
    "I need a hearing loop.",
)
PRACTICES = (
    "A municipal fund that lends to small workshops.",
    "Street markets run together with the vendors’ association.",
    "An agency that buys school meals from farmers nearby.",
    "Public works that train young people on the job.",
)
HOPES = (
    "Partners for a project on food markets.",
    "How others finance small enterprises.",
    "Ideas, and friends.",
)
MEDIA = ("Local radio", "A weekly for cooperatives", "A city magazine", "Television, regional news")
Answer = str | bool | float | list[str] | None


def filled(rng: random.Random, event: EventFacts, person: Person, *, key: str) -> Submission:
    """The form as this person sends it."""
    category = _category(rng, event, person)
    return Submission(
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        category=category,
        honorific=person.honorific,
        badge_name=person.badge_name,
        organisation=person.organisation,
        job_title=person.job_title,
        country=person.country,
        language=person.language if person.language in installed() else installed()[0],
        phone=person.phone,
        interpretation=person.language if person.language in INTERPRETATION and rng.random() < 0.6 else "",
        understands=(person.language,),
        dietary=(rng.choice(DIETS),) if rng.random() < 0.12 else (),
        accessibility=rng.choice(ACCESSIBILITY) if rng.random() < 0.02 else "",
        answers=_answers(rng, event, category, person),
        sessions=_sessions(rng, event.bookable),
        sharing=_sharing(rng, event),
        accept_waitlist=True,
        key=key,
    )


def _category(rng: random.Random, event: EventFacts, person: Person) -> str | None:
    if event.find_category(person.category):
        return person.category
    public = [entry.key for entry in event.categories if entry.visibility == "public"]
    return rng.choice(public) if public else None


def _answers(rng: random.Random, event: EventFacts, category: str | None, person: Person) -> Mapping[str, Answer]:
    answers: dict[str, Answer] = {}
    for entry in event.fields:
        is_asked = asked(entry, event.find_category(category), answers)
        if is_asked and (entry.required or rng.random() < 0.6):
            answers[entry.key] = _answer(rng, event, entry, person)
    return answers


def _answer(rng: random.Random, event: EventFacts, entry: FieldFacts, person: Person) -> Answer:
    match entry.kind:
        case "choice" | "choices":
            return _chosen(rng, entry, person)
        case "yes-no":
            return rng.random() < (0.2 if entry.key == "visa_letter" else 0.5)
        case "number":
            return str(rng.choice((12, 40, 85, 300, 1200, 4500)))
        case "date":
            return (event.starts_on - timedelta(days=rng.choice((0, 1, 1, 2)))).isoformat()
        case "country":
            return person.country
    return _words(rng, entry)


def _chosen(rng: random.Random, entry: FieldFacts, person: Person) -> Answer:
    values = [option.value for option in entry.options]
    if entry.kind == "choices":
        return sorted(rng.sample(values, rng.randint(1, min(3, len(values)))), key=values.index)
    return person.language if person.language in values else rng.choice(values)


def _words(rng: random.Random, entry: FieldFacts) -> str:
    if entry.key == "passport_number":
        return f"XX{rng.randrange(10**7):07}"  # XX: a country that ISO 3166-1 leaves to its users
    known: Mapping[str, Sequence[str]] = {"practice": PRACTICES, "medium": MEDIA}
    return rng.choice(known.get(entry.key, HOPES))


def _sessions(rng: random.Random, bookable: Sequence[SessionFacts]) -> tuple[Choice, ...]:
    """Some sessions, none at the same time as another; half of the people would wait for a seat."""
    chosen: list[SessionFacts] = []
    for entry in rng.sample(list(bookable), len(bookable)):
        wanted = rng.random() < WANTED.get(entry.key, SELDOM)
        if wanted and not any(entry.overlaps(other) for other in chosen):
            chosen.append(entry)
    return tuple(Choice(entry.key, waitlist=rng.random() < 0.5) for entry in chosen)


def _sharing(rng: random.Random, event: EventFacts) -> frozenset[int]:
    return frozenset(entry.id for entry in event.sharing if rng.random() < AGREES.get(entry.name, AGREES_SELDOM))
