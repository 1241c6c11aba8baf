"""Role and actor credentials as ``dc+sd-jwt``, the format of wallets that know no linked data.

One credential, two forms: id, holder, validity and place in the status list are the same, so a revocation ends both.
"""

from __future__ import annotations

from passport.credentials.envelopes.sd_jwt_vc import CredentialKind, register
from passport.linked_data.contexts import CREDENTIALS_V2
from passport.vocabulary.credential_types import ACTOR, ROLE
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.strict_turtle import NS

#: ``vct`` of role credentials.
ROLE_TYPE = NS + ROLE
ROLE_KIND = register(CredentialKind(ROLE_TYPE, ROLE, (CREDENTIALS_V2, CONTEXT)))
ACTOR_KIND = register(CredentialKind(NS + ACTOR, ACTOR, (CREDENTIALS_V2, CONTEXT)))
