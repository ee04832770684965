"""A page speaks the language that was asked for, else remembered, else preferred, else the event's own."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forumreg.rules.registration import token_of
from forumreg.web import languages
from forumreg.web.site import NAME
from tests.builders import a_registration, a_session, an_event

FRENCH, ENGLISH = ("fr", "ltr"), ("en", "ltr")


def spoken(client: FlaskClient, address: str, accept: str = "") -> tuple[str, str]:
    """The language and the direction that the page says it has."""
    headers = {"Accept-Language": accept} if accept else {}
    page = client.get(address, headers=headers).text
    found = re.search(r'<html lang="([^"]+)" dir="([^"]+)"', page)
    assert found, page[:200]
    return found[1], found[2]


def test_a_language_that_is_asked_for_is_spoken_and_remembered(client: FlaskClient) -> None:
    said = [spoken(client, address) for address in ("/", "/?lang=fr", "/", "/?lang=en", "/")]

    assert said == [ENGLISH, FRENCH, FRENCH, ENGLISH, ENGLISH]


def test_a_language_that_we_do_not_speak_is_neither_spoken_nor_remembered(client: FlaskClient) -> None:
    answer = client.get("/?lang=tlh")

    assert ('<html lang="en" dir="ltr"' in answer.text, "Set-Cookie" in answer.headers) == (True, False)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("fr", "fr"),
        ("fr-CI,fr;q=0.9,en;q=0.5", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.5", "en"),
        ("fr-CI,en;q=0.8", "fr"),
        ("dyu,fr;q=0.8", "fr"),
        ("fr;q=0,en", "en"),
        ("dyu", "en"),
        ("*;q=,;;", "en"),
    ],
)
def test_the_browsers_language_is_honoured(client: FlaskClient, accept: str, language: str) -> None:
    assert spoken(client, "/", accept) == (language, "ltr")


def test_what_was_asked_for_before_comes_before_what_the_browser_prefers(client: FlaskClient) -> None:
    client.get("/?lang=fr")

    assert spoken(client, "/", "en") == FRENCH


def test_an_event_speaks_its_own_language_to_who_names_none(client: FlaskClient, store: Session) -> None:
    an_event(store, languages=("fr", "en"))

    assert spoken(client, "/events/forum/") == FRENCH
    assert spoken(client, "/events/forum/", "en") == ENGLISH


def test_a_language_is_written_from_its_own_side(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "installed", lambda: ("en", "ar", "fr"))

    assert spoken(client, "/", "ar-MA,fr;q=0.5") == ("ar", "rtl")


def test_the_own_page_speaks_the_registrants_language(app: Flask, client: FlaskClient, store: Session) -> None:
    registration = a_registration(store, an_event(store), language="fr")
    keys = app.extensions[NAME].keys
    address = f"/r/{token_of(store, keys, registration.reference)}/"

    said = [spoken(client, address + tail, "en") for tail in ("", "change", "sharing", "cancel", "?lang=en")]

    assert said == [FRENCH, FRENCH, FRENCH, FRENCH, ENGLISH]


def test_the_switch_leads_to_the_same_page_in_each_language(client: FlaskClient, store: Session) -> None:
    an_event(store, sessions=(a_session("opening"),))

    page = client.get("/events/forum/?day=2015-10-16&lang=fr").text

    assert re.findall(r'<li><a href="([^"]+)" lang="(\w+)" hreflang="\w+"( aria-current="true")?>([^<]+)', page) == [
        ("/events/forum/?day=2015-10-16&amp;lang=en", "en", "", "English"),
        ("/events/forum/?day=2015-10-16&amp;lang=fr", "fr", ' aria-current="true"', "Français"),
    ]


def test_days_hours_and_countries_are_written_as_the_reader_does(client: FlaskClient, store: Session) -> None:
    an_event(store, sessions=(a_session("opening"),))

    page = unescape(client.get("/events/forum/?lang=fr").text)

    assert [
        words
        for words in (
            "15–18 octobre 2015, Turin, Italie",
            "vendredi 16 octobre",
            "mardi 1er septembre 2015, 09:00",
            "samedi 10 octobre 2015, 00:00",
            "heure locale à Turin, UTC+02:00",
            "Séance opening",
            "Panel, Great Hall. Anglais, français",
        )
        if words not in page
    ] == []
    assert "15–18 October 2015, Turin, Italy" in client.get("/events/forum/?lang=en").text


def test_what_is_wrong_with_a_form_is_said_in_french(client: FlaskClient, store: Session) -> None:
    an_event(store)
    form = client.get("/events/forum/register?lang=fr").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token

    answer = client.post("/events/forum/register", data={"csrf_token": token[1], "notice_version": "1", "email": "x"})

    page = unescape(answer.text)
    summary = page.partition('id="errors"')[2].partition("</div>")[0]
    assert (answer.status_code, "<title>Erreur\u00a0: S’inscrire. " in page) == (422, True)
    assert re.findall(r'<li><a href="#([\w-]+)">([^<]+)</a>', summary) == [
        ("given_name", "Saisissez votre prénom ou votre nom de famille."),
        ("email", "Saisissez une adresse e-mail, par exemple nom@example.org."),
        ("country", "Choisissez le pays d’où vous venez."),
        (
            "organisation",
            "Saisissez votre organisation. Si vous n’en avez pas, écrivez «\u00a0À titre individuel\u00a0».",
        ),
        ("category", "Choisissez la catégorie dans laquelle vous venez."),
    ]
    assert '<h2 id="errors-h">5 réponses sont à revoir</h2>' in summary


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/nothing", "Il n’y a pas de page à cette adresse"),
        ("/organize/", "Se connecter"),
        ("/events/forum/privacy", "Nous gardons vos réponses un an."),
    ],
)
def test_every_page_follows(client: FlaskClient, store: Session, address: str, sentence: str) -> None:
    an_event(store)
    client.get("/?lang=fr")

    assert sentence in unescape(client.get(address, follow_redirects=True).text)


def test_an_address_that_leads_nowhere_is_offered_in_every_language(client: FlaskClient) -> None:
    page = client.get("/nowhere?lang=fr").text

    assert re.findall(r'href="(\?lang=[^"]+)"', page) == ["?lang=en", "?lang=fr"]
    assert spoken(client, "//example.org/nowhere?lang=fr") == FRENCH


def test_languages_in_a_row_are_written_as_the_reader_writes_them(client: FlaskClient, store: Session) -> None:
    an_event(store, sessions=(a_session("A", languages=("en", "es")),))

    pages = [unescape(client.get(f"/events/forum/programme?lang={code}").text) for code in ("fr", "en")]

    assert ["Anglais, espagnol" in pages[0], "English, Spanish" in pages[1]] == [True, True]
