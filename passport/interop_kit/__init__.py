"""The interoperability set: signed passports, good and faulty, with the verdict that is expected of each.

Another team runs its verifier over the set, and ours over its own documents (docs/interop.md).

* The set is self-contained: contexts, DID documents, trust lists, status lists and public keys are in it.
* The same version of this software makes the same bytes, on every machine.
* The keys are test keys out of a seed in the code. They are never written.
* What is expected is stated in the code of each case, and never taken from our own verifier.

    for path, data in make().items():
        (folder / path).write_bytes(data)
"""

from passport.interop_kit import faulty, good, manifest
from passport.interop_kit.world import AT, World

__all__ = ["AT", "make"]


def make() -> dict[str, bytes]:
    """All files of the set, by path."""
    world = World.make()
    return manifest.files_of(world, [*good.cases(world), *faulty.cases(world)])
