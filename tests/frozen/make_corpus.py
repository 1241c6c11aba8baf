"""Makes the corpus of documents that must canonicalise and verify for ever, and the list of frozen terms.

    python -m tests.frozen.make_corpus

An existing document is never replaced: what was signed stays as it was signed. To freeze another state, the script is
run with a name of its own: ``python -m tests.frozen.make_corpus 0.2.0``. The keys live as long as the run; only their
public halves stay, in the trust list.
"""

from __future__ import annotations

import json
import sys
import tempfile
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from passport.battery.linked_documents import linked_documents
from passport.battery.record import Record
from passport.commands.keeping.init import make_project
from passport.exchange.records import record_files
from passport.linked_data import jsonld, rdfc10, strict_json
from passport.presenting.presenter import Presenter
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience

from . import life_documents, party_documents

FOLDER = Path(__file__).parent / "documents"
EXAMPLES = Path(__file__).parents[2] / "examples"
CONTEXT = Path(__file__).parents[2] / "contexts" / "battery-v1.jsonld"
TERMS = Path(__file__).parent / "terms.json"
BASE = "https://passport.example.com"
SIGNED_AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
#: File -> who reads it: the public view, and one with the restricted credentials and the read-out.
VIEWS = {"public": Audience.PUBLIC, "legitimate-interest": Audience.LEGITIMATE_INTEREST}
_BACKUP = {"name": "Second Copy B.V.", "identifier": "NL-1", "webAddress": "https://copy.example/passports"}
_IMPORTER = {"name": "Import GmbH", "eoriNumber": "DE123456789012345", "addressCountry": "DE"}
#: The file of life-cycle events. Actors sign them, each with a key of its own.
LIFE = "life"
#: The files about enterprises, whose documents have signers of their own too.
PARTIES = {
    "directory": party_documents.directory, "attestation": party_documents.attestation,
    "resting": party_documents.resting,
}  # fmt: skip


def canonical_hash(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form of a document without its proof."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    canonical = rdfc10.canonicalize(jsonld.to_dataset(unsigned))
    return sha256(canonical.text.encode()).hexdigest()


def signed_at(file: str) -> datetime:
    """The instant at which the documents of a file are judged."""
    if file in PARTIES:
        return party_documents.SIGNED_AT
    return life_documents.SIGNED_AT if file == LIFE else SIGNED_AT


def terms() -> dict[str, dict[str, str]]:
    """Every term of the context: its IRI and its type."""
    context = json.loads(CONTEXT.read_text("utf-8"))["@context"]
    found: dict[str, dict[str, str]] = {}

    def collect(entries: dict[str, Any]) -> None:
        for name, meaning in entries.items():
            if name.startswith("@"):
                continue
            entry = {"@id": meaning} if isinstance(meaning, str) else meaning
            found[name] = {key: str(entry[key]) for key in ("@id", "@type", "@container") if key in entry}
            collect(entry.get("@context", {}) if isinstance(entry.get("@context"), dict) else {})

    collect(context)
    return found


def _complete(record: Record) -> Record:
    """The record with what the example leaves out: fields of the register, and digests of the linked documents."""
    return replace(
        record,
        model={**record.model, "commodityCode": "8507600090", "backupProvider": _BACKUP},
        pack={**record.pack, "importerInformation": _IMPORTER},
        documents={url: _multihash(url.encode()) for url in linked_documents(record)},
    )


def _multihash(content: bytes) -> str:
    return "u" + urlsafe_b64encode(b"\x12\x20" + sha256(content).digest()).decode().rstrip("=")


def main(name: str) -> None:
    """Write the documents of one state, their hashes and the trust list. Terms are added to the list, none goes."""
    folder = FOLDER / name
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        project = make_project(Path(temporary) / "operator", BASE, names={"en": "Example Operator", "zh": "示例运营者"})
        store = Store.open("sqlite://")
        regimes = tuple(vocabulary.regimes().values())
        publisher = Publisher(store, project.issuer_with_key(None), BASE, vocabulary.load(), regimes)
        records = record_files.read(EXAMPLES / "ev-ncm-100kwh.xlsx")[0]
        pack = publisher.issue(list(map(_complete, records)), at=SIGNED_AT).of_kind("pack")[0].subject
        presenter = Presenter(store, vocabulary.load())
        views = {file: presenter.present(pack, audience).presentation() for file, audience in VIEWS.items()}
        views[LIFE] = life_documents.life()
        views |= {file: make() for file, make in PARTIES.items()}
        trust_list = json.loads((project.folder / "trusted-issuers.json").read_text("utf-8"))
        trust_list["issuers"] += [*life_documents.issuers(), *party_documents.issuers()]
        text = json.dumps(trust_list, indent=1, ensure_ascii=False)
        (folder / "trusted-issuers.json").write_text(f"{text}\n", "utf-8")
        hashes = {}
        for file, view in views.items():
            (folder / f"{file}.jsonld").write_bytes(strict_json.dumps(view))
            hashes[file] = [canonical_hash(member) for member in view["verifiableCredential"]]
    (folder / "hashes.json").write_text(json.dumps(hashes, indent=1) + "\n", "utf-8")
    kept = json.loads(TERMS.read_text("utf-8")) if TERMS.exists() else {}
    TERMS.write_text(json.dumps({**terms(), **kept}, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "0.1.0")
