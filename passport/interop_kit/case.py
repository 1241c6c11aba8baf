"""One case of the set: a file, how it is to be verified, and the verdict that is expected of it.

What is expected is written down case by case. It is never taken from what our own verifier says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passport.credentials.credential import date_time
from passport.linked_data import strict_json
from passport.texts import Message, by_language

OUTCOMES = {"p": "passed", "f": "failed", "u": "undetermined", "n": "not-reached", "a": "not-applied"}
NAMESPACES, ANY_SUBJECT = "trust/namespaces.json", "trust/any-subject.json"
_EXIT_CODES = {True: 0, False: 1, None: 3}


@dataclass(frozen=True)
class Case:
    """A case.

    :param name: of its file, without ending.
    :param title: what is right or wrong with it, in a sentence.
    :param content: JSON, or a token (text) or message (bytes) by itself.
    :param checks: the outcomes of checks 1 to 6 over the whole file, a letter of :data:`OUTCOMES` each.
    :param code: the code of the check that decides; None where all passed.
    :param signatures: whether each proof in the file holds by cryptography alone, whichever issuer signed; None where
        a proof is of a kind that is not known.
    :param about: the address or code that is asked for.
    :param challenge: the challenge given to the holder; :param domain: the intended verifier.
    :param presentation: outcome of check 2 of the presentation itself; None where it has no proof and none is asked.
    :param superseded: ids of the credentials of which the file says that a newer one exists.
    :param at: the instant of verification, where it is not that of the set.
    :param ending: of its file.
    """

    name: str
    title: Message
    content: Any
    checks: str = "pppppp"
    code: str | None = None
    signatures: bool | None = True
    trust: str = NAMESPACES
    about: str | None = None
    challenge: str | None = None
    domain: str | None = None
    presentation: str | None = None
    superseded: Sequence[str] = field(default=())
    at: datetime | None = None
    ending: str = "jsonld"

    @property
    def path(self) -> str:
        return f"cases/{self.name}.{self.ending}"

    @property
    def media_type(self) -> str:
        """What the file is: of a token or message its own type, of JSON that of a presentation or credential."""
        if self.ending != "jsonld":
            return f"application/vp+{self.ending}"
        return "application/vp" if b'"VerifiablePresentation"' in self.data else "application/vc"

    @property
    def data(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return self.content.encode() if isinstance(self.content, str) else strict_json.dumps(self.content)

    @property
    def verified(self) -> bool | None:
        outcomes = self.checks + ("" if self.presentation is None else self.presentation)
        if "f" in outcomes:
            return False
        return None if "u" in outcomes else True

    def to_json(self, at: datetime) -> dict[str, Any]:
        """The entry of the case in ``expected.json``.

        :param at: the instant of the set.
        """
        request: Mapping[str, Any] = {"about": self.about, "challenge": self.challenge, "domain": self.domain}
        return {
            "name": self.name,
            "title": by_language(self.title),
            "file": self.path,
            "mediaType": self.media_type,
            "trust": self.trust,
            "at": date_time(self.at or at),
            **{key: value for key, value in request.items() if value is not None},
            "expected": {
                "verified": self.verified,
                "exitCode": _EXIT_CODES[self.verified],
                "checks": {str(number): OUTCOMES[letter] for number, letter in enumerate(self.checks, 1)},
                **({} if self.presentation is None else {"presentation": OUTCOMES[self.presentation]}),
                "code": self.code,
                "signatures": self.signatures,
                "superseded": list(self.superseded),
            },
        }
