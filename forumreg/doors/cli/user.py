"""Staff accounts."""

from __future__ import annotations

import sys
from getpass import getpass

import click

from forumreg.adapters.installation import Installation, installation
from forumreg.adapters.passwords import hash_password
from forumreg.base.errors import Refused
from forumreg.rules.access import Role, Shell
from forumreg.rules.account import RoleAt, find, grant, make_admin, remove_second_factor
from forumreg.rules.account import create as make
from forumreg.rules.account.passwords import problem_with


@click.group()
def user() -> None:
    """Make staff accounts and give them roles."""


@user.command()
@click.argument("email")
@click.option("--admin", is_flag=True, help="May do everything at every event.")
@click.option("--event", "slug", metavar="SLUG", help="The event at which the role holds.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What the person is there.")
@click.option("--organisation", metavar="NAME", help="Whom a partner acts for: name or short name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, or ask at a terminal.")
def create(
    email: str,
    admin: bool,
    slug: str | None,
    role: str | None,
    organisation: str | None,
    password_stdin: bool,
) -> None:
    """Make an account for EMAIL, or make one that exists administrator or give it a further role.

    Without --password-stdin the person sets a password by mail, on the sign-in page.
    """
    if (slug is None) != (role is None):
        raise click.UsageError("--event and --role go together.")
    if (role == Role.PARTNER) != bool(organisation):
        raise click.UsageError("--role partner and --organisation go together.")
    password_hash = _password_hash(email) if password_stdin else None
    wanted = RoleAt(slug, Role(role), organisation) if slug and role else None
    site = installation()
    with site.session() as session:
        known = find(session, email=email)
    if known and (wanted or admin) and not password_stdin:
        _become(site, known.email, wanted, is_admin=admin)
        return
    with site.session() as session:
        made = make(session, Shell(), email, password_hash=password_hash, is_admin=admin, role=wanted, now=site.now())
    click.echo(f"{made.email} has an account")
    if wanted:
        click.echo(f"{made.email} is {wanted.role} of {wanted.slug}")


def _become(site: Installation, email: str, role: RoleAt | None, *, is_admin: bool) -> None:
    """Make an account that exists what it is to be, and say what it is."""
    with site.session() as session:
        if is_admin:
            is_new = make_admin(session, Shell(), email, now=site.now())
            click.echo(f"{email} is administrator{'' if is_new else ' already'}")
        if role:
            is_new = grant(session, Shell(), email, role.slug, role.role, role.organisation_name, now=site.now())
            click.echo(f"{email} is {role.role} of {role.slug}{'' if is_new else ' already'}")


@user.command()
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let EMAIL sign in with the password alone, who lost phone, passkeys and recovery codes.

    First make sure, other than by mail, that it is the person who asks.
    """
    site = installation()
    with site.session() as session:
        remove_second_factor(session, Shell(), email, now=site.now())
    click.echo("the password alone signs in again; tell the person to set up a new second factor")


def _password_hash(email: str) -> str:
    password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    problem = problem_with(password, email)
    if problem:
        raise Refused(f"password_{problem}")
    return hash_password(password)
