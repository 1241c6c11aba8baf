"""What a program would read of a file that verified, held against what was signed.

The verifier says yes or no. A program then reads members by key. So the oracle compares JSON and not graphs: each
document that is handed out, each line of the report and each status must be what the world's issuers signed, and all
of a file must fit together by the tags of the world. Key order, white space, the order of the entries of a list and
what a derived view leaves out make no difference. Nothing here calls the code that decides.

Some accepted files differ from the file that was mutated, and no signature can tell (:class:`Reading`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from passport.credentials.status_list import BitString
from passport.credentials.verification_result import CredentialResult, VerificationResult
from passport.errors import PassportError
from passport.vocabulary.derivation.derived_context import CONTEXT
from tests.torture.signed_world import (
    BATCH,
    CONDITION,
    LATELY,
    LIST,
    MODEL,
    MODEL_DETAIL,
    NOW,
    ONCE,
    PASSPORT,
    ROLE,
    VERIFICATION_TYPE,
    Named,
    Original,
    SignedWorld,
)

_WRAPPER = {"@context", "id", "type", "verifiableCredential", "proof"}
_MODELS = {MODEL, MODEL_DETAIL}
_COARSER = _MODELS | {BATCH}


class Reading(StrEnum):
    """How an accepted file differs from the one that was mutated."""

    SAME = "the same file"
    OMISSION = "something left out"
    OLDER = "a genuine older list or read-out"
    ANOTHER = "another genuine file"
    ANNEXED = "trusted for any subject"  # a trusted issuer signed it; without namespaces that is all there is


class Misled(AssertionError):
    """A program would read what nobody signed, or what does not belong together."""


# --- JSON ------------------------------------------------------------------------------------------------------------


def canon(value: Any, key: str = "") -> str:
    """A text that two values share if they are the same JSON but for the order of keys and entries. ``7`` is not
    ``7.0`` and not ``"7"``. The order of contexts counts."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{canon(value[name], name)}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        entries = [canon(entry) for entry in value]
        return "[" + ",".join(entries if key == "@context" else sorted(entries)) + "]"
    return json.dumps(value)


