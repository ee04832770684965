"""The mail server, or the folder that stands for it while none is set."""

from forumreg.adapters.smtp.carriers import Carrier, carrier
from forumreg.adapters.smtp.connection import greet
from forumreg.adapters.smtp.draft import Draft, Picture, sender_of
from forumreg.adapters.smtp.failures import ForGood, Later
from forumreg.adapters.smtp.keeping import KeptMail, KeptPart, read_kept
from forumreg.adapters.smtp.server import Server, server_of

__all__ = [
    "Carrier",
    "Draft",
    "ForGood",
    "KeptMail",
    "KeptPart",
    "Later",
    "Picture",
    "Server",
    "carrier",
    "greet",
    "read_kept",
    "sender_of",
    "server_of",
]
