"""Making accounts and giving them roles."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from forumreg.base.addresses import is_address
from forumreg.base.errors import NotFound, Refused
from forumreg.base.folding import clean_line, fold_address
from forumreg.base.texts import Texts
from forumreg.rules import journal
from forumreg.rules.access import Action, Actor, Staff, require
from forumreg.rules.account.passkeys import passkeys_of
from forumreg.store.writing import writing
from forumreg.tables.account import Account, Passkey, Role, StaffRole
from forumreg.tables.event import Event, EventOrganisation, EventStatus, Organisation

LONGEST_NAME = 160


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A staff account as a page or a command shows it."""

    id: int
    email: str
    name: str
    is_admin: bool
    is_active: bool
    has_second_factor: bool
    recovery_codes: int  # how many are left


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role at an event; a partner's names the organisation, by its name or short name."""

    slug: str
    role: Role
    organisation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody is to an event, and for which organisation where it is a partner's part."""

    role: Role
    slug: str
    title: Texts
    language: str  # the event's own
    organisation: str
    is_public: bool  # whether the event has a page for everybody


def create(  # noqa: PLR0913 (an account has these parts)
    session: Session,
    actor: Actor,
    email: str,
    *,
    password_hash: str | None,
    name: str = "",
    is_admin: bool = False,
    language: str = "en",
    role: RoleAt | None = None,
    now: datetime,
) -> AccountFacts:
    """Make an account, with its first role if one is named. Without a password hash its owner sets one by mail.

    Raises:
        Forbidden: the actor may not manage accounts.
        NotFound: no event has the role's slug.
        Refused: "not_an_address", "name_too_long" or "account_exists"; or as ``grant`` says.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    if not is_address(email):
        raise Refused("not_an_address")
    if len(clean_line(name)) > LONGEST_NAME:
        raise Refused("name_too_long", longest=LONGEST_NAME)
    with writing(session):
        if _find(session, email):
            raise Refused("account_exists")
        account = Account(
            email=fold_address(email),
            name=clean_line(name),
            is_admin=is_admin,
            language=language,
            password=password_hash,
            fs_uniquifier=secrets.token_hex(16),
            active=True,
            created_at=now,
        )
        session.add(account)
        session.flush()
        journal.write(
            session,
            actor,
            "account_made",
            subject=("account", account.id),
            now=now,
            after={"is_admin": is_admin},
        )
        if role is not None:
            _give(session, actor, account, role, now)
        return _facts(account)


def find(session: Session, *, email: str | None = None, account_id: int | None = None) -> AccountFacts | None:
    """The account with this address or number. The caller has checked the actor, or shows it to its owner."""
    account = session.get(Account, account_id) if account_id is not None else _find(session, email or "")
    return _facts(account) if account else None


def home_of(staff: Staff) -> Literal["organizer", "partner", "account"]:
    """Whose pages somebody works on: organizers' before partners', the account's own where no other page is theirs."""
    roles = {grant.role for grant in staff.grants}
    if staff.is_admin or Role.ORGANIZER in roles:
        return "organizer"
    return "partner" if Role.PARTNER in roles else "account"


def parts_of(session: Session, staff: Staff) -> Sequence[Part]:
    """What the person is at which event: the latest event first, at one event as they were given."""
    rows = session.execute(
        select(StaffRole.role, Event.slug, Event.title, Event.languages, Organisation.name, Event.status)
        .join(Event, Event.id == StaffRole.event_id)
        .outerjoin(Organisation, Organisation.id == StaffRole.organisation_id)
        .where(StaffRole.account_id == staff.account_id)
        .order_by(Event.starts_on.desc(), Event.id, StaffRole.id)
    )
    return [
        Part(role, slug, title, (*languages, "en")[0], name or "", status is not EventStatus.DRAFT)
        for role, slug, title, languages, name, status in rows
    ]