def is_within(part: Any, whole: Any, key: str = "") -> bool:
    """Whether ``part`` is ``whole`` with something left out."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_within(value, whole[name], name) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list) and key != "@context":
        rest = list(whole)
        for entry in part:
            match = next((number for number, other in enumerate(rest) if is_within(entry, other)), None)
            if match is None:
                return False
            del rest[match]
        return True
    return canon(part, key) == canon(whole, key)


def is_view_of(document: dict, original: Original) -> bool:
    """Whether ``document`` is what was signed, or a derived view of it that shows all that is mandatory."""
    content, signed = _content(document), _content(original.document)
    if not original.selective:
        if canon(content) != canon(signed):
            return False
    else:
        subject = signed["credentialSubject"]
        always = {key: signed[key] for key in signed if key != "credentialSubject"}
        always |= {key: subject[key] for key in ("id", "recordedAt") if key in subject}
        shown = {key: content.get(key) for key in content if key != "credentialSubject"}
        about = content.get("credentialSubject")
        if not isinstance(about, dict) or not is_within(about, subject):
            return False
        shown |= {key: about[key] for key in ("id", "recordedAt") if key in about}
        for optional in ("refreshService",):
            if optional not in shown:
                always.pop(optional, None)
        if canon(shown) != canon(always):
            return False
    if isinstance(document.get("proof"), list) and len(document["proof"]) < 2:
        return False
    proofs = [canon(_options(proof)) for proof in _proofs(original.document)]
    shown_proofs = [canon(_options(proof)) for proof in _proofs(document)]
    return not Counter(shown_proofs) - Counter(proofs) and bool(shown_proofs) == bool(proofs)


def _content(document: dict) -> dict:
    return {key: value for key, value in document.items() if key != "proof"}


def _options(proof: Any) -> Any:
    return {key: value for key, value in proof.items() if key != "proofValue"} if isinstance(proof, dict) else proof


def _proofs(document: dict) -> list:
    value = document.get("proof", [])
    return value if isinstance(value, list) else [value]


# --- the judgement --------------------------------------------------------------------------------------------------


class Oracle:
    """Judges results against the world."""

    def __init__(self, world: SignedWorld) -> None:
        self._world = world
        self._signers = {issuer.id: name for name, issuer in world.keys.items()}
        self._by_id: dict[str, list[Original]] = {}
        for original in world.originals:
            self._by_id.setdefault(original.id, []).append(original)
        self._lists = {
            (original.id, original.document["proof"]["created"], original.signer): original
            for original in world.of(kind=LIST)
        }
        self._bits: dict[str, BitString] = {}

    def judge(
        self,
        result: VerificationResult,
        *,
        named: Named,
        document: Any,
        bound: bool,
        about: str | None = None,
        challenge: str | None = None,
        fetched: Mapping[str, Any] | None = None,
    ) -> Reading | None:
        """None where the file was not accepted.

        :param named: the file that was mutated into ``document``.
        :param bound: whether the trust list has namespaces.
        :param fetched: what was answered where a list was asked for, by address.
        :raises Misled: a program would read something wrong.
        """
        originals = [self._proved(each) for each in result.credentials]
        if result.verified is not True:
            _expect(not result.documents, "documents of a file that did not verify are handed out")
            return None
        _expect(None not in originals and originals or result.presentation is not None, "a member was never proved")
        _expect(len(result.documents) == len(originals), "documents and members differ in number")
        self._check_report(result, originals)
        self._check_members(document)
        _check_newest(result.credentials, fetched or {})
        self._check_wrapper(result, named, document, challenge)
        readings = set(self._check_each(result.credentials, originals, bound))
        _check_together(originals, result, about)
        if Reading.ANNEXED in readings or Reading.OLDER in readings:
            return max(readings, key=[Reading.OLDER, Reading.ANNEXED].index)
        if canon(_without_values(document)) == canon(_without_values(named.document)):
            return Reading.SAME
        members = _by_id(document)
        whole = _by_id(named.document)
        left = all(name in whole and is_within(_content(one), _content(whole[name])) for name, one in members.items())
        return Reading.OMISSION if left else Reading.ANOTHER

    def _proved(self, result: CredentialResult) -> Original | None:
        """What a member is that passed checks 1 and 2, whatever became of the file."""
        if not result.proved:
            _expect(result.verified is not True, "a member without proof is called verified")
            return None
        if result.verified is not True and CONTEXT not in result.document.get("@context", ()):
            return None  # a list that is dressed as a credential: one spelling is a rule of our own context
        if self._signers.get(result.issuer, "stranger") in ("stranger", "holder"):
            # Checks 1 and 2 only say that it is what its issuer signed; of strangers that may be anything.
            _expect(result.verified is not True, "a stranger's credential is called verified")
            return None
        found = [each for each in self._by_id.get(result.document.get("id"), ()) if is_view_of(result.document, each)]
        _expect(bool(found), f"nobody signed {json.dumps(result.document)[:2000]}")
        own = [each for each in found if self._world.keys[each.signer].id == result.issuer]
        _expect(bool(own), "the issuer in the report is not the signer")
        for reading in result.statuses:
            self._check_status(reading, own[0])
        return own[0]

    def _check_status(self, reading: Any, original: Original) -> None:
        """The entry is the credential's own, and the bit stands so in the list of that instant."""
        entries = original.document.get("credentialStatus", [])
        known = {(e["statusPurpose"], e["statusListCredential"], int(e["statusListIndex"])) for e in entries}
        _expect((reading.purpose, reading.list, reading.index) in known, "a status entry that nobody signed")
        if reading.list_at is None:
            return
        made = reading.list_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = self._lists.get((reading.list, made, original.signer))
        _expect(signed is not None, f"a list of {made} that its issuer never signed")
        _expect(signed.document["credentialSubject"]["statusPurpose"] == reading.purpose, "a list of another purpose")
        text = signed.document["credentialSubject"]["encodedList"]
        bits = self._bits.setdefault(text, BitString.decode(text))
        _expect(bits.get(reading.index) is bool(reading.value), "a status bit is read wrong")

    def _check_report(self, result: VerificationResult, originals: Sequence[Original]) -> None:
        """What ``--json`` says of each member is what was signed."""
        report = result.to_json()
        _expect(len(report["credentials"]) == len(originals), "the report and the members differ in number")
        for line, original, each in zip(report["credentials"], originals, result.credentials, strict=True):
            signed = original.document
            _expect(line["id"] == signed["id"] and line["issuer"] == _name(signed["issuer"]), "id or issuer")
            _expect(sorted(line["types"]) == sorted(signed["type"]), "types in the report")
            _expect(line["subjects"] == [signed["credentialSubject"]["id"]], "subjects in the report")
            _expect(line["validFrom"] == signed["validFrom"], "validFrom in the report")
            _expect(line["validUntil"] == signed.get("validUntil"), "validUntil in the report")
            _expect(line["verified"] is True, "a member of a verified file is not called verified")
            narrower = canon(_content(each.document)) != canon(_content(signed))
            _expect(line["derived"] or not narrower, "a part of a credential is handed out as the whole")

    def _check_members(self, document: Any) -> None:
        """A program that takes the accepted file itself and reads its members finds nothing that nobody signed.

        Tokens are read through the verifier. Lists are not of our own context: of them, what is read counts.
        """
        for member in _members(document):
            if isinstance(member, dict) and str(member.get("id")).startswith("data:"):
                continue
            known = self._by_id.get(member.get("id"), ()) if isinstance(member, dict) else ()
            _expect(
                any(
                    _read_of_a_list(member) == _read_of_a_list(each.document)
                    if each.kind == LIST
                    else is_view_of(member, each)
                    for each in known
                ),
                f"a member that nobody signed: {json.dumps(member)[:1000]}",
            )

    def _check_wrapper(self, result: VerificationResult, named: Named, document: Any, challenge: str | None) -> None:
        """Who presents is named only where that person signed this very file for this occasion."""
        signed = [each for each in self._world.named if each.name.startswith("presented")]
        matching = [each for each in signed if _occasion(each.document) == _occasion(document)]
        if challenge is not None or result.presentation is not None:
            _expect(bool(matching), "a presentation that its holder did not sign")
        if result.holder is not None:
            _expect(challenge is not None and bool(matching), "a holder who did not sign for this occasion")
            _expect(result.holder == self._world.keys["holder"].id, "another holder")
        if isinstance(document, dict) and "verifiableCredential" in document and result.presentation is None:
            own = {key for key in document if "didDocument" not in key} - _WRAPPER
            _expect(own <= set(result.unproved), "a member of the wrapper is not named as unproved")

    def _check_each(
        self, results: Iterable[CredentialResult], originals: Iterable[Original], bound: bool
    ) -> Iterable[Reading]:
        for result, original in zip(results, originals, strict=True):
            trusted = original.signer in ("maker", "rival")
            trusted |= original.signer == "auditor" and original.kind == VERIFICATION_TYPE
            _expect(trusted, f"{original.signer} is not trusted for {original.kind}")
            _expect(not original.expired, "an expired credential")
            if original.annexed:
                _expect(not bound, "another maker's subject, outside its namespaces")
                yield Reading.ANNEXED
            for entry in original.document.get("credentialStatus", []):
                _expect(
                    any(
                        reading.list == entry["statusListCredential"] and reading.list_at is not None
                        for reading in result.statuses
                    ),
                    f"status {entry['statusPurpose']} was not looked up",
                )
            used = [reading.list_at for reading in result.statuses]
            _expect(all(at > datetime.min.replace(tzinfo=NOW.tzinfo) for at in used), "an undated list")
            _expect(all((NOW - at).days < 7 and at <= NOW for at in used), "a list that is not in force")
            if any(at < LATELY.replace(microsecond=0) for at in used):
                yield Reading.OLDER
            elif original.withdrawn is not None:
                raise Misled(f"withdrawn since {original.withdrawn}")
            elif original.superseded:
                _expect(result.superseded, "a superseded read-out is not named as such")


