"""Every form carries a key of this browser: what comes without one, or with another's, changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.references import Keys, link_token
from forumreg.doors.participant.forms import CHECK_OWN_TOKEN
from forumreg.tables import Base
from tests.builders import a_registration, a_session, an_event
from tests.conftest import SECRET
from tests.pages import Page, Visitor

FORM = "/events/forum/register"
FORM_FIELDS = {
    "given_name": "Awa",
    "family_name": "Koné",
    "email": "awa@example.org",
    "organisation": "City of Odienné",
    "country": "CI",
    "category": "local",
}


def addresses(app: Flask, own: str) -> Mapping[str, str]:
    """The address of everything that takes a form, by endpoint; nothing is left out."""
    found = {}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            path = rule.rule.replace("<slug:slug>", "forum").replace("<reference>", "TUR-2222-2222")
            path = path.replace("/r/<token>", own.rstrip("/")).replace("<key>", "opening")
            path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path)
            found[rule.endpoint] = re.sub(r"<(?:int(?:\([^)]*\))?:)?\w+>", "1", path)
    return found


def everything_in(store: Session) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row there is."""
    store.rollback()
    return {
        table.name: [tuple(row) for row in store.execute(select(table).order_by(*table.primary_key))]
        for table in Base.metadata.sorted_tables
    }


@pytest.mark.parametrize("key", [None, "", "old", "of somebody else"])
def test_every_form_without_its_key_is_refused_and_changes_nothing(app: Flask, store: Session, key: str | None) -> None:
    mine = a_registration(store, an_event(store, sessions=(a_session("opening"),)))
    own = f"/r/{link_token(Keys((SECRET,)), mine.reference, 1)}/"
    forms, before = addresses(app, own), everything_in(store)
    if key == "of somebody else":
        key = Visitor(app).open(FORM).form.answers["csrf_token"][0]
    typed = {**FORM_FIELDS, **({} if key is None else {"csrf_token": key})}

    found = {endpoint: Visitor(app).post(address, typed).status for endpoint, address in forms.items()}

    assert found == {endpoint: 422 if endpoint in CHECK_OWN_TOKEN else 400 for endpoint in forms}
    assert len(forms) > 40
    assert everything_in(store) == before


def test_the_forms_that_look_at_their_key_themselves_give_back_what_was_typed(app: Flask, store: Session) -> None:
    mine = a_registration(store, an_event(store, sessions=(a_session("opening"),)))
    own = f"/r/{link_token(Keys((SECRET,)), mine.reference, 1)}/"
    forms = addresses(app, own)

    pages = {endpoint: Visitor(app).post(forms[endpoint], FORM_FIELDS) for endpoint in CHECK_OWN_TOKEN}

    assert [endpoint for endpoint, page in pages.items() if "expired" not in page.words] == []
    kept = {endpoint: page.form.answers.get("email") for endpoint, page in pages.items()}
    assert kept == {
        "participant.registration.send": ["awa@example.org"],
        "participant.registration.mail_links": ["awa@example.org"],
        "participant.own.change": ["awa@example.org"],
        "participant.choosing.choose": None,  # asks for no address
        "participant.sharing.share": None,
    }


# A form may stay open for days on a phone: its key has no age of its own, it ends with the cookie.


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets so much time pass for cookies and signatures."""
    usual = TimestampSigner.get_timestamp

    def put(time: timedelta) -> None:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: usual(self) + int(time.total_seconds()))

    return put


@pytest.mark.parametrize(("days", "code"), [(6, 303), (8, 422)])
def test_the_key_of_a_form_ends_with_its_cookie_after_seven_days(
    app: Flask, store: Session, later: Callable[[timedelta], None], days: int, code: int
) -> None:
    an_event(store)
    visitor = Visitor(app)
    form = visitor.open(FORM)

    later(timedelta(days=days))
    answer = visitor.send(form, FORM_FIELDS)

    assert answer.status == code
    if code == 422:
        assert "expired" in answer.words
        assert visitor.send(Page(answer.response)).status == 303
