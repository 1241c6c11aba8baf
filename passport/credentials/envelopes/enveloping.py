"""Credentials and presentations inside tokens and messages: JWT, SD-JWT and COSE.

    ==============  ==============  ============================================  =========================
    credential      presentation    form                                          read by
    ==============  ==============  ============================================  =========================
    ``vc+jwt``      ``vp+jwt``      compact JWS                                   ``proofs.jose``
    ``vc+sd-jwt``   ``vp+sd-jwt``   the same with disclosures and a key binding   ``proofs.sd_jwt``
    ``vc+cose``     ``vp+cose``     COSE_Sign1                                    ``proofs.cose``
    ``dc+sd-jwt``                   claims of a wallet's credential, key binding  ``envelopes.sd_jwt_vc``
    ==============  ==============  ============================================  =========================

What is signed *is* the credential, without a ``vc`` claim around it; the registered claims of JWT may be beside its
properties (of COSE: in the protected header) and must not contradict them. (Securing Verifiable Credentials using JOSE
and COSE 1.0; RFC 9901; RFC 9052; RFC 9597)

Opening, in this order:

1. Its header is one that we understand: kind, closed list of algorithms, no extensions.
2. The method that ``kid`` names is in the DID document of its controller under the required purpose. The header
   never brings a key along.
3. The signature verifies with that key; disclosures have their places; a key binding is the holder's.
4. The content is a credential (a presentation) of VC Data Model 2.0 and safe JSON-LD; ``iss``, ``sub`` and ``jti`` say
   the same as its properties; ``nbf`` and ``exp`` hold.

Whether the controller is the issuer, and whether the issuer is trusted, is the verifier's question, as it is for Data
Integrity. The library and ``passport verify`` do all of this; the resolver *serves* Data Integrity.

    token = secure(credential, issuer)
    Verifier(policy).verify(envelope(VC_JWT, token), at=now)
"""

from passport.credentials.envelopes.envelope import (
    DC_SD_JWT,
    OPENED_HERE,
    PRESENTATIONS,
    VC_COSE,
    VC_JWT,
    VC_SD_JWT,
    VP_COSE,
    VP_JWT,
    VP_SD_JWT,
    Opened,
    envelope,
)
from passport.credentials.envelopes.envelope_opening import BINDING_LIFETIME, open_token
from passport.credentials.envelopes.envelope_signing import (
    bind,
    disclose,
    secure,
    secure_as_cose,
    secure_presentation,
    secure_presentation_as_cose,
    secure_presentation_selectively,
    secure_selectively,
)

__all__ = [
    "BINDING_LIFETIME",
    "DC_SD_JWT",
    "OPENED_HERE",
    "PRESENTATIONS",
    "VC_COSE",
    "VC_JWT",
    "VC_SD_JWT",
    "VP_COSE",
    "VP_JWT",
    "VP_SD_JWT",
    "Opened",
    "bind",
    "disclose",
    "envelope",
    "open_token",
    "secure",
    "secure_as_cose",
    "secure_presentation",
    "secure_presentation_as_cose",
    "secure_presentation_selectively",
    "secure_selectively",
]
