from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden, NotFound, Refused
from forumreg.rules import account as accounts
from forumreg.rules.access import Anonymous, Grant, Shell, Staff
from forumreg.rules.account import credentials, guessing
from forumreg.rules.account.passwords import problem_with
from forumreg.store.engine import make_sessions
from forumreg.tables.account import Account, Role, SignInTry, StaffSession
from forumreg.tables.event import Organisation
from forumreg.tables.journal import JournalEntry
from forumreg.tables.mail import OutboxMessage
from tests.builders import an_account, an_event

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def acts(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


def a_browser(session: Session, account: Account, key: str, now: datetime = NOW) -> str:
    accounts.open_session(session, account.id, key, "Firefox, Linux", now=now)
    return key


def waits(session: Session, address: str = "a@example.org", network: str = "192.0.2.1", now: datetime = NOW) -> int:
    """Seconds to wait; 0 where the try was let through."""
    try:
        guessing.count_try(session, "password", address, network, now=now)
    except Refused as refused:
        return int(str(refused.facts["seconds"]))
    return 0


def test_an_account_is_known_by_its_folded_address(session: Session) -> None:
    made = accounts.create(
        session,
        Shell(),
        " Anna@Bücher.Example ".strip(),
        password_hash="$argon2id$x",
        name=" Anna  B ",
        now=NOW,
    )

    found = accounts.find(session, email="ANNA@xn--bcher-kva.example")

    assert found == made
    assert (made.email, made.name, made.is_admin) == ("anna@xn--bcher-kva.example", "Anna B", False)
    assert acts(session) == ["account_made"]


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("no address", "not_an_address"),
        ("a@b\nBcc: c@d.example", "not_an_address"),
        ("ANNA@example.org", "account_exists"),
    ],
)
def test_an_account_is_refused_by_name(session: Session, email: str, reason: str) -> None:
    an_account(session, email="anna@example.org")

    with pytest.raises(Refused) as refused:
        accounts.create(session, Shell(), email, password_hash=None, now=NOW)

    assert refused.value.reason == reason


def test_only_an_admin_or_the_shell_makes_accounts_and_gives_roles(session: Session) -> None:
    forum = an_event(session)
    organizer = Staff(1, grants=(Grant(forum.id, Role.ORGANIZER),))

    for actor in (Anonymous(), organizer):
        with pytest.raises(Forbidden):
            accounts.create(session, actor, "b@example.org", password_hash=None, now=NOW)
        with pytest.raises(Forbidden):
            accounts.grant(session, actor, "b@example.org", "forum", Role.ORGANIZER, now=NOW)


def test_a_role_is_given_once(session: Session) -> None:
    an_event(session)
    an_account(session, email="anna@example.org")

    given = [accounts.grant(session, Shell(), "Anna@example.org", "forum", Role.DESK, now=NOW) for _ in range(2)]

    assert given == [True, False]


def test_a_partner_acts_for_an_organisation_of_the_event(session: Session) -> None:
    forum = an_event(session)
    account = an_account(session, email="anna@example.org")
    a_browser(session, account, "key")

    accounts.grant(session, Shell(), account.email, "forum", Role.PARTNER, "uclg", now=NOW)

    uclg = session.scalar(select(Organisation.id).where(Organisation.name == "United Cities and Local Governments"))
    grants = (Grant(forum.id, Role.PARTNER, uclg),)
    assert accounts.staff_of(session, "key", now=NOW) == Staff(account.id, grants=grants)


@pytest.mark.parametrize(
    ("role", "organisation", "reason"),
    [
        (Role.PARTNER, None, "partner_needs_organisation"),
        (Role.ORGANIZER, "UCLG", "organisation_is_for_partners"),
        (Role.PARTNER, "UN-Habitat", "organisation_not_in_event"),
    ],
)
def test_a_role_is_refused_by_name(session: Session, role: Role, organisation: str | None, reason: str) -> None:
    an_event(session)
    session.add(Organisation(name="UN-Habitat"))
    session.commit()
    an_account(session, email="anna@example.org")

    with pytest.raises(Refused) as refused:
        accounts.grant(session, Shell(), "anna@example.org", "forum", role, organisation, now=NOW)

    assert refused.value.reason == reason


