"""Check 6 for battery passports: whether the members of a file belong together.

:class:`PassportRule` is handed to the verifier, which itself knows nothing of batteries, by :func:`passport_verifier`::

    passport_verifier(trust_list).verify(document, at=now, about="https://passport.example.com/01/…/21/…")

* One pack. Passport, read-outs and events of a file have one subject, and it is named once by a passport credential.
* One model: the model that the pack names. A named model that is absent is reported and is no fault: consistency is
  judged here, not presence.
* One batch: the batch that the pack names, and one of the pack's model. A pack that was issued without a batch names
  none, and its file holds none.
* Of several read-outs of the pack at most one lacks the ``refresh`` bit; the newest is named.
* Roles, actors, attestations and declarations are supports. Each concerns an actor or a subject of the file.
* A role or an accreditation that names an identity of the file names it by its digest, and is of the same holder.
* If the caller names an address or a code, a subject of the file has it: a genuine passport of another battery is
  refused.

The passport of another pack is another file. To a file without battery credentials the check is not applied. Loads
neither the ontology nor a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from passport.credentials import credential as vcdm
from passport.credentials.checks.accreditation_check import ActorClaim
from passport.credentials.checks.remembered import Remembered
from passport.credentials.identity_status import misnamed
from passport.credentials.namespaces import Identifiers
from passport.credentials.trust import Policy
from passport.credentials.verification_result import CredentialResult, Outcome
from passport.credentials.verifier import Verifier
from passport.credentials.wording import Phrase, shortened
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary import credential_types
from passport.vocabulary.credential_types import (
    ACTOR,
    ATTESTATION,
    BATCH,
    CONDITION,
    DECLARATION_TYPE,
    DIRECTORY,
    EVENT,
    EVENT_DETAIL,
    IDENTITY,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    RECORDED_AT,
    ROLE,
    VERIFICATION_TYPE,
)
from passport.vocabulary.event_reporters import event_reporters

_OF_PACK = frozenset({PASSPORT, CONDITION, EVENT, EVENT_DETAIL})
_OF_MODEL = frozenset({MODEL, MODEL_DETAIL})
_OF_BATCH = frozenset({BATCH})
_OF_BATTERY = _OF_PACK | _OF_MODEL | _OF_BATCH
#: About enterprises alone: who is who.
_OF_ENTERPRISE = frozenset({IDENTITY, DIRECTORY})
#: About an actor, or about what a third party examined; never a passport by themselves.
_OF_ACTOR = frozenset({ROLE, ACTOR, *_OF_ENTERPRISE})
_SUPPORT = frozenset({*_OF_ACTOR, DECLARATION_TYPE, VERIFICATION_TYPE, ATTESTATION})
_KNOWN = _OF_BATTERY | _SUPPORT
_ONCE = _OF_BATTERY - {CONDITION, EVENT, EVENT_DETAIL}


class BelongingPhrase(Phrase):
    """A finding of check 6, in words that know batteries."""

    sentences: ClassVar[Mapping[str, Message]] = {
        # --- what held ----------------------------------------------------------------------------------------------
        "together": Message("{pack} and {model}"),
        "the-pack": Message("one pack"),
        "the-model": Message("its model"),
        "three": Message("{pack}, {batch} and {model}"),
        "the-batch": Message("its batch"),
        "a-batch": Message("one batch"),
        "a-model": Message("one model"),
        "the-supports": Message("one subject"),
        "model-absent": Message("its model, which is not in the file"),
        "read-outs": Message("{what}; of {count} read-outs the newest is of {at:day}"),
        "no-batteries": Message("not applied: nothing in it is about a battery"),
        # --- what did not -------------------------------------------------------------------------------------------
        "role-may-not-report": Message("{actor} may not report the event “{event}” as {roles}"),
        "kind-not-known": Message("how an event of the kind {kind} is reported is not known here"),
        "outside-province": Message("{actor} is not accredited for {place}, where it happened"),
        "province-unknown": Message("{actor} is accredited for certain provinces, and the event names none"),
        "permit-missing": Message("{actor} had no {permit} in force on {at:day}"),
        "other-pack": Message("it holds data of two packs, {one} and {other}"),
        "other-model": Message("the pack names the model {named}, and the file holds {found}"),
        "two-models": Message("it holds two models, {one} and {other}"),
        "other-batch": Message("the pack names the batch {named}, and the file holds {found}"),
        "two-batches": Message("it holds two batches, {one} and {other}"),
        "batch-of-other-model": Message("the batch {batch} is one of the model {named}, and the file is of {found}"),
        "batch-unnamed": Message("the pack names no batch, and the file holds {found}"),
        "two-versions": Message("it holds two {kind} credentials of one battery"),
        "two-read-outs": Message("it holds two read-outs, and neither is marked as replaced"),
        "other-asked": Message("it is not about {about}, which was asked for"),
        "support-of-another": Message("its {kind} credential concerns {found}, which is nothing in the file"),
        "other-identity": Message("its {kind} credential rests on another identity than the one in the file"),
        "no-battery-subject": Message("its {kind} credential is about nothing that has an address"),
        "kind-unknown": Message("how a credential of kind {kind} belongs to a battery is not known here"),
        "binding-unknown": Message("nothing in the file says that the pack {pack} is of the model {model}"),
        "nobody": Message("nobody"),
    }
    hints: ClassVar[Mapping[str, Message]] = {
        "other-pack": Message("Verify each pack's passport by itself, fetched from the address on the battery."),
        "other-model": Message("Fetch the passport again from the address on the battery."),
        "other-batch": Message("Fetch the passport again from the address on the battery."),
        "other-asked": Message(
            "Compare the address with the code on the battery. The file may be genuine, and of another battery."
        ),
    }


_Finding = tuple[Outcome, Phrase, str | None]


class PassportRule:
    """A :class:`~passport.credentials.verifier.FileRule` for battery passports."""

    # --- what a subject is known by ---------------------------------------------------------------------------------

    def identifiers(self, credentials: Sequence[CredentialResult]) -> dict[str, Identifiers]:
        """GTINs and codes that the proved credentials of the file state, by subject.

        A pack's code is known of its model too, and the model's GTIN of the pack: the passport credential names it.
        """
        known: dict[str, Identifiers] = {}
        for result in credentials:
            for subject in _described(result):
                name = subject.get("id")
                if not isinstance(name, str):
                    continue
                identifiers = known.get(name) or Identifiers.of_address(name)
                known[name] = _more(identifiers, _texts(subject, "gtin"), _texts(subject, "packTractionBatteryCode"))
        for pack, model in _links(credentials, kinds=frozenset({PASSPORT, *_OF_BATCH})):
            both = [each for name in (pack, model) if (each := known.get(name))]
            gtins = frozenset().union(*(each.gtins for each in both))
            codes = frozenset().union(*(each.codes for each in both))
            for each in both:
                known[each.address] = _more(each, gtins, codes)
        return known

    def concerns(self, result: CredentialResult) -> bool:
        """Whether namespaces speak of its subjects: a role is about an actor, everything else about a battery."""
        return not set(result.types) & _OF_ACTOR

    def instant(self, result: CredentialResult) -> datetime | None:
        """When a read-out was recorded."""
        recorded = [subject.get(RECORDED_AT) for subject in _described(result)]
        if not recorded or not isinstance(recorded[0], str):
            return None
        try:
            return datetime.fromisoformat(recorded[0])
        except ValueError:
            return None

    def claims(self, credentials: Sequence[CredentialResult]) -> dict[str, ActorClaim]:
        """Events and their details, each with the accreditation of its actor, as of the instant of the event."""
        happened: dict[str, tuple[datetime, JsonObject]] = {}
        for result in credentials:
            for subject in _described(result):
                if EVENT in result.types and result.id and (at := _moment(subject.get("occurredAt"))) is not None:
                    happened[result.id] = at, subject
        claims: dict[str, ActorClaim] = {}
        for result in credentials:
            name = result.id or ""
            if EVENT_DETAIL in result.types:
                name = next((str(subject.get("detailOf")) for subject in _described(result)), "")
            if name not in happened or result.id is None or not set(result.types) & {EVENT, EVENT_DETAIL}:
                continue
            at, event = happened[name]
            own = [each for each in credentials if ACTOR in each.types and result.issuer in each.subjects and each.id]
            fitting = [each for each in own if _in_force(each, at)] or own
            judged = [(each, _objection(each, result.issuer, event, at)) for each in fitting]
            for accreditation, objection in sorted(judged, key=lambda each: each[1] is not None)[:1]:
                claims[result.id] = ActorClaim(str(accreditation.id), at, objection)
        return claims

    # --- check 6 ----------------------------------------------------------------------------------------------------

    def together(
        self, credentials: Sequence[CredentialResult], *, holder: str | None, about: str | None
    ) -> tuple[Outcome, Phrase, str | None]:
        """See :meth:`passport.credentials.verifier.FileRule.together`."""
        if not any(set(result.types) & (_KNOWN - _OF_ENTERPRISE) for result in credentials):
            # A directory lists enterprises, of which none has to do with another.
            if about is None:
                return Outcome.NOT_APPLIED, BelongingPhrase("no-batteries"), None
            return _failed("other-asked", about=about[:200])
        findings = [
            *self._about_one_battery(credentials),
            *self._supports(credentials, holder),
            *(_failed("other-identity", kind=_kind(result)) for result in misnamed(credentials)),
            *self._unknown_kinds(credentials),
            *self._asked(credentials, about),
        ]
        if findings:
            return min(findings, key=lambda finding: finding[0].severity)
        return Outcome.PASSED, self._passed(credentials), None

    def _about_one_battery(self, credentials: Sequence[CredentialResult]) -> Iterable[_Finding]:
        for result in credentials:
            if set(result.types) & _OF_BATTERY and len(result.subjects) != 1:
                yield _failed("no-battery-subject", kind=_kind(result))
        packs, models = _subjects(credentials, _OF_PACK), _subjects(credentials, _OF_MODEL)
        if len(packs) > 1:
            yield _failed("other-pack", one=packs[0][:120], other=packs[1][:120])
        if len(models) > 1:
            yield _failed("two-models", one=models[0][:120], other=models[1][:120])
        named = [model for _, model in _links(credentials)]
        for model in models:
            if other := next((name for name in named if name != model), None):
                yield _failed("other-model", named=other[:120], found=model[:120])
            elif packs and not named and not packs[0].startswith(model.rstrip("/") + "/"):
                # Without the passport credential only the addresses can tell; theirs do not.
                yield Outcome.UNDETERMINED, BelongingPhrase("binding-unknown", {"pack": packs[0], "model": model}), None
        yield from _about_one_batch(credentials, models)
        for kind in sorted(_ONCE):
            if sum(1 for result in credentials if kind in result.types) > 1:
                yield _failed("two-versions", kind=_label(kind))
        if sum(1 for result in _read_outs(credentials) if not result.superseded) > 1:
            yield _failed("two-read-outs")

    def _supports(self, credentials: Sequence[CredentialResult], holder: str | None) -> Iterable[_Finding]:
        main = [result for result in credentials if set(result.types) & _OF_BATTERY]
        supports = [result for result in credentials if set(result.types) & _SUPPORT]
        known = {name for result in main for name in (*result.subjects, result.issuer)} | {holder}
        known |= {other for key in ("batteryModel", "batteryBatch") for _, other in _links(credentials, key)}
        if not main and supports:
            # Declaration and countersignature come as a file of their own, and so does a role.
            known |= _concerned(supports[0])
        left = supports
        while True:
            linked = [result for result in left if _concerned(result) & known]
            left = [result for result in left if not _concerned(result) & known]
            # A countersignature is about the declaration that it names, a role about who signed something here.
            more = {name for result in linked for name in (result.id, result.issuer, *_alone(main, result))} - known
            if not more:
                break
            known |= more
        for result in left:
            concerned = sorted(_concerned(result) - {result.id})
            subject = shortened(concerned[0])[:120] if concerned else BelongingPhrase("nobody")
            yield _failed("support-of-another", kind=_kind(result), found=subject)

    def _unknown_kinds(self, credentials: Sequence[CredentialResult]) -> Iterable[_Finding]:
        for result in credentials:
            if not set(result.types) & _KNOWN:
                yield Outcome.UNDETERMINED, BelongingPhrase("kind-unknown", {"kind": result.label}), None

    def _asked(self, credentials: Sequence[CredentialResult], about: str | None) -> Iterable[_Finding]:
        if about is not None and not any(_is(about, subject) for subject in _all_subjects(credentials)):
            yield _failed("other-asked", about=about[:200])

    def _passed(self, credentials: Sequence[CredentialResult]) -> Phrase:
        packs, models = _subjects(credentials, _OF_PACK), _subjects(credentials, _OF_MODEL)
        if packs:
            named = _links(credentials)
            absent = BelongingPhrase("model-absent") if named else None
            model = BelongingPhrase("the-model") if models else absent
            what = BelongingPhrase("the-pack")
            if model and _subjects(credentials, _OF_BATCH):
                what = BelongingPhrase("three", {"pack": what, "batch": BelongingPhrase("the-batch"), "model": model})
            elif model:
                what = BelongingPhrase("together", {"pack": what, "model": model})
        elif _subjects(credentials, _OF_BATCH):
            what = BelongingPhrase("a-batch")
            if models:
                what = BelongingPhrase("together", {"pack": what, "model": BelongingPhrase("the-model")})
        else:
            what = BelongingPhrase("a-model") if models else BelongingPhrase("the-supports")
        read_outs = [at for result in _read_outs(credentials) if (at := self.instant(result)) is not None]
        if len(read_outs) > 1:
            return BelongingPhrase("read-outs", {"what": what, "count": len(read_outs), "at": max(read_outs)})
        return what


def _moment(value: Any) -> datetime | None:
    """An instant with its offset; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def _in_force(accreditation: CredentialResult, at: datetime) -> bool:
    starts, ends = accreditation.valid_from, accreditation.valid_until
    return (starts is None or starts <= at) and (ends is None or at <= ends)


