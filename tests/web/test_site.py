"""The session of a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from forumreg.app import create_app
from forumreg.tables.event import Organisation
from forumreg.web.site import db
from tests.conftest import settings_for


def test_a_request_changes_nothing_outside_of_writing(database_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(database_url, tmp_path))
    with app.app_context():
        db.session.add(Organisation(name="ILO"))
        with pytest.raises(RuntimeError, match="in writing"):
            db.session.flush()
        db.session.rollback()
        db.engine.dispose()