def test_a_role_needs_an_account_and_an_event(session: Session) -> None:
    an_account(session, email="anna@example.org")

    for email, slug in (("nobody@example.org", "forum"), ("anna@example.org", "no-such-event")):
        with pytest.raises(NotFound):
            accounts.grant(session, Shell(), email, slug, Role.DESK, now=NOW)


def test_who_is_signed_in_is_told_with_all_roles_in_one_query(session: Session, engine: Engine) -> None:
    forum, workshop = an_event(session), an_event(session, "workshop")
    account = an_account(session, Role.ORGANIZER, forum, is_admin=True)
    accounts.grant(session, Shell(), account.email, "workshop", Role.DESK, now=NOW)
    a_browser(session, account, "key")
    session.rollback()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))

    staff = accounts.staff_of(session, "key", now=NOW)

    assert staff == Staff(account.id, True, (Grant(forum.id, Role.ORGANIZER), Grant(workshop.id, Role.DESK)))
    assert sum(statement.startswith("SELECT") for statement in asked) == 1


@pytest.mark.parametrize(
    ("opened", "seen", "is_in"),
    [
        (HOUR, MINUTE, True),
        (13 * HOUR, 12 * HOUR - MINUTE, True),
        (13 * HOUR, 12 * HOUR, False),
        (7 * 24 * HOUR - MINUTE, MINUTE, True),
        (7 * 24 * HOUR, MINUTE, False),
    ],
)
def test_a_browser_is_signed_out_by_time(session: Session, opened: timedelta, seen: timedelta, is_in: bool) -> None:
    account = an_account(session)
    a_browser(session, account, "key", NOW - opened)
    session.scalars(select(StaffSession)).one().seen_at = NOW - seen
    session.commit()

    assert (accounts.staff_of(session, "key", now=NOW) is not None) is is_in
    assert bool(accounts.open_sessions(session, Staff(account.id), "key", now=NOW)) is is_in


def test_an_inactive_account_and_an_unknown_key_are_nobody(session: Session) -> None:
    account = an_account(session, active=False)
    a_browser(session, account, "key")

    assert accounts.staff_of(session, "key", now=NOW) is None
    assert accounts.staff_of(session, "other", now=NOW) is None
    assert accounts.staff_of(session, session.scalars(select(StaffSession.key_hash)).one(), now=NOW) is None


def test_that_a_browser_was_seen_is_noted_every_five_minutes(session: Session) -> None:
    a_browser(session, an_account(session), "key")

    seen = []
    for minutes in (4, 5, 9, 10):
        accounts.staff_of(session, "key", now=NOW + minutes * MINUTE)
        seen.append(session.scalars(select(StaffSession.seen_at)).one() - NOW)

    assert seen == [0 * MINUTE, 5 * MINUTE, 5 * MINUTE, 10 * MINUTE]


def test_signing_out_ends_this_browser_alone(session: Session) -> None:
    account = an_account(session)
    for key in ("here", "there"):
        a_browser(session, account, key)

    accounts.end_session(session, "here", now=NOW)
    accounts.end_session(session, "here", now=NOW)

    assert accounts.staff_of(session, "here", now=NOW) is None
    assert accounts.staff_of(session, "there", now=NOW) == Staff(account.id)
    assert acts(session) == ["signed_in", "signed_in", "signed_out"]


def test_another_browser_is_signed_out_by_its_owner_only(session: Session) -> None:
    account, other = an_account(session), an_account(session)
    a_browser(session, account, "here")
    a_browser(session, account, "there", NOW + MINUTE)
    listed = accounts.open_sessions(session, Staff(account.id), "here", now=NOW + MINUTE)
    there = next(each for each in listed if not each.is_this)

    with pytest.raises(NotFound):
        accounts.end_other_session(session, Staff(other.id), there.id, now=NOW)
    accounts.end_other_session(session, Staff(account.id), there.id, now=NOW)

    assert [(each.agent, each.is_this) for each in listed] == [
        ("Firefox, Linux", False),
        ("Firefox, Linux", True),
    ]
    assert accounts.staff_of(session, "there", now=NOW) is None
    assert accounts.staff_of(session, "here", now=NOW) == Staff(account.id)