def _objection(
    accreditation: CredentialResult, actor: str | None, event: JsonObject, at: datetime
) -> BelongingPhrase | None:
    """Why an event is outside an accreditation: its kind, its place, or a permit; None where it is inside."""
    subject = next((each for each in _described(accreditation) if each.get("id") == actor), {})
    uncovered = event_reporters().objection(event, subject, at)
    if uncovered is None:
        return None
    return BelongingPhrase(uncovered.code, {"actor": shortened(actor or ""), **uncovered.values})


def _failed(key: str, **values: Any) -> _Finding:
    return Outcome.FAILED, BelongingPhrase(key, values), key


def _kind(result: CredentialResult) -> str | Mapping[str, str]:
    return _label(result.label)


def _label(kind: str) -> str | Mapping[str, str]:
    """The word people use for a kind of credential, by language."""
    return credential_types.names().get(kind, kind)


def _links(
    credentials: Sequence[CredentialResult], key: str = "batteryModel", kinds: frozenset[str] = frozenset({PASSPORT})
) -> list[tuple[str, str]]:
    """Subject and model of each passport credential that names a model; of other kinds and links likewise."""
    return [
        (subject.get("id", ""), subject[key])
        for result in credentials
        if set(result.types) & kinds
        for subject in _described(result)
        if isinstance(subject.get(key), str)
    ]