def grant(
    session: Session,
    actor: Actor,
    email: str,
    slug: str,
    role: Role,
    organisation_name: str | None = None,
    *,
    now: datetime,
) -> bool:
    """Give an account a role at an event; False where it has it already.

    Raises:
        Forbidden: the actor may not manage accounts.
        NotFound: no account has this address, or no event this slug.
        Refused: "partner_needs_organisation", "organisation_is_for_partners",
            or "organisation_not_in_event" with ``organisation`` and the ``known`` ones.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with writing(session):
        account = _find(session, email)
        if account is None:
            raise NotFound("account")
        return _give(session, actor, account, RoleAt(slug, role, organisation_name), now)


def make_admin(session: Session, actor: Actor, email: str, *, now: datetime) -> bool:
    """Let an account do everything at every event; False where it may already.

    Raises:
        Forbidden: the actor may not manage accounts.
        NotFound: no account has this address.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with writing(session):
        account = _find(session, email)
        if account is None:
            raise NotFound("account")
        if account.is_admin:
            return False
        account.is_admin = True
        subject = ("account", account.id)
        journal.write(session, actor, "admin_made", subject=subject, now=now, after={"is_admin": True})
        return True


def _give(session: Session, actor: Actor, account: Account, role: RoleAt, now: datetime) -> bool:
    event_id = session.scalar(select(Event.id).where(Event.slug == role.slug))
    if event_id is None:
        raise NotFound("event")
    organisation_id = _organisation(session, event_id, role.role, role.organisation_name)
    wanted = {
        "account_id": account.id,
        "event_id": event_id,
        "role": role.role,
        "organisation_id": organisation_id,
    }
    if session.scalar(select(StaffRole.id).filter_by(**wanted)):
        return False
    session.add(StaffRole(**wanted))
    journal.write(
        session,
        actor,
        "role_given",
        subject=("account", account.id),
        now=now,
        event_id=event_id,
        after={"role": role.role.value, "organisation_id": organisation_id},
    )
    return True


def remove_second_factor(session: Session, actor: Actor, email: str, *, now: datetime) -> None:
    """Let somebody who lost phone, passkeys and recovery codes sign in with the password alone.

    Raises:
        Forbidden: the actor may not manage accounts.
        NotFound: no account has this address.
        Refused: "no_second_factor".
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with writing(session):
        account = _find(session, email)
        if account is None:
            raise NotFound("account")
        keys = passkeys_of(session, account.id)
        if not account.tf_totp_secret and not keys:
            raise Refused("no_second_factor")
        account.tf_primary_method = account.tf_totp_secret = None
        account.mf_recovery_codes = []
        session.execute(delete(Passkey).where(Passkey.account_id == account.id))
        journal.write(
            session,
            actor,
            "second_factor_removed",
            subject=("account", account.id),
            now=now,
            after={"passkeys_removed": [each.id for each in keys]},
        )


def _organisation(session: Session, event_id: int, role: Role, name: str | None) -> int | None:
    if (role is Role.PARTNER) != bool(name):
        raise Refused("organisation_is_for_partners" if name else "partner_needs_organisation")
    if not name:
        return None
    rows = session.execute(
        select(Organisation.id, Organisation.name, EventOrganisation.short_name)
        .join(EventOrganisation, EventOrganisation.organisation_id == Organisation.id)
        .where(EventOrganisation.event_id == event_id)
        .order_by(EventOrganisation.position, EventOrganisation.id)
    ).all()
    wanted = clean_line(name).casefold()
    for row in rows:
        if wanted in {row.name.casefold(), row.short_name.casefold()}:
            return int(row.id)
    raise Refused("organisation_not_in_event", organisation=clean_line(name), known=[row.name for row in rows])


def _find(session: Session, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == fold_address(email)))


def _facts(account: Account) -> AccountFacts:
    return AccountFacts(
        account.id,
        account.email,
        account.name,
        account.is_admin,
        account.active,
        bool(account.tf_primary_method and account.tf_totp_secret),
        len(account.mf_recovery_codes or ()),
    )
