"""The revision that is read without Alembic is the one that Alembic means."""

from sqlalchemy import Engine, text

from forumreg.store import revision, schema
from forumreg.store.engine import make_engine


def test_the_newest_file_is_alembics_head() -> None:
    assert revision.head() == schema.head()


def test_a_migrated_database_is_current(engine: Engine) -> None:
    with engine.connect() as connection:
        assert revision.current(connection) == schema.current(connection) == schema.head()


def test_a_database_without_a_schema_has_no_revision() -> None:
    with make_engine("sqlite://").connect() as connection:
        assert revision.current(connection) is None
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        assert revision.current(connection) is None
