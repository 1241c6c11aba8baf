"""Declaration of a footprint: signed by the maker, countersigned by a third party, and compared with the passport.

Two credentials, not one document with two proofs (docs/decisions): check 2 of a verification requires that every proof
belongs to the issuer, and a proof can be removed from a set without a trace. So the countersignature is a credential of
the verifier's own: an attestation (:mod:`passport.attestation.attested_values`) under the scheme ``carbon-footprint``.
It attests each declared figure of the batch, and its report is the signed declaration, by address and digest. So it is
also an attestation of the same figures in the passport. Older countersignatures, of the type
``CarbonFootprintVerificationCredential``, count as before; none is made any more. Declaration and countersignature are
in one unsigned presentation. :func:`examine` checks, in this order:

1. The declaration verifies, issuer accepted for declarations.
2. A countersignature verifies, issuer accepted for countersignatures.
3. Its issuer is not the maker, and it is of this very declaration.
4. The figures of the declaration fit together.
5. The passport verifies.
6. It is of the batch, and by the issuer, of the declaration.
7. Its figures are the declared ones.
"""

from passport.publishing.footprint_declaration.countersignature import countersign, scheme
from passport.publishing.footprint_declaration.declaration import (
    DeclaredParties,
    bundle,
    claims,
    declaration_in,
    digest_of,
    members,
)
from passport.publishing.footprint_declaration.examination import Examination, examine
from passport.publishing.footprint_declaration.published_declaration import (
    Published,
    add_countersignature,
    published,
    status_lists,
)

__all__ = [
    "DeclaredParties",
    "Examination",
    "Published",
    "add_countersignature",
    "bundle",
    "claims",
    "countersign",
    "declaration_in",
    "digest_of",
    "examine",
    "members",
    "published",
    "scheme",
    "status_lists",
]
