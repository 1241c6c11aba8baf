"""Access rights: which audience may read which indicator.

* Audiences are sets, not levels: an indicator names each audience that may read it, in the ontology and nowhere else.
* What is public is readable by every audience.
* Access belongs to an indicator, never to a field or an entry of it: a structured value is disclosed whole or not. It
  is not where anything in it, at any depth, is no field of that indicator (:func:`is_classified`).
* Denied by default. What the vocabulary does not know is not readable, by any role. A view is made by selecting what an
  audience may read, never by taking something out of a whole.
* A legitimate interest has a purpose, and :data:`PURPOSES` says what each purpose opens: a table, since the act on
  legitimate interest (Article 77(9)) is still to come. What is not in the table opens nothing.
* Two readings of the regulation differ for Annex XIII point 2. ``article-77``, the default, follows Article 77(2)(b),
  which gives points 2 and 3 to notified bodies, market surveillance authorities and the Commission; ``annex-xiii`` the
  narrower headings of the annex. The policy is an argument: changing it signs nothing anew.

    pointers(load(), condition_credential, Audience.COMMISSION)      # ("/credentialSubject/…", …)
    readable(load(), Right(Audience.LEGITIMATE_INTEREST, "purchase"))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from passport.battery.linked_documents import digest_pointers
from passport.errors import UsageError
from passport.texts import Message
from passport.vocabulary.credential_types import CONDITION, MODEL_DETAIL, STATUS_CHANGED_AT
from passport.vocabulary.indicator import Audience, Carrier, Datatype, Field, Indicator
from passport.vocabulary.vocabulary import Vocabulary

POLICIES = ("article-77", "annex-xiii")
DEFAULT_POLICY = POLICIES[0]

#: Credential type -> the carrier whose indicators it holds. Only these two are disclosed in part.
SELECTIVE: Mapping[str, Carrier] = {
    MODEL_DETAIL: Carrier.MODEL_DETAIL,
    CONDITION: Carrier.CONDITION,
}
#: Members of a nested node that are no data.
_FRAME = frozenset({"id", "type"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.ASCII).fullmatch


@dataclass(frozen=True)
class Purpose:
    """What one purpose of a legitimate interest opens. (Article 77(2), third subparagraph)

    :ivar model: whether what is restricted about the model (Annex XIII point 2) is open, or the single battery alone.
    :ivar own_packs: whether the role has to name the packs: those that one owns, buys or has a contract for.
    """

    model: bool
    own_packs: bool


_TAKING_CARE = Purpose(model=True, own_packs=False)  # purpose (a): repair, another life, treatment
_OWNING = Purpose(model=False, own_packs=True)  # purpose (b): the value of one battery, and its offer to the market
PURPOSES: Mapping[str, Purpose] = {
    "repair": _TAKING_CARE,
    "remanufacturing": _TAKING_CARE,
    "second-life": _TAKING_CARE,
    "recycling": _TAKING_CARE,
    "purchase": _OWNING,
    "aggregation": _OWNING,
}
#: What a notified body asks a role for. Its right is narrowed by no purpose. (Article 77(2)(b))
CONFORMITY_ASSESSMENT = "conformity-assessment"


def asking_audience(purpose: str) -> Audience:
    """The audience that a person asks to belong to who names a purpose in a form."""
    return Audience.NOTIFIED_BODY if purpose == CONFORMITY_ASSESSMENT else Audience.LEGITIMATE_INTEREST


@dataclass(frozen=True)
class Right:
    """An audience, and for what it reads. Only a legitimate interest is narrowed by its purpose."""

    audience: Audience
    purpose: str | None = None


def check_right(right: Right, *, names_packs: bool) -> None:
    """Refuse a right that the table does not know, or that needs packs to be named and has none.

    :raises UsageError: one of the two.
    """
    purpose = _purpose(right)
    if purpose is not None and purpose.own_packs and not names_packs:
        raise UsageError(
            Message("a role for {purpose} names no packs", purpose=right.purpose),
            expected=Message("those that the holder owns or has a contract for"),
        )


def readable(vocabulary: Vocabulary, reader: Right | Audience | str, *, policy: str = DEFAULT_POLICY) -> frozenset[str]:
    """The ids of all indicators that an audience may read.

    :param reader: an audience, or an audience with its purpose.
    :raises UsageError: no such audience, purpose or policy. Never an empty answer instead: that would hide a typing
        error.
    """
    right = reader if isinstance(reader, Right) else Right(_audience(reader))
    purpose = _purpose(right)
    if policy not in POLICIES:
        raise UsageError(
            Message("unknown access policy {policy!r}", policy=policy),
            expected=Message("one of {policies}", policies=", ".join(POLICIES)),
        )
    wide = policy == "article-77"

    def opens(indicator: Indicator) -> bool:
        audiences = indicator.audiences_art77 if wide else indicator.audiences
        if Audience.PUBLIC in audiences:
            return True
        narrowed = purpose is not None and not purpose.model and indicator.carrier.about_model
        return right.audience in audiences and not narrowed

    return frozenset(identifier for identifier, indicator in vocabulary.indicators.items() if opens(indicator))


def visible(
    vocabulary: Vocabulary, keys: Iterable[str], reader: Right | Audience | str, *, policy: str = DEFAULT_POLICY
) -> tuple[str, ...]:
    """Of the keys that are there, those that an audience may read, in the order given. Unknown keys are not among them.

    :raises UsageError: no such audience, purpose or policy.
    """
    allowed = readable(vocabulary, reader, policy=policy)
    return tuple(key for key in keys if key in allowed)


def pointers(
    vocabulary: Vocabulary,
    credential: Mapping[str, Any],
    reader: Right | Audience | str,
    *,
    policy: str = DEFAULT_POLICY,
) -> tuple[str, ...]:
    """JSON pointers of what an audience may see of a restricted credential, besides its mandatory part.

    ``statusChangedAt`` goes with the values that it dates, and with nothing else.

    :param credential: a BatteryModelDetailCredential or BatteryConditionCredential. Of any other type there is nothing
        to select: such a credential is shown as a whole or not at all.
    :returns: ``/credentialSubject/{indicator}`` in the order of the subject's keys, and the digests of the documents
        linked there; empty where nothing is to be seen.
    :raises UsageError: no such audience, purpose or policy.
    """
    subject, types = credential.get("credentialSubject"), credential.get("type")
    subject = subject if isinstance(subject, Mapping) else {}
    types = types if isinstance(types, list | tuple) else ()
    carriers = {SELECTIVE[name] for name in types if isinstance(name, str) and name in SELECTIVE}
    # An indicator that strayed into a credential of another carrier is not disclosed from there.
    seen = {
        key
        for key in visible(vocabulary, subject, reader, policy=policy)
        if vocabulary.indicators[key].carrier in carriers and is_classified(vocabulary.indicators[key], subject[key])
    }
    if any(vocabulary.indicators[key].dated_by == STATUS_CHANGED_AT for key in seen):
        seen.add(STATUS_CHANGED_AT)
    selected = [f"/credentialSubject/{key}" for key in subject if key in seen]
    return (*selected, *digest_pointers(credential, [subject.get(key) for key in seen]))


def is_classified(indicator: Indicator, value: Any) -> bool:
    """Whether a value from a credential has only members that the vocabulary defines for its indicator.

    A member that the vocabulary does not know, or that is personal data, is not classified; since a value is
    shown whole, all of it is then withheld.
    """
    return all(_is_of(indicator, entry) for entry in _entries(value))


def _is_of(kind: Indicator | Field, value: Any) -> bool:
    if not isinstance(value, Mapping):
        return not isinstance(value, list | tuple)  # a list in a list is nothing that an indicator has
    if kind.datatype is Datatype.LANG_STRING:
        texts = (text for texts in value.values() for text in _entries(texts))
        return all(map(_LANGUAGE, value)) and all(isinstance(text, str) for text in texts)
    fields = {field.term: field for field in getattr(kind, "fields", ()) if not field.personal_data}
    return bool(fields) and all(
        isinstance(held, str)
        if key in _FRAME
        else key in fields and all(_is_of(fields[key], entry) for entry in _entries(held))
        for key, held in value.items()
    )


def _entries(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _purpose(right: Right) -> Purpose | None:
    """What the right's purpose opens; None where the audience is not narrowed by any."""
    if right.audience is not Audience.LEGITIMATE_INTEREST or right.purpose is None:
        return None
    if right.purpose not in PURPOSES:
        raise UsageError(
            Message("unknown purpose {purpose!r}", purpose=right.purpose[:80]),
            expected=Message("one of {purposes}", purposes=", ".join(PURPOSES)),
        )
    return PURPOSES[right.purpose]


def _audience(name: Audience | str) -> Audience:
    try:
        return Audience(name)
    except ValueError:
        codes = ", ".join(audience.value for audience in Audience)
        raise UsageError(
            Message("unknown audience {name!r}", name=str(name)), expected=Message("one of {codes}", codes=codes)
        ) from None
