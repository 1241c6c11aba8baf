"""A passport as a programmer uses it: open an address or a file, verify it, read what was proved.

    pack = passport.open("view.jsonld")
    pack.verify("trusted-issuers.json", at=datetime.now(UTC)).verified      # True
    pack.claims["nominalVoltage"]                                           # "710.4"
    pack.to_graph(), pack.to_dataframe(), pack.history()

Opening verifies nothing, and before :meth:`OpenedPassport.verify` nothing can be read: a program gets only what
verified. Values are as they were signed: quantities are decimals as text, in the unit of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passport.belonging import passport_verifier
from passport.credentials import credential as vcdm
from passport.credentials import intake
from passport.credentials.status_fetch import fetch_status_lists
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import VerificationResult
from passport.errors import NotVerified, UnreadableInput, UsageError
from passport.identity.http_client import GuardedClient
from passport.linked_data import graphs, jsonld
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import EVENT, RECORDED_AT

if TYPE_CHECKING:
    import pandas
    import rdflib

_ACCEPT = "application/vp, application/ld+json;q=0.9, application/json;q=0.8"
_REDIRECTS = 3
_FRAME = ("id", "type")


@dataclass(frozen=True)
class HistoryEntry:
    """One dated thing in a passport.

    :ivar at: when it happened or was read; when it was signed, where the document says no more.
    :ivar kind: type of its credential, or the kind of its life-cycle event.
    :ivar issuer: DID of who signed it.
    """

    at: str
    kind: str
    id: str
    issuer: str


class OpenedPassport:
    """One passport, as it came.

    :ivar source: the address or file; :ivar document: its JSON, not to be believed before it was verified.
    :ivar result: what the last verification said; None before one.
    """

    def __init__(self, source: str, document: Any, client: GuardedClient | None = None) -> None:
        self.source, self.document = source, document
        self.result: VerificationResult | None = None
        self._client = client

    def verify(self, trust: TrustList | Path | str, *, at: datetime, about: str | None = None) -> VerificationResult:
        """Verify all of it: the six checks of ``passport verify``.

        :param trust: a trust list, or the path of one. Who may sign is your decision and has no default.
        :param at: instant of verification, aware.
        :param about: the address or code of the battery that is meant; an address that was opened is meant by itself.
        :raises MalformedTrustList: the list cannot be read.
        """
        trust_list = trust if isinstance(trust, TrustList) else TrustList.load(trust)
        about = about or (self.source if _is_address(self.source) else None)
        self.result = passport_verifier(trust_list).verify(self.document, at=at, about=about)
        if self._client is not None and (lists := fetch_status_lists(self.result, trust_list, self._client)):
            self.result = passport_verifier(trust_list, status_lists=lists).verify(self.document, at=at, about=about)
        return self.result

    @property
    def claims(self) -> Mapping[str, Any]:
        """Values by indicator id, of every credential.

        :raises NotVerified: the passport was not verified, or did not verify.
        """
        return {
            key: value
            for document in self._proved()
            for subject in vcdm.subjects(document)
            for key, value in subject.items()
            if key not in _FRAME
        }

    def to_graph(self) -> rdflib.Graph:
        """The statements of the credentials, without their proofs.

        :raises NotVerified: as :attr:`claims`.
        """
        unsigned = [{key: value for key, value in document.items() if key != "proof"} for document in self._proved()]
        return graphs.merged(jsonld.to_dataset(document) for document in unsigned)

    def to_dataframe(self) -> pandas.DataFrame:
        """A row for each value: subject, indicator, field, entry, value, unit, name in English, credential.

        :raises NotVerified: as :attr:`claims`.
        :raises UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError:
            raise UsageError(
                Message("pandas is not installed"), hint=Message('pip install "battery-passport[data]"')
            ) from None
        columns = ("subject", "indicator", "field", "entry", "value", "unit", "label", "credential")
        return pandas.DataFrame(list(self._rows()), columns=list(columns))

    def history(self) -> tuple[HistoryEntry, ...]:
        """What the passport holds, oldest first: its credentials, its read-out and its life-cycle events.

        :raises NotVerified: as :attr:`claims`.
        """
        entries = []
        for document in self._proved():
            subject = next(iter(vcdm.subjects(document)), {})
            own = [name for name in vcdm.types(document) if name != "VerifiableCredential"]
            kind = str(subject.get("lifecycleEvent") or own[0]) if EVENT in own else own[0]
            at = subject.get(RECORDED_AT) or subject.get("occurredAt") or document.get("validFrom", "")
            issuer = document.get("issuer")
            did = issuer.get("id", "") if isinstance(issuer, dict) else issuer
            entries.append(HistoryEntry(str(at), kind, str(document.get("id", "")), str(did)))
        return tuple(sorted(entries, key=lambda entry: entry.at))

    def _proved(self) -> list[JsonObject]:
        if self.result is None or self.result.verified is not True:
            found = Message("nothing was verified") if self.result is None else Message("it did not verify")
            raise NotVerified(Message("{source} is not verified", source=self.source[:200]), found=found)
        return [dict(document) for document in self.result.documents]

    def _rows(self) -> Iterator[tuple[str, ...]]:
        from passport.vocabulary.vocabulary import load

        indicators = load().indicators
        for document in self._proved():
            for subject in vcdm.subjects(document):
                for key, value in subject.items():
                    indicator = indicators.get(key)
                    if indicator is None:
                        continue
                    units = {field.term: field.unit for field in indicator.fields}
                    for field, entry, text in _values(value):
                        unit = units.get(field) if field else indicator.unit
                        yield (
                            str(subject.get("id", "")), key, field, entry, text, unit.symbol if unit else "",
                            indicator.label["en"], str(document.get("id", "")),
                        )  # fmt: skip


def open_passport(source: str | Path, *, client: GuardedClient | None = None) -> OpenedPassport:
    """Read a passport.

    :param source: a file, or an ``https`` address of a passport (``http`` for the machine's own).
    :param client: asks for addresses; by default one that refuses private addresses, except the host of ``source``.
    :raises UnreadableInput: the file cannot be read.
    :raises FetchFailed: the address does not answer.
    :raises MalformedDocument: that is no document of credentials.
    """
    text = str(source)
    if not _is_address(text):
        try:
            data = Path(text).read_bytes()
        except OSError as error:
            raise UnreadableInput(
                Message("{path} cannot be read: {strerror}", path=text[:200], strerror=error.strerror)
            ) from error
        return OpenedPassport(text, _document(data))
    asking = client or GuardedClient().naming(text)
    answer = asking.get(text, accept=_ACCEPT, redirects=_REDIRECTS)
    return OpenedPassport(text, _document(answer.body), asking)


def _document(data: bytes) -> Any:
    return intake.take(data).document


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _values(value: Any, field: str = "", entry: str = "") -> Iterator[tuple[str, str, str]]:
    """Field, entry and text of every plain value in an indicator's value."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _values(item, field, f"{entry}.{number}" if entry else str(number))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _FRAME:
                yield from _values(item, key, entry)
    elif isinstance(value, bool):
        yield field, entry, "true" if value else "false"
    else:
        yield field, entry, str(value)
