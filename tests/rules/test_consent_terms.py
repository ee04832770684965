"""A consent covers what was named when it was given, whatever is granted later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules import partner, registration, roster
from forumreg.rules.access import Participant
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import FieldDraft
from forumreg.rules.roster import Question, Value
from forumreg.tables.registration import Consent, Registration
from tests.builders import NOW, a_submission, an_event, an_organizer
from tests.rules.test_roster import a_person, everything_taken, grant_email, names, somebody_of, the_id_of

LATER = NOW + timedelta(hours=1)
THEME = FieldDraft("theme", "text", {"en": "Theme"}, audience="co-organizers")
CLOSED_THEME = FieldDraft("theme", "text", {"en": "Theme"})


def shown(session: Session, event: EventFacts, organisation_id: int, column: str) -> Mapping[Value, Value]:
    """What the organisation's page shows in a column, by family name."""
    page = roster.page(
        session, somebody_of(event, organisation_id), roster.partner_scope(event, organisation_id), Question()
    )
    return {row["family_name"]: row[column] for row in page.rows}


def terms(session: Session, person: Registration) -> list[tuple[list[str], bool]]:
    """What each consent of a person named, in order, and whether it stands."""
    rows = session.scalars(select(Consent).where(Consent.registration_id == person.id).order_by(Consent.id))
    return [(row.columns, row.withdrawn_at is None) for row in rows]


def share(session: Session, person: Registration, *organisation_ids: int) -> tuple[str, ...]:
    own = Participant(person.id)
    return registration.share(session, own, person.reference, set(organisation_ids), now=LATER).changed


def test_an_address_granted_later_is_shown_for_nobody_who_agreed_before(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Before", ilo)
    event = grant_email(session, event, ilo)
    a_person(session, event, "After", ilo)
    actor, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)

    assert shown(session, event, ilo, "email") == {"After": "after@secret.example.org", "Before": ""}
    taken = everything_taken(session, actor, scope)
    assert "before@" not in taken
    assert "after@" in taken
    for search in ("before@secret.example.org", "before@"):
        assert names(session, actor, scope, Question(search=search)) == []
    assert names(session, actor, scope, Question(search="secret")) == ["After"]
    assert roster.count(session, actor, scope, Question(search="secret")) == 1
    assert names(session, actor, scope, Question(search="before")) == ["Before"]


def test_a_question_opened_later_is_shown_for_nobody_who_agreed_before(session: Session) -> None:
    event = an_event(session, fields=(CLOSED_THEME,))
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Before", ilo, answers={"theme": "Jobs"})
    event = an_event(session, fields=(THEME,))
    a_person(session, event, "After", ilo, answers={"theme": "Food"})

    assert shown(session, event, ilo, "theme") == {"After": "Food", "Before": None}
    assert "Jobs" not in everything_taken(session, somebody_of(event, ilo), roster.partner_scope(event, ilo))


def test_each_organisation_is_held_to_the_consent_given_to_it(session: Session) -> None:
    event = an_event(session)
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    event = grant_email(session, event, ilo)
    a_person(session, event, "Both", ilo, uclg)
    event = grant_email(session, event, uclg)

    assert shown(session, event, ilo, "email") == {"Both": "both@secret.example.org"}
    assert shown(session, event, uclg, "email") == {"Both": ""}


def test_a_consent_taken_back_covers_nothing_that_a_narrower_one_does_not(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    event = grant_email(session, event, ilo)
    person = a_person(session, event, "Twice", ilo)
    share(session, person)
    narrow = registration.share(session, Participant(person.id), person.reference, {ilo}, now=LATER, named=frozenset())

    assert narrow.changed == ("sharing",)
    assert terms(session, person) == [(["email"], False), ([], True)]
    assert shown(session, event, ilo, "email") == {"Twice": ""}


def test_saving_the_sharing_page_agrees_to_the_wider_terms(session: Session) -> None:
    event = an_event(session)
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    person = a_person(session, event, "Before", ilo, uclg)
    event = grant_email(session, event, ilo)
    own = Participant(person.id)
    assert registration.read(session, own, person.reference).widened == {ilo: ("email",)}

    assert share(session, person, ilo, uclg) == ("sharing",)

    assert terms(session, person) == [([], False), ([], True), (["email"], True)]
    assert shown(session, event, ilo, "email") == {"Before": "before@secret.example.org"}
    assert registration.read(session, own, person.reference).widened == {}
    assert share(session, person, ilo, uclg) == ()


def test_a_change_of_answers_agrees_to_nothing_wider(session: Session) -> None:
    event = an_event(session)
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    person = a_person(session, event, "Before", ilo)
    event = grant_email(session, event, ilo)
    form = a_submission(
        family_name="Before", given_name="", email=person.email, job_title="Mayor", sharing=frozenset({ilo, uclg})
    )

    registration.change(session, Participant(person.id), person.reference, form, now=LATER, version=person.version)

    assert terms(session, person) == [([], True), ([], True)]
    assert shown(session, event, ilo, "email") == {"Before": ""}


def test_a_form_opened_before_the_grant_names_what_it_named(session: Session) -> None:
    event = an_event(session, fields=(THEME,))
    ilo = the_id_of(session, "ILO")
    event = grant_email(session, event, ilo)
    person = a_person(session, event, "Slow", ilo, named=frozenset({(ilo, "theme"), (ilo, "phone"), (99, "email")}))

    assert terms(session, person) == [(["theme"], True)]
    assert shown(session, event, ilo, "email") == {"Slow": ""}


def test_a_grant_taken_back_shows_nothing_and_asks_nobody_again(session: Session) -> None:
    event = grant_email(session, an_event(session), the_id_of(session, "ILO"))
    ilo = the_id_of(session, "ILO")
    person = a_person(session, event, "Agreed", ilo)
    partner.set_scope(session, an_organizer(event), event, ilo, extra_columns=[], purpose={}, now=LATER)

    assert registration.read(session, Participant(person.id), person.reference).widened == {}
    assert share(session, person, ilo) == ()
    assert terms(session, person) == [(["email"], True)]


def test_organizers_count_who_agreed_before_the_present_terms(session: Session) -> None:
    event = an_event(session, fields=(CLOSED_THEME,))
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "First", ilo)
    event = grant_email(session, event, ilo)
    a_person(session, event, "Second", ilo)
    gone = a_person(session, event, "Gone", ilo)
    registration.cancel(session, an_organizer(event), gone.reference, now=LATER)
    event = an_event(session, fields=(THEME,))
    a_person(session, event, "Third", ilo)
    actor = an_organizer(event)

    assert roster.agreed_before(session, actor, roster.partner_scope(event, ilo)) == {"email": 1, "theme": 2}
    assert roster.agreed_before(session, actor, roster.organizer_scope(event)) == {}
