"""How many signatures a second a key makes: what it costs a run, before it is begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from passport.identity.signer import Signer

#: Signatures in a batch, where the signer takes batches.
BATCH = 100


@dataclass(frozen=True)
class SigningRate:
    """Signatures a second.

    :ivar single: one after the other; :ivar signatures: how many were made for it.
    :ivar batch: in batches of :data:`BATCH`; None where the signer takes none.
    """

    single: float
    signatures: int
    batch: float | None


def measure(signer: Signer, clock: Callable[[], float], *, seconds: float = 2.0, most: int = 20_000) -> SigningRate:
    """Measure a key by signing for some time. What is signed is no document, and is thrown away.

    :param clock: seconds that pass, such as ``time.perf_counter``; read once before and after each signature.
    :param most: signatures that are made at most.
    :raises SignerUnavailable: the key does not sign.
    """
    begin = clock()
    number, passed = 0, 0.0
    while number < most and (number == 0 or passed < seconds):
        signer.sign(b"rate of this key %d" % number)
        number += 1
        passed = clock() - begin
    sign_all = getattr(signer, "sign_all", None)
    if sign_all is None:
        return SigningRate(number / max(passed, 1e-9), number, None)
    begin, made, took = clock(), 0, 0.0
    while made < most and (made == 0 or took < seconds):
        sign_all([b"rate of this key %d" % each for each in range(made, made + BATCH)])
        made += BATCH
        took = clock() - begin
    return SigningRate(number / max(passed, 1e-9), number + made, made / max(took, 1e-9))
