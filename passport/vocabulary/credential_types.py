"""Types of the credentials of a battery passport, members of their subjects that are no indicators, and their names.

Loads neither the ontology nor rdflib, so that a verifier can name what it verified. The names are the ontology's: they
are read from ``ontology/derived/credential-names.json``, which is derived from it (:mod:`passport.vocabulary.derived`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from passport.linked_data import resources, strict_json

MODEL = "BatteryModelCredential"
MODEL_DETAIL = "BatteryModelDetailCredential"
BATCH = "BatteryBatchCredential"
PASSPORT = "BatteryPassportCredential"
CONDITION = "BatteryConditionCredential"
EVENT = "BatteryEventCredential"
EVENT_DETAIL = "BatteryEventDetailCredential"
ACTOR = "BatteryActorCredential"
ROLE = "BatteryRoleCredential"
DECLARATION_TYPE = "CarbonFootprintDeclarationCredential"
VERIFICATION_TYPE = "CarbonFootprintVerificationCredential"
IDENTITY = "EnterpriseIdentityCredential"
DIRECTORY = "EnterpriseDirectoryCredential"
ATTESTATION = "BatteryAttestationCredential"

#: All of them, in the order in which they are listed for people.
TYPES = (
    MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION, EVENT, EVENT_DETAIL, ACTOR, ROLE, DECLARATION_TYPE,
    VERIFICATION_TYPE, IDENTITY, DIRECTORY, ATTESTATION,
)  # fmt: skip

#: Members of a read-out that say when its values were taken.
RECORDED_AT = "recordedAt"
STATUS_CHANGED_AT = "statusChangedAt"
READING_TIMES = (RECORDED_AT, STATUS_CHANGED_AT)
LIFECYCLE_EVENT = "lifecycleEvent"
#: Members of a subject that are no indicators.
NOT_INDICATORS = frozenset({"id", "type", "batteryModel", "batteryBatch", *READING_TIMES, LIFECYCLE_EVENT})

#: ``lifecycleEvent`` that ends a passport. (Article 77(8) of Regulation (EU) 2023/1542)
RECYCLED = "recycle"

NAMES_FILE = "ontology/derived/credential-names.json"


@cache
def names() -> Mapping[str, Mapping[str, str]]:
    """What people call each type, by type and language, in the order of :data:`TYPES`.

    :raises UsageError: the derived file is not there.
    """
    return MappingProxyType(dict(strict_json.loads(resources.read_bytes(NAMES_FILE))))
