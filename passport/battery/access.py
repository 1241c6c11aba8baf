"""Who may read which indicator.

* Audiences are sets, not levels: an indicator names each audience that may read it, in the ontology and nowhere else.
* What is public is readable by every audience.
* Access belongs to an indicator, never to a field or an entry of it: a structured value is disclosed whole or not.
* Denied by default. What the vocabulary does not know is not readable, by anybody. A view is made by selecting what an
  audience may read, never by taking something out of a whole.
* Two readings of the regulation differ for Annex XIII point 2. ``annex-xiii``, the default, follows the headings of the
  annex; ``article-77`` the wider wording of Article 77(2). The policy is an argument: changing it signs nothing anew.

    pointers(load(), condition_credential, Audience.COMMISSION)      # ("/credentialSubject/…", …)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from passport.battery.indicator import Audience, Carrier
from passport.battery.vocabulary import Vocabulary
from passport.errors import UsageError

POLICIES = ("annex-xiii", "article-77")
DEFAULT_POLICY = POLICIES[0]

#: Credential type -> the carrier whose indicators it holds. Only these two are disclosed in part.
SELECTIVE: Mapping[str, Carrier] = {
    "BatteryModelDetailCredential": Carrier.MODEL_DETAIL,
    "BatteryConditionCredential": Carrier.CONDITION,
}
STATUS_CHANGED_AT = "statusChangedAt"


def readable(vocabulary: Vocabulary, audience: Audience | str, *, policy: str = DEFAULT_POLICY) -> frozenset[str]:
    """The ids of all indicators that an audience may read.

    :raises UsageError: no such audience or policy. Never an empty answer instead: that would hide a typing error.
    """
    reader = _audience(audience)
    if policy not in POLICIES:
        raise UsageError(f"unknown access policy {policy!r}", expected=" or ".join(POLICIES))
    return frozenset(
        identifier
        for identifier, indicator in vocabulary.indicators.items()
        if {reader, Audience.PUBLIC} & (indicator.audiences if policy == "annex-xiii" else indicator.audiences_art77)
    )


def visible(
    vocabulary: Vocabulary, keys: Iterable[str], audience: Audience | str, *, policy: str = DEFAULT_POLICY
) -> tuple[str, ...]:
    """Of the keys that are there, those that an audience may read, in the order given. Unknown keys are not among them.

    :raises UsageError: no such audience or policy.
    """
    allowed = readable(vocabulary, audience, policy=policy)
    return tuple(key for key in keys if key in allowed)


def pointers(
    vocabulary: Vocabulary, credential: Mapping[str, Any], audience: Audience | str, *, policy: str = DEFAULT_POLICY
) -> tuple[str, ...]:
    """JSON pointers of what an audience may see of a restricted credential, besides its mandatory part.

    ``statusChangedAt`` goes with the values that it dates, and with nothing else.

    :param credential: a BatteryModelDetailCredential or BatteryConditionCredential. Of any other type there is nothing
        to select: such a credential is shown as a whole or not at all.
    :returns: ``/credentialSubject/{indicator}`` in the order of the subject's keys; empty where nothing is to be seen.
    :raises UsageError: no such audience or policy.
    """
    subject, types = credential.get("credentialSubject"), credential.get("type")
    subject = subject if isinstance(subject, Mapping) else {}
    types = types if isinstance(types, list | tuple) else ()
    carriers = {SELECTIVE[name] for name in types if isinstance(name, str) and name in SELECTIVE}
    # An indicator that strayed into a credential of another carrier is not disclosed from there.
    seen = {
        key
        for key in visible(vocabulary, subject, audience, policy=policy)
        if vocabulary.indicators[key].carrier in carriers
    }
    if any(vocabulary.indicators[key].dated_by == STATUS_CHANGED_AT for key in seen):
        seen.add(STATUS_CHANGED_AT)
    return tuple(f"/credentialSubject/{key}" for key in subject if key in seen)


def _audience(name: Audience | str) -> Audience:
    try:
        return Audience(name)
    except ValueError:
        codes = ", ".join(audience.value for audience in Audience)
        raise UsageError(f"unknown audience {str(name)!r}", expected=f"one of {codes}") from None