def test_all_browsers_but_one_are_signed_out(session: Session) -> None:
    account, other = an_account(session), an_account(session)
    for key in ("here", "there", "elsewhere"):
        a_browser(session, account, key)
    a_browser(session, other, "theirs")

    assert accounts.end_all_sessions(session, account.id, keep="here", now=NOW) == 2

    left = [key for key in ("here", "there", "elsewhere", "theirs") if accounts.staff_of(session, key, now=NOW)]
    assert left == ["here", "theirs"]


def test_a_new_password_is_journalled_mailed_and_signs_other_browsers_out(session: Session) -> None:
    account = an_account(session, password="old", tf_totp_secret="secret")
    for key in ("here", "there"):
        a_browser(session, account, key)
    letter = credentials.Letter("account 1, was_changed, x", account.email, "en", "Changed", "It was.", "<p>It was.")

    credentials.keep(
        session,
        account.id,
        {"password": "new", "fs_uniquifier": "u2"},
        letters=[letter],
        keep_key="here",
        now=NOW,
    )

    assert [accounts.staff_of(session, key, now=NOW) is None for key in ("here", "there")] == [False, True]
    assert acts(session)[-1] == "password_changed"
    mail = session.scalars(select(OutboxMessage)).one()
    assert mail.payload == {"subject": "Changed", "text": "It was.", "html": "<p>It was."}
    found = credentials.find_credentials(session, id=account.id)
    assert found is not None
    assert (found.password, found.fs_uniquifier) == ("new", "u2")


def test_the_library_changes_nothing_but_credentials(session: Session) -> None:
    account = an_account(session)

    with pytest.raises(ValueError, match="is_admin"):
        credentials.keep(session, account.id, {"is_admin": True}, now=NOW)


def test_second_factors_are_journalled_in_words(session: Session) -> None:
    account = an_account(session)

    for secret in ("one", "two", None):
        credentials.keep(session, account.id, {"tf_totp_secret": secret}, now=NOW)
    credentials.keep(session, account.id, {"mf_recovery_codes": ["h1", "h2"]}, now=NOW)
    credentials.keep(session, account.id, {"password": "the same, hashed anew"}, now=NOW)

    assert acts(session) == [
        "second_factor_set",
        "second_factor_changed",
        "second_factor_removed",
        "recovery_codes_made",
    ]


def test_who_lost_phone_and_codes_is_let_in_by_an_admin_only(session: Session) -> None:
    account = an_account(session, tf_primary_method="authenticator", tf_totp_secret="secret", mf_recovery_codes=["one"])

    with pytest.raises(Forbidden):
        accounts.remove_second_factor(session, Staff(account.id), account.email, now=NOW)
    accounts.remove_second_factor(session, Staff(account.id, True), account.email.upper(), now=NOW)
    with pytest.raises(Refused, match="no_second_factor"):
        accounts.remove_second_factor(session, Shell(), account.email, now=NOW)

    found = accounts.find(session, email=account.email)
    assert found is not None
    assert (found.has_second_factor, found.recovery_codes) == (False, 0)
    assert acts(session) == ["second_factor_removed"]


def test_a_one_time_code_is_taken_once_by_one_of_many(session: Session, engine: Engine) -> None:
    account = an_account(session)

    def take(counter: int) -> bool:
        with make_sessions(engine)() as own:
            return credentials.use_code(own, account.id, counter)

    with ThreadPoolExecutor(max_workers=6) as many:
        assert Counter(many.map(take, [70] * 6)) == {True: 1, False: 5}
    assert [take(69), take(71)] == [False, True]


def test_a_recovery_code_is_taken_once_by_one_of_many(session: Session, engine: Engine) -> None:
    account = an_account(session, mf_recovery_codes=["one", "two"])

    def take(code: str) -> bool:
        with make_sessions(engine)() as own:
            return credentials.use_recovery_code(own, account.id, ["other key", code], now=NOW)

    with ThreadPoolExecutor(max_workers=6) as many:
        assert Counter(many.map(take, ["one"] * 6)) == {True: 1, False: 5}
    assert acts(session) == ["recovery_code_used"]
    found = credentials.find_credentials(session, id=account.id)
    assert found is not None
    assert found.mf_recovery_codes == ("two",)


