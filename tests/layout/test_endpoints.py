"""Who may call what is written at every door."""

import pytest
from flask import Flask

from forumreg.app import create_app
from forumreg.base.settings import load
from forumreg.doors.participant.forms import CHECK_OWN_TOKEN
from forumreg.web.acting import PUBLIC, mark_of

LIBRARY = "security."  # Flask-Security's own pages: who may call them is that library's business


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(load({"FORUMREG_INSTANCE": str(tmp_path_factory.mktemp("instance"))}))


def test_every_endpoint_declares_who_may_call_it(application: Flask) -> None:
    ours = {name: view for name, view in application.view_functions.items() if not name.startswith(LIBRARY)}

    assert [name for name, view in ours.items() if mark_of(view) is None] == []


def test_no_staff_page_is_public(application: Flask) -> None:
    staff = {rule.endpoint for rule in application.url_map.iter_rules() if is_staff(rule.rule)}

    assert [name for name in sorted(staff) if mark_of(application.view_functions[name]) == PUBLIC] == []


def is_staff(address: str) -> bool:
    return address.startswith(("/organize/", "/partners/"))


def test_only_the_forms_that_check_their_key_themselves_are_exempt_from_the_common_check(application: Flask) -> None:
    protection = application.extensions["csrf"]
    own = {f"forumreg.doors.{endpoint}" for endpoint in CHECK_OWN_TOKEN}

    assert (protection._exempt_views, protection._exempt_blueprints) == (own, set())


def test_every_page_that_changes_something_is_a_post(application: Flask) -> None:
    methods = {method for rule in application.url_map.iter_rules() for method in rule.methods or ()}

    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}
