"""How the desk names packs, actors, kinds of events and provinces: short, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from passport.lifecycle import catalogue
from passport.linked_data import strict_json
from passport.store.events.event_rows import DocumentKind
from passport.supervision.provinces import provinces
from passport.supervision.rulebook import rulebook
from passport.texts import Message, Text, fallback, say
from passport.vocabulary.vocabulary import load
from resolver.page import formatting as f
from resolver.services import Services

_LATE = Message("{n} day late", plural="{n} days late")
_JUST_LATE = Message("late since today")
_LEFT = Message("in {n} day", plural="in {n} days")
_TODAY = Message("today")


class DeskNames:
    """DeskNames in one language.

    :param link: makes an address of the desk.
    """

    def __init__(self, language: str, here: Services, *, link: Callable[..., str]) -> None:
        self.language = language
        self._here = here
        self._actors: dict[str, str] = {}
        self.link = link

    def say(self, text: Text) -> str:
        return say(text, self.language)

    def actor(self, did: str | None) -> str:
        """The legal name in its newest accreditation, the name in the trust list, or the DID, shortened."""
        if did is None:
            return ""
        if did not in self._actors:
            self._actors[did] = self._legal_name(did) or self._listed(did) or f.shortened(did.removeprefix("did:web:"))
        return self._actors[did]

    def _legal_name(self, did: str) -> str | None:
        for document in self._here.store.held_documents(DocumentKind.ACCREDITATION, did, limit=1):
            subject = strict_json.loads(document.body).get("credentialSubject")
            name = subject.get("legalName") if isinstance(subject, dict) else None
            if isinstance(name, Mapping):
                return fallback({str(tag): str(text) for tag, text in name.items()}, self.language)
            if isinstance(name, str):
                return name
        return None

    def _listed(self, did: str) -> str | None:
        issuer = self._here.config.trust_list.issuer(did)
        return issuer.named(self.language) if issuer else None

    @staticmethod
    def pack(iri: str | None, code: str | None = None) -> str:
        """The end of the code on the plate, or of the address."""
        if code and len(code) == 24:
            return f"…{code[-10:-7]}\u00a0{code[-7:]}"
        text = code or (iri or "").rsplit("/", 1)[-1]
        return text if len(text) <= 14 else f"…{text[-10:]}"

    def kind(self, code: str) -> str:
        """A kind of event."""
        known = catalogue().kinds.get(code)
        return self.say(known.label) if known else code

    def role(self, code: str | None) -> str:
        """A role of an actor."""
        known = next((term for term in catalogue().roles.codes if term.code == code), None)
        return self.say(known.label) if known else code or ""

    def province(self, code: str | None) -> str:
        known = provinces().get(code or "")
        return self.say(known.label) if known else code or ""

    def rule(self, code: str) -> str:
        known = rulebook().rules.get(code)
        return self.say(known.label) if known else code

    def duty(self, code: str) -> str:
        known = rulebook().duties.get(code)
        return self.say(known.label) if known else self.say(Message("Receipt of a hand-over"))

    def material(self, code: str) -> str:
        """A material that recycling gave back, by the name of the field that states its mass."""
        known = load().terms.get(f"recovered{code.capitalize()}Mass")
        return self.say(known.label) if known else code

    def value(self, text: str) -> str:
        """A value of a finding: code of a duty, kind, role or province, or what it is."""
        if text.startswith("did:"):
            return self.actor(text)
        if text in rulebook().duties:
            return self.duty(text)
        for named in (self.kind(text), self.province(text), self.role(text)):
            if named != text:
                return named
        return self.pack(text) if "://" in text else text

    def day(self, value: datetime | date | int | None) -> str:
        """A day; an instant as seconds since 1970 is taken too."""
        if value is None:
            return ""
        instant = datetime.fromtimestamp(value, UTC) if isinstance(value, int) else value
        return f.day(instant.date() if isinstance(instant, datetime) else instant, self.language)

    def moment(self, value: datetime | int) -> str:
        """An instant with its time."""
        return f.moment(datetime.fromtimestamp(value, UTC) if isinstance(value, int) else value, self.language)

    def number(self, value: object) -> str:
        return f.number(value, self.language)

    def deadline(self, due: datetime, at: datetime) -> tuple[str, bool]:
        """How far a deadline is, in words, and whether it has passed."""
        days = (due - at).days if due >= at else (at - due).days
        if due < at:
            return self.say(_LATE.fill(n=days) if days else _JUST_LATE), True
        return self.say(_LEFT.fill(n=days)) if days else self.say(_TODAY), False

    def tonnes(self, grams: int | None) -> str:
        """A mass in tonnes with one decimal, from grams."""
        if grams is None:
            return "—"
        tenths = (grams + 50_000) // 100_000
        return f.number(f"{tenths // 10}.{tenths % 10}", self.language)
