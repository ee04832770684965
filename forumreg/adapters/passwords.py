"""Hashing passwords so that the sign-in pages take them; light enough for commands to import."""

from __future__ import annotations

from argon2 import PasswordHasher, Type

from forumreg.rules.account.passwords import normal

# OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane; eight sign-ins at once take 152 MiB.
TIME_COST = 2
MEMORY_KIB = 19 * 1024
PARALLELISM = 1
_hasher = PasswordHasher(TIME_COST, MEMORY_KIB, PARALLELISM, type=Type.ID)


def hash_password(password: str) -> str:
    """The argon2id hash of a password. Whether it is a good one, ``rules.account.passwords`` says."""
    return _hasher.hash(normal(password))