def _check_newest(results: Iterable[CredentialResult], fetched: Mapping[str, Any]) -> None:
    """An answer that came is a list, and no older one is believed instead."""
    for reading in (reading for result in results for reading in result.statuses if reading.list in fetched):
        answer = fetched[reading.list]
        if isinstance(answer, PassportError):
            continue  # nobody could be reached: the enclosed list decides, and the result says so
        _expect(isinstance(answer, dict) and reading.list_at is not None, "an answer that is no list was passed over")
        made = reading.list_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        _expect(answer["proof"]["created"] <= made, "an older list than the one that was answered is believed")


def _check_together(originals: Sequence[Original], result: VerificationResult, about: str | None) -> None:
    """By the tags: one pack, its model, each grain once, at most one current read-out, supports of this battery."""
    packs = {each.pack for each in originals if each.pack is not None and each.kind != VERIFICATION_TYPE}
    main = [each for each in originals if each.pack is not None or each.kind in _COARSER]
    models = {each.model for each in main}
    _expect(len(packs) <= 1, "two packs in one file")
    _expect(len(models) <= 1, "two models in one file")
    batches = {each.document["credentialSubject"]["id"] for each in main if each.kind == BATCH}
    _expect(len(batches) <= 1, "two batches in one file")
    named = {each.document["credentialSubject"].get("batteryBatch") for each in main if each.kind == PASSPORT}
    _expect(not batches or not named or batches == named, "a batch that the pack does not name")
    _expect(len({id(each) for each in originals}) == len(originals), "one credential twice")
    kinds = Counter(each.kind for each in main)
    _expect(all(kinds[kind] <= 1 for kind in ONCE), "two versions of one credential")
    reported = {one.id for one, _ in result.superseded}
    current = [each for each in originals if each.kind == CONDITION and each.id not in reported]
    _expect(len(current) <= 1, "two current read-outs")
    supports = [each for each in originals if each not in main]
    known = packs | batches | models | (named - {None}) | {result.holder}
    linked = [names for each in supports if (names := _names(each))]
    if not main and linked:
        known |= linked[0]
    for _ in supports:  # a countersignature is of a declaration, which is of a model; a role may be for many packs
        near = [each for each in supports if _names(each) & known]
        known |= {name for each in near for name in ({each.id} if main else _names(each))}
    _expect(all(names & known for names in linked), "a support of something else")
    if about is not None:
        _expect(
            about in packs | batches | {each.model for each in main if each.kind in _MODELS}, "not what was asked for"
        )


