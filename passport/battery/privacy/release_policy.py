"""The release policy: which data of a published passport may leave the country, and the decision for one credential.

The store of a resolver abroad is a copy, and querying data from abroad counts as exporting them, so a copy holds only
what a policy releases. The rules:

1. Denied by default. An indicator is released because the policy names its export class or the indicator itself; what
   the vocabulary does not know is never released.
2. ``withheld`` is no class that a policy can release. Such an indicator has to be named, and the policy has to say on
   what basis.
3. Personal data is never released; a policy that names it is refused, and so is a credential that holds it.
4. A credential that can be disclosed in part is released in part; any other one as a whole or not at all.

    policy = Policy.from_json(document, load())
    decide(policy, load(), credential).outcome       # Outcome.WHOLE, PART or NOTHING

A policy is a data file::

    {"policy": "eu-resolver-2027", "recipient": "resolver in Frankfurt", "basis": "exemption of Article …",
     "classes": ["open"], "indicators": ["capacityFade"], "except": ["facilityIdentifier"]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from passport.battery.linked_documents import digest_pointers
from passport.battery.privacy.rights import SELECTIVE
from passport.errors import MalformedPolicy
from passport.linked_data import jcs, strict_json
from passport.texts import Message
from passport.vocabulary.credential_types import NOT_INDICATORS, STATUS_CHANGED_AT
from passport.vocabulary.derivation.derived_privacy import HASH_LENGTH
from passport.vocabulary.vocabulary import ExportClass, Indicator, Vocabulary

_MEMBERS = {"policy": str, "recipient": str, "basis": str, "classes": list, "indicators": list, "except": list}
_REQUIRED = ("policy", "recipient", "basis")
FIRST = "0" * 64


@dataclass(frozen=True)
class ReleasePolicy:
    """A release policy: the released indicators, their recipient and the legal basis.

    :param id: name of the policy, as the log repeats it.
    :param digest: SHA-256 of the policy file in canonical form: which version of it was applied.
    """

    id: str
    recipient: str
    basis: str
    classes: frozenset[ExportClass]
    indicators: frozenset[str]
    excluded: frozenset[str]
    digest: str

    @classmethod
    def from_json(cls, document: Any, vocabulary: Vocabulary) -> ReleasePolicy:
        """A policy from its file.

        :raises MalformedPolicy: not a policy, an unknown member, class or indicator, or something that no policy can
            release.
        """
        if not isinstance(document, Mapping):
            raise MalformedPolicy(Message("a policy is an object"), found=type(document).__name__)
        for name, value in document.items():
            if name not in _MEMBERS:
                raise MalformedPolicy(
                    Message("a policy has no member {name}", name=name), expected=", ".join(_MEMBERS), found=str(name)
                )
            texts = value if isinstance(value, list) else [value]
            if not isinstance(value, _MEMBERS[name]) or not all(isinstance(text, str) and text for text in texts):
                raise MalformedPolicy(
                    Message("{name} is wrong", name=name),
                    expected=Message("text, or a list of texts where several belong"),
                )
        for name in _REQUIRED:
            if name not in document:
                raise MalformedPolicy(
                    Message("the policy does not say its {name}", name=name),
                    expected=Message("a member {name}", name=name),
                    found=Message("none"),
                )
        classes = {_class(name) for name in document.get("classes", ())}
        named, excluded = document.get("indicators", ()), document.get("except", ())
        for name in (*named, *excluded):
            if name not in vocabulary.indicators:
                near = vocabulary.nearest(name)
                raise MalformedPolicy(
                    Message("no indicator is called {name}", name=name), expected=near.id if near else None, found=name
                )
        for name in named:
            if _is_personal(vocabulary.indicators[name]):
                raise MalformedPolicy(Message("{name} is personal data, which no policy can release", name=name))
        digest = sha256(jcs.canonicalize(dict(document))).hexdigest()
        return cls(
            document["policy"],
            document["recipient"],
            document["basis"],
            frozenset(classes),
            frozenset(named),
            frozenset(excluded),
            digest,
        )

    def releases(self, indicator: Indicator) -> bool:
        """Whether an indicator may leave."""
        return self.withholding(indicator) is None

    def withholding(self, indicator: Indicator) -> Message | None:
        """Why an indicator may not leave; None: it may."""
        if _is_personal(indicator):
            return Message("personal data, which no policy can release")
        if indicator.id in self.excluded:
            return Message("the policy excepts it by name")
        if indicator.id in self.indicators or indicator.export_class in self.classes:
            return None
        if indicator.export_class is ExportClass.WITHHELD:
            return Message("no class releases it, and the policy does not name it")
        return Message("the policy names neither it nor its class")


def _class(name: str) -> ExportClass:
    known = [each.value for each in ExportClass if each is not ExportClass.WITHHELD]
    if name not in known:
        raise MalformedPolicy(
            Message("no policy can release the class {name}", name=name),
            expected=Message("one of {classes}", classes=", ".join(known)),
            found=name,
            hint=Message("name the indicators of a withheld class one by one"),
        )
    return ExportClass(name)


def _is_personal(indicator: Indicator) -> bool:
    return indicator.personal_data


class ReleaseOutcome(StrEnum):
    """What of a credential leaves."""

    WHOLE = "whole"
    PART = "part"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ReleaseDecision:
    """What a policy decides for one credential.

    :param released: indicators that leave, in the order of the credential.
    :param withheld: those that stay.
    :param reason: why nothing leaves, else None.
    :param digests: pointers to the digests of the documents that are linked in what leaves.
    """

    outcome: ReleaseOutcome
    released: tuple[str, ...]
    withheld: tuple[str, ...]
    reason: str | None = None
    with_status_change: bool = False
    digests: tuple[str, ...] = ()

    @property
    def pointers(self) -> tuple[str, ...]:
        """JSON pointers of what leaves of a credential that is disclosed in part."""
        names = (*self.released, *((STATUS_CHANGED_AT,) if self.with_status_change else ()))
        return (*(f"/credentialSubject/{name}" for name in names), *self.digests)


def decide(policy: ReleasePolicy, vocabulary: Vocabulary, credential: Mapping[str, Any]) -> ReleaseDecision:
    """What of a credential may leave. Never raises for what the credential says."""
    subject, types = credential.get("credentialSubject"), credential.get("type")
    stated = tuple(subject) if isinstance(subject, Mapping) else ()
    names = tuple(name for name in stated if name not in NOT_INDICATORS)
    personal = next(personal_data(credential, vocabulary), None)
    if personal is not None:
        return ReleaseDecision(
            ReleaseOutcome.NOTHING, (), names, Message("it holds personal data: {name}", name=personal)
        )
    released = tuple(
        name for name in names if name in vocabulary.indicators and policy.releases(vocabulary.indicators[name])
    )
    withheld = tuple(name for name in names if name not in released)
    if not released:
        return ReleaseDecision(ReleaseOutcome.NOTHING, (), withheld, Message("the policy releases nothing of it"))
    dated = any(vocabulary.indicators[name].dated_by == STATUS_CHANGED_AT for name in released)
    dated = dated and STATUS_CHANGED_AT in stated
    divisible = isinstance(types, list) and any(isinstance(name, str) and name in SELECTIVE for name in types)
    if divisible:
        whole = not withheld and (dated or STATUS_CHANGED_AT not in stated)
        digests = tuple(digest_pointers(credential, [dict(subject or {})[name] for name in released]))
        outcome = ReleaseOutcome.WHOLE if whole else ReleaseOutcome.PART
        return ReleaseDecision(outcome, released, withheld, None, dated, digests)
    if withheld:
        return ReleaseDecision(
            ReleaseOutcome.NOTHING,
            (),
            names,
            Message("it cannot be divided, and {indicator} stays", indicator=withheld[0]),
        )
    return ReleaseDecision(ReleaseOutcome.WHOLE, released, ())


def personal_data(value: Any, vocabulary: Vocabulary) -> Iterator[str]:
    """Names of personal data anywhere in a document. The shape ``personal-data.ttl`` says the same of a graph."""
    if isinstance(value, Mapping):
        for name, held in value.items():
            term = vocabulary.terms.get(name)
            hashed = not (name == "vinHash" and (not isinstance(held, str) or len(held) < HASH_LENGTH))
            if (term is not None and term.personal_data) or name == "vin" or not hashed:
                yield name
            yield from personal_data(held, vocabulary)
    elif isinstance(value, list):
        for item in value:
            yield from personal_data(item, vocabulary)


def release_entry(
    policy: ReleasePolicy, decision: ReleaseDecision, credential: Mapping[str, Any], body: bytes, *, at: datetime
) -> dict[str, Any]:
    """What a log says of a credential that left: policy, recipient, basis, what left and what stayed.

    :param body: the bytes that left.
    """
    subject = credential.get("credentialSubject")
    return {
        "at": at.isoformat(), "policy": policy.id, "policyDigest": policy.digest, "recipient": policy.recipient,
        "basis": policy.basis, "credential": credential.get("id"), "type": credential.get("type"),
        "subject": subject.get("id") if isinstance(subject, Mapping) else None, "outcome": decision.outcome.value,
        "released": list(decision.released), "withheld": list(decision.withheld),
        "sha256": sha256(body).hexdigest(),
    }  # fmt: skip


def log_line(
    policy: ReleasePolicy,
    decision: ReleaseDecision,
    credential: Mapping[str, Any],
    body: bytes,
    *,
    at: datetime,
    previous: str,
) -> bytes:
    """One line of the log of what left, with its line end.

    :param body: the bytes that left.
    :param previous: SHA-256 (hex) of the line before, :data:`FIRST` for the first: a line that is changed or taken out
        later breaks the chain.
    """
    entry = {**release_entry(policy, decision, credential, body, at=at), "previous": previous}
    return strict_json.dumps(entry) + b"\n"


def check_log(lines: Iterator[bytes]) -> str:
    """The digest of the last line of a log whose chain holds, :data:`FIRST` of an empty one.

    :raises MalformedPolicy: the chain is broken; the message names the line.
    """
    previous = FIRST
    for number, line in enumerate(lines, 1):
        entry = strict_json.loads(line)
        if not isinstance(entry, Mapping) or entry.get("previous") != previous:
            raise MalformedPolicy(
                Message("the log of releases is broken at line {number}", number=number),
                expected=Message("previous {previous}", previous=previous),
            )
        previous = sha256(line).hexdigest()
    return previous