def _about_one_batch(credentials: Sequence[CredentialResult], models: Sequence[str]) -> Iterable[_Finding]:
    """Whether the batch of a file is that of its pack, and of its model.

    :param models: the models that the file holds.
    """
    batches = _subjects(credentials, _OF_BATCH)
    if len(batches) > 1:
        yield _failed("two-batches", one=batches[0][:120], other=batches[1][:120])
    named = [batch for _, batch in _links(credentials, "batteryBatch")]
    passports = [result for result in credentials if PASSPORT in result.types]
    for batch in batches:
        if other := next((name for name in named if name != batch), None):
            yield _failed("other-batch", named=other[:120], found=batch[:120])
        elif passports and not named:
            yield _failed("batch-unnamed", found=batch[:120])
    known = {*models, *(model for _, model in _links(credentials))}
    for batch, model in _links(credentials, kinds=_OF_BATCH):
        if other := next((name for name in sorted(known) if name != model), None):
            yield _failed("batch-of-other-model", batch=batch[:120], named=model[:120], found=other[:120])


def _described(result: CredentialResult) -> tuple[JsonObject, ...]:
    """What a credential says of its subjects; nothing where it was not looked into."""
    return () if result.document is None else vcdm.subjects(result.document)


def _subjects(credentials: Sequence[CredentialResult], kinds: frozenset[str]) -> list[str]:
    """The distinct subjects of the credentials of these kinds, in order."""
    return list(
        dict.fromkeys(
            name for credential in credentials if set(credential.types) & kinds for name in credential.subjects
        )
    )


