"""Every error that the library raises.

One family. Each error carries a stable ``code`` for machines, a message that says what happened and where, what was
``expected`` and what was ``found`` where that can be said, and a ``hint`` what to do. ``exit_code`` says whose fault it
is, and the command line leaves with it:

* 1  the document is at fault          (:class:`DocumentError`)
* 2  the call or the input file is     (:class:`UsageError`)
* 3  it could not be determined        (:class:`Undetermined`)

A ``KeyError`` or ``ValueError`` that escapes from a hostile document is a bug. No error ever quotes a secret.
"""

from __future__ import annotations

from typing import Any


class PassportError(Exception):
    """Root of the family.

    :param message: one sentence: what happened, and where.
    :param expected: what would have been right, without a closing stop.
    :param found: what was there instead, quoted and shortened by the caller where it can be long.
    :param hint: what to do; replaces the class's own hint.
    """

    code = "passport-error"
    exit_code = 2
    hint: str | None = None

    def __init__(
        self, message: str, *, expected: str | None = None, found: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        if hint is not None:
            self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors come from other processes too. What they need besides the message is theirs, and not in ``args``.
        return _restored, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        parts = [self.message]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.found is not None:
            parts.append(f"found {self.found}")
        return "; ".join(parts)


def _restored(kind: type[PassportError], arguments: tuple[Any, ...]) -> PassportError:
    return kind.__new__(kind, *arguments)


class DocumentError(PassportError):
    """The document is at fault."""

    code = "document-error"
    exit_code = 1


class UsageError(PassportError):
    """The call, the configuration or the input file cannot be used."""

    code = "usage-error"
    exit_code = 2


class Undetermined(PassportError):
    """The question could not be answered, which is neither yes nor no."""

    code = "undetermined"
    exit_code = 3


# --- texts ----------------------------------------------------------------------------------------------------------


class MalformedCatalogue(UsageError):
    """A catalogue of translations that gettext cannot read."""

    code = "malformed-catalogue"


# --- JSON, JSON-LD and RDF ------------------------------------------------------------------------------------------


class MalformedDocument(DocumentError):
    """Not JSON, not UTF-8, a duplicate key, too deep or too large, or not of the expected shape."""

    code = "malformed-document"


class UnreadableDocument(MalformedDocument):
    """Neither text in a known encoding, nor JSON, nor a token: the file cannot be read, so nothing was checked."""

    code = "unreadable-document"
    exit_code = 2
    hint = "Give the file as it was saved or received: JSON in UTF-8, a token, or a COSE message."


class SeveralDocuments(MalformedDocument):
    """More than one document where one is to be verified. None is chosen."""

    code = "several-documents"
    exit_code = 2
    hint = "Give one document at a time."


class UnknownContext(UsageError):
    """A JSON-LD context that is not pinned. Contexts are never fetched."""

    code = "unknown-context"
    hint = "Contexts are never fetched. Add the file under contexts/ and pin it in contexts/pins.json."


class UnsafeJsonLd(DocumentError):
    """Expansion would lose or bend something: an undefined term, a relative IRI, a float, a foreign blank-node id."""

    code = "unsafe-json-ld"
    hint = "What a context does not define is not signed. Define the term, or take it out."


class CanonicalizationLimit(DocumentError):
    """Canonicalising the graph would take more work than is allowed (a poison graph)."""

    code = "canonicalization-limit"


# --- keys, DIDs and proofs ------------------------------------------------------------------------------------------


class MalformedKey(DocumentError):
    """A key, Multikey or did:key that does not decode to a supported public key."""

    code = "malformed-key"


class KeyFileError(UsageError):
    """A key file is missing, has the wrong mode, or does not open with the passphrase."""

    code = "key-file"


class UnusableSigner(UsageError):
    """The signer that the project names is no address of one, or there is no such key behind it."""

    code = "unusable-signer"
    hint = "Look at signer in passport.toml, and whether the token or service has this key: docs/signers.md."


class SignerUnavailable(Undetermined):
    """A token or signing service did not sign: it is away, or refused."""

    code = "signer-unavailable"
    hint = "Nothing was stored of what it was to sign. Look at the token or service, and run the same command again."


class ForeignKey(UsageError):
    """The private key is another than the issuer's DID document names: nothing that it signs would verify."""

    code = "wrong-key"
    hint = "Put the right key file back, or add this key to the DID document: docs/keys.md."


class UnverifiedSignature(UsageError):
    """A signature made in this run does not verify with the key of the issuer's DID document. It was not stored."""

    code = "unverified-signature"
    hint = "Nothing was stored. Look at the key and at the DID document: passport doctor, docs/keys.md."


class FixedKey(UsageError):
    """A did:key is its key, so the key can be neither rotated nor revoked."""

    code = "fixed-key"
    hint = "An issuer with a did:web can. docs/keys.md says how to change over: From did:key to did:web."


class UnresolvableDid(Undetermined):
    """A DID whose document is neither derivable nor at hand."""

    code = "unresolvable-did"
    hint = "DID documents are never fetched unasked: pin the document in the trust list."


class UnknownProof(Undetermined):
    """An unknown cryptosuite or type of proof. The proof may be right; it could not be checked."""

    code = "unknown-proof"
    hint = "Verify it with software that knows this kind of proof, or ask for one of the kinds named here."


class RefusedAddress(UsageError):
    """An address that the guarded client does not call: another scheme, a user name, a private or loopback host."""

    code = "refused-address"


class FetchFailed(Undetermined):
    """Another machine gave no answer in time, or no usable answer."""

    code = "fetch-failed"
    hint = "Try again, or verify a file that was saved with its status lists."
    #: Status of an HTTP answer, and the code in its problem document (RFC 9457), where there were any.
    status: int | None = None
    problem: str | None = None


class NoPassportThere(Undetermined):
    """The publisher says that it publishes no passport for what was asked for: there is nothing to verify."""

    code = "no-passport-there"
    hint = "Compare the code with the battery, sign by sign, and ask the maker."


class ProofError(DocumentError):
    """A proof is missing, malformed, or does not verify."""

    code = "proof-error"


class InvalidSignature(ProofError):
    """Signature and content do not match."""

    code = "invalid-signature"


class BaseProofPresented(ProofError):
    """An ecdsa-sd-2023 base proof was handed in for verification. It is the issuer's own copy."""

    code = "base-proof"
    hint = "Do not pass it on; make a view: passport show ID --as AUDIENCE --save FILE"


# --- transparency logs ----------------------------------------------------------------------------------------------


class MalformedLogData(DocumentError):
    """A note, checkpoint, tile, key or receipt of a transparency log that is not in its format."""

    code = "malformed-log-data"


class LogProofFailed(ProofError):
    """A proof of inclusion or consistency that does not lead to the root it should lead to."""

    code = "log-proof"


class UntrustedCheckpoint(ProofError):
    """A checkpoint without the signature of the log, or without the cosignatures that were demanded."""

    code = "untrusted-checkpoint"


class LogRolledBack(DocumentError):
    """A log shows fewer entries than it showed before."""

    code = "log-rolled-back"
    hint = "Keep both checkpoints: together they prove it. Ask the operator of the log."


class TwoHistories(DocumentError):
    """A log shows another history than before: its later tree does not contain the earlier one."""

    code = "two-histories"
    hint = "Keep both checkpoints: together they prove it. Ask the operator of the log."


class UnloggedDocument(UsageError):
    """A document that is not in a log, or in no checkpoint of it yet."""

    code = "unlogged-document"


class BrokenLog(DocumentError):
    """The entries of a log are not what its checkpoints and documents say. ``faults`` lists what was found."""

    code = "broken-log"

    def __init__(self, message: str, faults: tuple[Any, ...] = (), **details: str | None) -> None:
        super().__init__(message, **details)
        self.faults = tuple(faults)


# --- credentials ----------------------------------------------------------------------------------------------------


class MalformedCredential(DocumentError):
    """Not a credential or presentation of VC Data Model 2.0."""

    code = "malformed-credential"


class Respelled(MalformedCredential):
    """A value of our own context in another JSON spelling than its issuer writes.

    The graph, and with it the signature, is the same; a program that reads keys would read something else.
    """

    code = "respelled"


class SplitNode(MalformedCredential):
    """Under a proof over RDF, something that a verifier reads is described in two places of the document."""

    code = "split-node"
    hint = "Say all that concerns one id in one object, or sign with a suite over JSON (jcs) or as a token."


class MalformedStatusList(DocumentError):
    """A Bitstring Status List that does not decode within its bounds, or an entry outside it."""

    code = "malformed-status-list"


class MalformedTrustList(UsageError):
    """A trust list that cannot be read."""

    code = "malformed-trust-list"


class VerificationFailed(DocumentError):
    """The strict form of a verification whose result is not 'verified'."""

    code = "verification-failed"


# --- what a passport says -------------------------------------------------------------------------------------------


class MalformedIdentifier(DocumentError):
    """A GB/T 34014 code, GTIN or other identifier that breaks its own rules.

    ``where`` names the part at fault (``position 15, year``); :attr:`detail` is the sentence under the headline.
    """

    code = "malformed-identifier"

    def __init__(self, message: str, *, where: str | None = None, **details: str | None) -> None:
        super().__init__(message, **details)
        self.where = where

    @property
    def detail(self) -> str:
        """Such as ``position 15, year: expected 1-9 or A-Y without I, O, Q, U; found 0``."""
        parts = [f"expected {self.expected}"] if self.expected else []
        parts += [f"found {self.found}"] if self.found else []
        return (f"{self.where}: " if self.where else "") + "; ".join(parts)

    def __str__(self) -> str:
        return f"{self.message}; {self.detail}" if self.detail else self.message


class MalformedOntology(UsageError):
    """The ontology or a regime contradicts itself."""

    code = "malformed-ontology"


class NotVerified(UsageError):
    """Something is read of a passport that was not verified, or did not verify."""

    code = "not-verified"
    hint = "Call verify(trust, at=…) first; read its checks where it says no."


class UnreadableInput(UsageError):
    """A file that is no workbook, no JSON, or has an unknown column or sheet."""

    code = "unreadable-input"


class MalformedPolicy(UsageError):
    """A release policy, or the log of what it released, is not what it should be."""

    code = "malformed-policy"


class FaultyRecord(DocumentError):
    """A record has faults. ``faults`` lists all of them, each with its place (see passport.battery.record.Fault)."""

    code = "faulty-record"

    def __init__(self, message: str, faults: tuple[Any, ...] = (), **details: str | None) -> None:
        super().__init__(message, **details)
        self.faults = tuple(faults)


class UnknownMethod(UsageError):
    """A footprint method that is not installed, or a boundary that it does not have."""

    code = "unknown-method"


class MixedMethods(DocumentError):
    """Footprints of different methods, boundaries or functional units were to be compared or mixed."""

    code = "mixed-methods"
    hint = "A figure means something only with its method. Calculate both by the same one."


# --- store, publisher, presenter ------------------------------------------------------------------------------------


class UnusableProject(UsageError):
    """No project folder, or its passport.toml does not hold what it must."""

    code = "unusable-project"
    hint = "passport init DIR makes a project; --project DIR or PASSPORT_PROJECT names one."


class StoreFailure(PassportError):
    """Root of all failures of a database: the store, or the resolver's own state.

    Each kind has its own code and hint. ``retry_after`` is the number of seconds after which the same operation can
    succeed without a repair; None where a repair has to come first.
    """

    code = "store-failure"
    retry_after: int | None = None


class StoreUnavailable(StoreFailure, Undetermined):
    """The database is away, or refuses the operation for a reason that has no class of its own."""

    code = "store-unavailable"
    hint = "Try again. If it stays so, look at the database and at the rights of the role that asks it."
    retry_after = 30


class StoreLocked(StoreUnavailable):
    """Another program keeps the lock of the database for longer than a writer waits."""

    code = "store-locked"
    hint = "Another program is writing, or hangs while it holds the lock. Try again; end a program that hangs."
    retry_after = 5


class StoreFull(StoreUnavailable):
    """The disk, the quota or the database itself has no room for what is to be stored."""

    code = "store-full"
    hint = "Nothing was stored. Make room on the disk of the store, or raise its quota, and run the same again."
    retry_after = 120


class UnusableStore(StoreFailure, UnusableProject):
    """The database cannot be used until it or its configuration is repaired."""

    code = "unusable-store"
    hint = "docs/deploy.md says how a store is set up, and under Upgrading how an older one is renewed."


class StoreReadOnly(UnusableStore):
    """The database, its file or its folder takes no writes."""

    code = "store-read-only"
    hint = "Nothing was stored. Let this user write to the file and to its folder, or use the role that may write."
    retry_after = 120


class StoreDamaged(UnusableStore):
    """The database contradicts itself, or holds something that was never stored like that."""

    code = "store-damaged"
    hint = "Stop writing to it, keep a copy of the files, and restore the backup: docs/deploy.md, Restore."


class StoreMissing(UnusableStore):
    """The file of an embedded store, or its folder, does not exist."""

    code = "store-missing"
    hint = "Look whether the path is right and whether its disk is mounted. No folder is ever made for a store."


class StoreForeign(UnusableStore):
    """The file is no database, or its beginning was overwritten."""

    code = "store-foreign"
    hint = "Name another file; if this one was the store, restore the backup: docs/deploy.md, Restore."


class StoreOlder(UnusableStore):
    """An earlier version of this software made the database, and this user may not upgrade it."""

    code = "store-older"
    hint = "Run passport store upgrade as a user who may make tables in it: docs/deploy.md, Upgrading."


class StoreNewer(UnusableStore):
    """A later version of this software made or upgraded the database."""

    code = "store-newer"
    hint = "Install the newer version of this software here too. A store is never taken back to an older version."


class StoreNotEmpty(UsageError):
    """A whole store is to be written into one that holds something already."""

    code = "store-not-empty"
    hint = "Name a new file, or an empty database. What a store holds is never overwritten."


class StoreDiffers(Undetermined):
    """What was read back from a new store is not what was written into it. Nothing was stored."""

    code = "store-differs"
    hint = "Nothing was stored. Look at the disk and the memory of both machines, and try again."


class DamagedBackup(DocumentError):
    """An archive that is no backup of this software, or whose content is not what its digests say."""

    code = "damaged-backup"
    hint = "Take another copy of this backup, or an earlier backup. Nothing was restored."


class UnknownPassport(UsageError):
    """No passport of that address, code or serial number in the store."""

    code = "unknown-passport"


class UnknownRole(UsageError):
    """No role credential of that id, holder or file was given by this project."""

    code = "unknown-role"
    hint = "passport grant list shows what was given."


class AlreadyIssued(DocumentError):
    """The pack was issued before with other content."""

    code = "already-issued"


class AnotherIssuer(UsageError):
    """What is in the store has another issuer, who alone changes its status or replaces it."""

    code = "another-issuer"
    hint = "Ask that issuer. Each issuer of a shared store changes only what it issued itself."


class WorkerLost(Undetermined):
    """A worker process ended before its time: killed, or out of memory."""

    code = "worker-lost"
    hint = "What is stored stays stored. The kernel's log says whether it ran out of memory; take fewer --jobs then."


class JournalUnwritten(UsageError):
    """The journal of a run could not be written. What is stored stays; the same command goes on from there."""

    code = "journal-unwritten"
    hint = "What is stored stays stored. Make room, and run the same command again with --resume."


class StoredUnverified(DocumentError):
    """Stored credentials do not verify with the key of the issuer's DID document. ``credentials`` has their ids."""

    code = "stored-unverified"

    def __init__(self, message: str, credentials: tuple[str, ...] = (), **details: str | None) -> None:
        super().__init__(message, **details)
        self.credentials = tuple(credentials)


class AccessDenied(DocumentError):
    """A role credential or token does not grant what was asked for."""

    code = "access-denied"


# --- exchange between companies -------------------------------------------------------------------------------------


class MalformedMessage(DocumentError):
    """A message of the Dataspace Protocol or of the Decentralized Claims Protocol that breaks its schema."""

    code = "malformed-message"


class IllegalStep(DocumentError):
    """A message that may not follow in this state of a negotiation or transfer, or is not this party's to send."""

    code = "illegal-step"


class UnknownExchange(UsageError):
    """No offer, negotiation, agreement or transfer of this id that this party may know of."""

    code = "unknown-exchange"


class UnauthenticatedPeer(DocumentError):
    """A request whose sender did not prove who it is. The answer does not say why."""

    code = "unauthenticated-peer"


class RefusedUsage(DocumentError):
    """A usage policy that is not understood here, or that the parties do not fulfil."""

    code = "refused-usage"


class PeerFailed(Undetermined):
    """The other company's connector gave no answer, or none that can be used."""

    code = "peer-failed"
