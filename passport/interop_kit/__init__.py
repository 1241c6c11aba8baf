"""An interoperability set: signed files, good and bad, with the verdict that each check has to give.

For teams that hold their verifier against ours, and ours against theirs (``docs/interop.md``). The set is made of small
documents that are signed here and now with *test keys*: they are derived from a published seed, anybody can sign with
them, and no trust list but the set's own may name them. Everything is judged at one fixed instant, offline.

The expected verdicts are written down by hand, beside what each case shows; no verifier computed them.

Files signed with ``ecdsa-rdfc-2019`` are the same bytes on every run. ``ecdsa-sd-2023`` draws keys for each base proof,
so derived views differ from run to run.
"""

from __future__ import annotations

import hashlib

from passport.battery.derived_context import CONTEXT
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.interop_kit.cases import cases
from passport.interop_kit.world import INSTANT, World, json_bytes
from passport.linked_data import resources, strict_json
from passport.linked_data.contexts import PINS

FORMAT = "battery-passport-vectors/1"

_README = """Interoperability set of battery passports with verifiable credentials

manifest.json   every case: its file, what it shows, what a verifier is told, and the expected verdict of each check
cases/          the files; trusted-issuers.json says who may sign; judged at the manifest's instant, offline
contexts/       the two JSON-LD contexts in use, byte for byte; dids/ the DID document of the did:web issuer

The keys are TEST KEYS made from a published seed. Anybody can sign with them. Trust them nowhere else.
"""


def files() -> dict[str, bytes]:
    """The whole set: path in the folder -> bytes."""
    world = World()
    every = tuple(cases(world))
    found = {case.file: case.data for case in every}
    found["trusted-issuers.json"] = json_bytes(world.trust_list())
    found["dids/web.json"] = json_bytes(world.web_document)
    contexts = []
    for url, pin in sorted(strict_json.loads(resources.read_bytes(PINS)).items()):
        if url in (CREDENTIALS_V2, CONTEXT):
            data = resources.read_bytes(f"contexts/{pin['file']}")
            name = f"contexts/{pin['file'].rsplit('/', 1)[-1]}"
            found[name] = data
            contexts.append({"url": url, "file": name, "sha256": hashlib.sha256(data).hexdigest()})
    found["manifest.json"] = json_bytes({
        "format": FORMAT,
        "instant": date_time(INSTANT),
        "trustList": "trusted-issuers.json",
        "contexts": contexts,
        "testKeys": {name: signer.id for name, signer in world.signers.items()},
        "cases": [case.tojson_bytes() for case in every],
    })  # fmt: skip
    found["README.txt"] = _README.encode()
    return found