def _all_subjects(credentials: Sequence[CredentialResult]) -> Iterable[Mapping[str, Any]]:
    for result in credentials:
        if set(result.types) & _OF_BATTERY:
            yield from _described(result)


def _read_outs(credentials: Sequence[CredentialResult]) -> list[CredentialResult]:
    return [result for result in credentials if CONDITION in result.types]


def _concerned(result: CredentialResult) -> set[str]:
    """What a support speaks of: its subjects, the packs of a role, batch and model of a declaration, and itself."""
    return {
        *result.subjects,
        *([] if result.id is None else [result.id]),
        *(
            name
            for subject in _described(result)
            for key in ("packs", "batteryModel", "batteryBatch")
            for name in (subject[key] if isinstance(subject.get(key), list) else [subject.get(key)])
            if isinstance(name, str)
        ),
    }


def _alone(main: Sequence[CredentialResult], result: CredentialResult) -> set[str]:
    """What a support adds to the subjects of a file: nothing where there is a battery, which roles may have many of."""
    return set() if main else _concerned(result)


def _texts(subject: Mapping[str, Any], key: str) -> frozenset[str]:
    value = subject.get(key)
    return frozenset({value}) if isinstance(value, str) else frozenset()


def _more(known: Identifiers, gtins: frozenset[str], codes: frozenset[str]) -> Identifiers:
    return Identifiers(known.address, known.gtins | gtins, known.codes | codes)


