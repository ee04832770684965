"""Co-organizers: for whom a person acts, what each organisation may see, and why."""

from forumreg.rules.partner.acting import Partnership, acting_for, mine, name_of
from forumreg.rules.partner.scopes import GRANTABLE, PartnerScopeFacts, scope_of, set_scope, terms_of

__all__ = [
    "GRANTABLE",
    "PartnerScopeFacts",
    "Partnership",
    "acting_for",
    "mine",
    "name_of",
    "scope_of",
    "set_scope",
    "terms_of",
]
