"""Who may do what: actors, actions and one table that joins them."""

from forumreg.rules.access.actors import Actor, Anonymous, Grant, Participant, Shell, Staff, Worker
from forumreg.rules.access.policy import POLICY, Action, allowed, require
from forumreg.tables.account import Role

__all__ = [
    "POLICY",
    "Action",
    "Actor",
    "Anonymous",
    "Grant",
    "Participant",
    "Role",
    "Shell",
    "Staff",
    "Worker",
    "allowed",
    "require",
]