def test_guesses_at_an_address_wait_longer_each_time(session: Session) -> None:
    first_five = [waits(session) for _ in range(5)]

    said, now = [], NOW
    for _ in range(8):
        said.append(waits(session, now=now) - 1)
        now += timedelta(seconds=said[-1])
        assert waits(session, now=now) == 0

    assert first_five == [0] * 5
    assert said == [30, 60, 120, 240, 480, 900, 900, 900]


def test_guesses_are_counted_by_address_and_by_network(session: Session) -> None:
    for _ in range(5):
        waits(session, address="a@example.org", network="192.0.2.1")

    assert waits(session, address="A@Example.org", network="198.51.100.7") > 0
    assert waits(session, address="b@example.org", network="192.0.2.1") == 0

    for number in range(20):
        waits(session, address=f"c{number}@example.org", network="203.0.113.5")
    assert waits(session, address="d@example.org", network="203.0.113.5") > 0
    assert waits(session, address="d@example.org", network="203.0.113.6") == 0


def test_a_try_that_must_wait_is_not_counted(session: Session) -> None:
    for _ in range(5):
        waits(session)
    for _ in range(50):
        waits(session, now=NOW + timedelta(seconds=1))

    assert waits(session, now=NOW + timedelta(seconds=31)) == 0


def test_tries_side_by_side_count_like_tries_in_a_row(engine: Engine) -> None:
    def guess(number: int) -> bool:
        with make_sessions(engine)() as own:
            return waits(own, network=f"192.0.2.{number}") == 0

    with ThreadPoolExecutor(max_workers=8) as many:
        assert Counter(many.map(guess, range(24))) == {True: 5, False: 19}


def test_who_proves_right_is_forgiven(session: Session) -> None:
    for _ in range(4):
        waits(session)

    guessing.forgive(session, "password", "a@example.org", "192.0.2.1", now=NOW)

    assert [waits(session) for _ in range(5)] == [0] * 5


def test_an_office_that_mistypes_now_and_then_never_waits(session: Session) -> None:
    said = [waits(session, address=f"clerk{number}@example.org", now=NOW + 4 * number * MINUTE) for number in range(60)]

    assert said == [0] * 60


def test_failures_are_forgotten_after_a_day(session: Session) -> None:
    for _ in range(5):
        waits(session)

    assert [waits(session, now=NOW + 24 * HOUR) for _ in range(2)] == [0, 0]
    guessing.forgive(session, "password", "other@example.org", "192.0.2.9", now=NOW + 49 * HOUR)
    assert session.scalars(select(SignInTry)).all() == []


def test_the_table_of_tries_names_nobody(session: Session) -> None:
    waits(session, address="anna@example.org", network="192.0.2.1")

    keys = " ".join(session.scalars(select(SignInTry.key)))

    assert "anna" not in keys
    assert "192.0" not in keys


def test_pretending_leaves_no_mail(session: Session) -> None:
    letter = credentials.Letter("account 0, reset, x", "nobody@example.org", "en", "A link", "Open it.", "")

    credentials.pretend_to_keep(session, letter)

    assert session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("correct horse", None),
        ("Straße am Fluß", None),
        ("пароль на реке", None),
        ("eleven sign", "too_short"),
        ("x" * 1025, "too_long"),
        ("Anna.Bianchi@Example.org", "is_address"),
        ("aaaaaaaaaaaaaa", "too_common"),
        ("123456789012", "too_common"),
        ("Password-1234", "too_common"),
        ("forumreg 2026", "too_common"),
        ("qwertyuiopas", "too_common"),
        ("ｐａｓｓｗｏｒｄ１２３４", "too_common"),
    ],
)
def test_a_password_is_taken_for_its_length(password: str, problem: str | None) -> None:
    assert problem_with(password, "anna.bianchi@example.org") == problem
