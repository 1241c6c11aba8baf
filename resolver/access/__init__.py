"""Access control: exchanges a role credential for a short-lived access token. The only source of an audience.

A token is given when, in this order:

1. The request holds one presentation with one role credential in it.
2. The challenge in its proof is ours, not expired, and was never used.
3. The presentation is signed by its holder: purpose ``authentication``, our challenge, our address as domain, and
   the key belongs to the holder's DID.
4. The role credential verifies: data model, issuer's signature, validity, status, and the trust list names its issuer
   for ``BatteryRoleCredential``. What could not be checked is refused like what failed.
5. The credential speaks of the holder, and names an audience other than the public, and a purpose; a purpose of a
   legitimate interest is one that the policy knows (:data:`passport.battery.privacy.rights.PURPOSES`), and the packs
   are named where it asks for that. The audience is one of those that the trust list names for its issuer; where it
   names none, the issuer admits no one.

A token is looked at again with each use, since trust may end before it does. It keeps what that needs: id, issuer, keys
and status entries of the role. It opens nothing as soon as

* the trust list, which is read again when its file changes, no longer names the issuer for roles or for the audience,
  or no longer knows a key that signed the role;
* a status bit of the role is set, or its status cannot be known: no list at hand, or one past its time;
* the role has expired.

The presentation is signed JSON-LD (Data Integrity) or a token (``vp+jwt``: ``nonce`` is the challenge, ``aud`` the
domain); the role credential within is Data Integrity either way. A role as ``dc+sd-jwt`` with a key binding is accepted
too: the issuer's token and the binding are together what a presentation is otherwise.

A challenge is random bits, the time it expires and a MAC over both, so that handing one out stores nothing: only used
ones are remembered (:mod:`passport.store.state.resolver_state`). Status lists enclosed by the holder are not believed,
since an old one would hide a revocation: only lists of our own store count, and those fetched in the background
(:mod:`resolver.role_status`). A role without a place in a list of revocations could never be taken back, so that it is
refused.

The token is a JWT (RFC 7519) signed with HS256 by a secret of this resolver. No other algorithm is accepted. Issuer,
audience (``aud`` is our base URL) and time are checked against the resolver's own clock, and the token is never
stored or logged. It expires, or its bearer revokes it earlier (RFC 7009): then its id is remembered until it would have
expired. No header, parameter or cookie other than ``Authorization: Bearer`` is read.
"""
