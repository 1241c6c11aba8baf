"""One maker of the set: its packs signed as the publisher signs them, and the same bytes each time.

What the publisher draws at random (ids, places in status lists, the keys of ecdsa-sd-2023) follows from names here. The
views of the roles are composed by the presenter, out of a store in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from passport.battery.identifiers.record_address import addressed
from passport.battery.record import Record
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION, BitString
from passport.identity import Algorithm, PrivateKey, multibase_encode
from passport.interop_kit.actors import seeded_bytes
from passport.linked_data import strict_json
from passport.presenting.presenter import Presenter, mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.publishing.planned_credential import PlannedCredential, planned_credentials
from passport.publishing.prepare import refresh_service
from passport.publishing.status.status_lists import VALIDITY
from passport.store import Pack, Store, StoredCredential
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience

#: The number of the list of each purpose.
LISTS = {REVOCATION: 1, SUSPENSION: 2, REFRESH: 3}


class Maker:
    """An issuer, its signed documents and its status lists.

    :param issued_at: when the credentials are signed; :param lists_at: when the status lists are.
    """

    def __init__(self, issuer: Issuer, base_url: str, *, issued_at: datetime, lists_at: datetime) -> None:
        self.issuer, self.base_url = issuer, base_url
        self._issued_at, self._lists_at = issued_at, lists_at
        self._set: dict[str, set[int]] = {purpose: set() for purpose in LISTS}
        self._store = Store.open("sqlite://")
        self.bases: dict[str, dict[str, Any]] = {}

    # --- signing ----------------------------------------------------------------------------------------------------

    def publish(self, record: Record) -> dict[str, dict[str, Any]]:
        """Sign and keep what a record asks for and what is not there yet; the full views, by type.

        Of a record that is published again, only the read-out is new.
        """
        record = addressed(record, self.base_url)
        signed: dict[str, dict[str, Any]] = {}
        pack = record.pack["batteryIdentifier"]
        stored: list[StoredCredential] = []
        plan = planned_credentials(record, self.base_url)
        for planned in plan:
            if not planned.is_read_out and self._store.current(planned.subject, planned.type) is not None:
                continue
            document = signed[planned.type] = self._credential(planned)
            body, kind = strict_json.dumps(document), planned.type
            stored.append(
                StoredCredential(document["id"], kind, planned.subject, body, planned.digest, self._issued_at)
            )
        with self._store.transaction() as transaction:
            for credential in stored:
                transaction.add_credential(credential)
            if transaction.pack(pack) is None:
                assert record.category is not None, "an example record names its category"
                model = next(planned.subject for planned in plan if planned.kind == "model")
                serial, code = str(record.pack["serialNumber"]), record.pack.get("packTractionBatteryCode")
                transaction.add_pack(Pack(pack, model, record.category.value, serial, code))
        return signed

    def _credential(self, planned: PlannedCredential) -> dict[str, Any]:
        recorded = planned.content("").get(RECORDED_AT, "")
        name = f"{planned.type} {planned.subject} {recorded}"
        credential_id = self.new_id(name)
        subject = {"id": planned.subject, "type": planned.subject_type, **planned.content(credential_id)}
        more = {"refreshService": refresh_service(planned.subject)} if planned.is_read_out else {}
        unsigned = self.unsigned(
            name, planned.type, subject, status=[self.entry(name, each) for each in planned.status_purposes], **more
        )
        return self.sign_selectively(unsigned) if planned.restricted else self.sign(unsigned)

    def new_id(self, name: str) -> str:
        """The id of the credential of that name."""
        return f"{self.base_url}/credentials/{uuid5(NAMESPACE_URL, f'{self.base_url} {name}')}"

    def unsigned(
        self, name: str, kind: str, subject: dict[str, Any], *, status: Sequence[dict[str, Any]] = (), **more: Any
    ) -> dict[str, Any]:
        """A credential without a proof.

        :param name: from which its id follows; :param more: members beside the usual ones.
        """
        return {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": self.new_id(name),
            "type": ["VerifiableCredential", kind],
            "issuer": self.issuer.id,
            "validFrom": date_time(self._issued_at),
            **({"credentialStatus": list(status)} if status else {}),
            **more,
            "credentialSubject": subject,
        }

    def sign(self, unsigned: dict[str, Any]) -> dict[str, Any]:
        """With one ecdsa-rdfc-2019 proof."""
        return self.issuer.issue(unsigned, created=self._issued_at)

    def sign_selectively(self, unsigned: dict[str, Any]) -> dict[str, Any]:
        """The full derived view under ecdsa-sd-2023; the base proof is kept in :attr:`bases`."""
        mandatory = mandatory_pointers(unsigned)
        signer = self.issuer.signer
        options = {
            "type": "DataIntegrityProof",
            "cryptosuite": ecdsa_sd_2023.NAME,
            "created": date_time(self._issued_at),
            "verificationMethod": signer.verification_method,
            "proofPurpose": "assertionMethod",
        }
        secret = seeded_bytes(f"proof key of {unsigned['id']}")
        base_proof = ecdsa_sd_2023.create_base_proof(
            unsigned,
            options,
            signer,
            mandatory,
            proof_key=PrivateKey.from_multikey(multibase_encode(Algorithm.P256.private_prefix + secret)),
            hmac_key=seeded_bytes(f"HMAC key of {unsigned['id']}"),
        )
        base = {**unsigned, "proof": {**options, "proofValue": base_proof.encode()}}
        self.bases[unsigned["id"]] = base
        shown = [f"/credentialSubject/{key}" for key in unsigned["credentialSubject"] if key != "id"]
        return ecdsa_sd_2023.derive(base, shown)

    # --- status -----------------------------------------------------------------------------------------------------

    def entry(self, name: str, purpose: str) -> dict[str, Any]:
        """The place of the credential of that name in the list of that purpose."""
        return status_list.entry(self.address(purpose), _place(f"{name} {purpose}"), purpose)

    def address(self, purpose: str) -> str:
        return f"{self.base_url}/status/{LISTS[purpose]}"

    def withdraw(self, document: dict[str, Any], purpose: str) -> None:
        """Set the bit of a credential."""
        (entry,) = [each for each in document["credentialStatus"] if each["statusPurpose"] == purpose]
        self._set[purpose].add(int(entry["statusListIndex"]))

    def status_list(
        self, purpose: str, *, at: datetime | None = None, validity: timedelta = VALIDITY
    ) -> dict[str, Any]:
        """The signed list with its present bits.

        :param at: when it is signed, by default with the others.
        """
        bits = BitString()
        for index in self._set[purpose]:
            bits.set(index, True)
        made = at or self._lists_at
        unsigned = status_list.status_list_credential(
            self.address(purpose), self.issuer.id, purpose, bits, valid_from=made, valid_until=made + validity
        )
        return self.issuer.issue(unsigned, created=made)

    def lists_of(self, documents: Iterable[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
        """The lists that these credentials name."""
        named = {entry["statusPurpose"] for each in documents for entry in each.get("credentialStatus", ())}
        return [self.status_list(purpose, **options) for purpose in LISTS if purpose in named]

    # --- views ------------------------------------------------------------------------------------------------------

    def view(self, subject: str, audience: Audience) -> list[dict[str, Any]]:
        """The credentials that an audience gets to see, without status lists."""
        shown = Presenter(self._store, vocabulary.load()).present(subject, audience)
        return [json.loads(strict_json.dumps(document)) for document in shown.credentials]


def _place(name: str) -> int:
    return int.from_bytes(seeded_bytes(f"place of {name}")[:4], "big") % status_list.MINIMUM_LENGTH