def _is(about: str, subject: Mapping[str, Any]) -> bool:
    """Whether ``about``, an address or a code as it was asked for, names this subject.

    The address of a page (``/passports/…``), of a code (``/gbt34014/…``), a query and a fragment lead to the same.
    """
    name = subject.get("id")
    codes = {subject.get(key) for key in ("packTractionBatteryCode", "serialNumber", "batteryModelIdentifier")}
    if "://" not in about:
        return about in codes
    try:
        scheme, host, segments = _place(about)
        known = _place(name) if isinstance(name, str) else None
    except ValueError:
        return False
    if segments[-2:-1] == ["gbt34014"]:
        return segments[-1] in codes
    ways = [segments]
    if "passports" in segments:
        place = segments.index("passports")
        ways.append(segments[:place] + segments[place + 1 :])
    return any((scheme, host, _without_qualifiers(way)) == known for way in ways)


def _place(address: str) -> tuple[str, str, list[str]]:
    """Scheme, authority and path of an address. Raises ValueError for a text that is none."""
    parts = urlsplit(address)
    return (
        parts.scheme.lower(),
        parts.netloc.lower(),
        [unquote(segment) for segment in parts.path.rstrip("/").split("/")],
    )


def _without_qualifiers(segments: list[str]) -> list[str]:
    """A GS1 Digital Link without variant (22) and batch (10), which lead to the same pack."""
    rest = segments
    if "01" in rest:
        place = rest.index("01") + 2
        for qualifier in ("22", "10"):
            if rest[place : place + 1] == [qualifier] and len(rest) > place + 2:
                rest = rest[:place] + rest[place + 2 :]
    return rest


def passport_verifier(
    policy: Policy,
    resolver: DidResolver | None = None,
    status_lists: Mapping[str, JsonObject | PassportError] | None = None,
    resources: Mapping[str, bytes] | None = None,
    remembered: Remembered | None = None,
) -> Verifier:
    """A verifier that also judges whether the members of a passport belong together. Parameters as of
    :class:`~passport.credentials.verifier.Verifier`."""
    return Verifier(policy, resolver, status_lists, resources=resources, rule=PassportRule(), remembered=remembered)