def _occasion(document: Any) -> Any:
    """What a holder signs: who, which members, for whom. The members themselves are judged one by one."""
    if not isinstance(document, dict) or "verifiableCredential" not in document:
        return document.get("id") if isinstance(document, dict) else None
    members = document["verifiableCredential"]
    names = sorted(str(each.get("id")) for each in (members if isinstance(members, list) else [members]))
    said = ("verificationMethod", "created", "challenge", "domain", "proofPurpose")
    proofs = [canon({key: proof.get(key) for key in said}) for proof in _proofs(document) if isinstance(proof, dict)]
    return names, document.get("holder"), proofs


def _names(support: Original) -> set[str]:
    """What a role, a declaration or a countersignature is about, and its own id."""
    subject = support.document["credentialSubject"]
    found = {support.id, subject["id"], *subject.get("packs", ())}
    if support.kind == ROLE:
        return found
    return found | {subject[key] for key in ("batteryModel", "batteryBatch") if key in subject}


def _members(document: Any) -> list:
    members = document.get("verifiableCredential", [document]) if isinstance(document, dict) else []
    return members if isinstance(members, list) else [members]


def _by_id(document: Any) -> dict[Any, dict]:
    return {one.get("id"): one for one in _members(document) if isinstance(one, dict)}


def _read_of_a_list(document: dict) -> tuple:
    """What a reader takes from a status list."""
    subject = document.get("credentialSubject")
    top = tuple(str(document.get(key)) for key in ("id", "issuer", "validFrom", "validUntil"))
    said = tuple(subject.get(key) for key in ("id", "type", "statusPurpose", "encodedList"))
    said = tuple(each[0] if isinstance(each, list) and len(each) == 1 else str(each) for each in said)
    return (*top, *said, str(sorted(map(str, document["type"]))))


def _without_values(value: Any) -> Any:
    """Without the values of proofs: of one ECDSA signature anybody can make a second, which says the same."""
    if isinstance(value, dict):
        return {key: _without_values(each) for key, each in value.items() if key != "proofValue"}
    return [_without_values(each) for each in value] if isinstance(value, list) else value


def _name(issuer: Any) -> str:
    return issuer["id"] if isinstance(issuer, dict) else issuer


def _expect(holds: Any, what: str) -> None:
    if not holds:
        raise Misled(what)
