"""The life of a pack: events, one history per pack, and which event may follow which.

* Every history begins with a code or a production; after recycling only a correction follows.
* An event never changes an earlier one. A correction is a new event of the same reporter that names the old one.
* State (custody, ownership, place, EU status, legal state, vehicle, parts) is derived from the history, never stored.
* The chain follows acceptance, the state follows event time: a late report is accepted if the history stays legal.
* Nothing here knows a signature, a database, a network or a clock.

    event = from_json(document, roles=accreditation.roles)
    decision = decide(history, event, accreditation, now=now, rules=catalogue().profile("cn", "eu"), surroundings=facts)
    if isinstance(decision, Accepted):
        history = history.with_event(event, digest)
        history.state.label                     # "Fitted"
"""

from passport.lifecycle.accreditation_scope import Accreditation, Permit
from passport.lifecycle.decision import Accepted, Decision, Refused, decide
from passport.lifecycle.event import LifecycleEvent, PartChange, Place, Predecessor
from passport.lifecycle.event_catalogue import EventKind, LifecycleCatalogue, LifecycleRule, catalogue
from passport.lifecycle.event_json import from_json
from passport.lifecycle.event_values import EventFault
from passport.lifecycle.event_writer import to_json
from passport.lifecycle.history import ChainLink, History
from passport.lifecycle.masses import MassBalance, mass_balance
from passport.lifecycle.parts import PartsTree
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import Ending, HandOver, LegalState, PackState, Party
from passport.lifecycle.surroundings import (
    CodeClaim,
    MadeInto,
    Needs,
    PartStay,
    RecordedReplacement,
    Surroundings,
    fingerprint,
    needs,
)
from passport.lifecycle.vehicles import VehicleHash, VehicleMatch, normalised_vin, same_vehicle, vehicle_hash

__all__ = [
    "Accepted", "Accreditation", "ChainLink", "CodeClaim", "Decision", "Ending", "EventFault", "EventKind",
    "HandOver", "History", "LegalState", "LifecycleCatalogue", "LifecycleEvent", "LifecycleRule", "MadeInto",
    "MassBalance", "Needs", "PackState", "PartChange", "PartStay", "PartsTree", "Party", "Permit", "Place",
    "Predecessor",
    "RecordedReplacement", "Refusal", "Refused", "Surroundings", "VehicleHash", "VehicleMatch", "catalogue", "decide",
    "fingerprint", "from_json", "mass_balance", "needs", "normalised_vin", "same_vehicle", "to_json", "vehicle_hash",
]  # fmt: skip
