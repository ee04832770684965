"""Which passwords we take: long ones. Rules about kinds of signs make passwords worse, so there are none."""

from __future__ import annotations

import re
import unicodedata

from forumreg.base.folding import fold

SHORTEST = 12  # NIST SP 800-63B, 3.1.1.2: 8 with a second factor, 15 without; ours is a choice
LONGEST = 1024  # more is not a password but work for the server

# What people type first when told "at least twelve signs", folded and without separators.
_COMMON_WORDS = """
    administrator adminadminadmin changemenow1 changeme1234 correcthorsebatterystaple iloveyou1234
    letmeinplease letmein12345 motdepasse12 motdepasse123 mypassword123 mypassword1234 newpassword1
    newpassword123 organizer123 organizer1234 passwordpassword password1234 password12345 password123456
    passw0rd1234 passw0rd12345 qwertyqwerty qwerty123456 qwertyuiop12 qwertyuiop123 qwertyuiopasdf
    azertyazerty azertyuiop12 azertyuiop123 contrasena123 contrasena1234 passwort1234 passwort12345
    welcome12345 welcome123456 bienvenue123 benvenuto123 secretsecret secret123456 testtesttest
    test12345678 football1234 sunshine1234 princess1234 dragon123456 monkey123456 1q2w3e4r5t6y
    zaq12wsxcde3 abcd12345678 abc123456789 administrateur
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "0123456789" * 12,
    "9876543210" * 12,
    "qwertyuiopasdfghjklzxcvbnm" * 2,
)


def normal(password: str) -> str:
    """The password as it is hashed, whichever keyboard wrote it (NFKC; NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def problem_with(password: str, email: str) -> str | None:
    """Why it is not taken: "too_short", "too_long", "is_address" or "too_common"; else ``None``."""
    plain = normal(password)
    if len(plain) < SHORTEST:
        return "too_short"
    if len(plain) > LONGEST:
        return "too_long"
    if fold(plain) == fold(email):
        return "is_address"
    return "too_common" if _is_common(plain) else None


def _is_common(password: str) -> bool:
    bare = re.sub(r"[\W_]+", "", fold(password))
    if len(set(bare)) <= 2 or bare.strip("0123456789") in {"forumreg", "forumregforumreg"}:
        return True
    return bare in _COMMON or any(bare in run for run in _RUNS)
