"""The rest of a store, examined: its database, rows that follow from documents, and its logs."""

from __future__ import annotations

from passport.errors import PassportError
from passport.publishing.events.logged_documents import logged_documents
from passport.publishing.log.log_audit import audit
from passport.publishing.upkeep.examination import ExaminedPart, PartResult, Scope
from passport.publishing.upkeep.restore import event_keys_of
from passport.store.copying.record_reading import RecordReading
from passport.store.log.log_writing import EVENTS
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.transparency.checkpoint import Checkpoint, open_checkpoint
from passport.transparency.note import NoteKey

#: Public half of the key of the log of events, in a project.
LOG_VKEY = "keys/log.vkey"


def database(scope: Scope) -> PartResult:
    """What the database finds when it looks itself through."""
    result = PartResult(ExaminedPart.DATABASE, examined=1, total=1)
    for fault in scope.store.integrity().faults:
        result.fault(ExaminedPart.DATABASE, fault)
    scope.progress(result.part, 1, 1)
    return result


def rows(scope: Scope) -> PartResult:
    """Identifiers, modules, times of read-outs and keys of events against the documents; left out of a sample."""
    reading = RecordReading(scope.store)
    result = PartResult(ExaminedPart.ROWS)
    if scope.sample is not None:
        return result
    result.total = result.examined = scope.store.version()[0] + reading.counts()["events"]
    for difference in reading.differences():
        row = difference.row[:200]
        missing, extra = Message("a row is missing: {row}", row=row), Message("no document says: {row}", row=row)
        result.fault(difference.table, missing if difference.is_missing else extra)
    after = ""
    while packs := scope.store.event_packs(after=after):
        after = packs[-1]
        for pack in packs:
            _event_keys(scope, result, pack)
    scope.progress(result.part, result.total, result.total)
    return result


def _event_keys(scope: Scope, result: PartResult, pack: str) -> None:
    try:
        expected = {number: frozenset(keys) for number, keys in event_keys_of(scope.store, pack).items() if keys}
    except PassportError as error:
        result.fault(pack, str(error))
        return
    if scope.store.keys_of_events(pack) != expected:
        result.fault(
            "event_keys", Message("the keys of the events of {pack} are not those of its documents", pack=pack)
        )


def logs(scope: Scope) -> PartResult:
    """The log of events against its documents and signed checkpoints, and the chain of the resolver's reads."""
    result = PartResult(ExaminedPart.LOGS)
    checkpoints: list[Checkpoint] = []
    stored = scope.store.log_checkpoints(EVENTS)
    vkey = scope.project.folder / LOG_VKEY
    if stored and not vkey.is_file():
        result.undetermined(Message("{path} is missing", path=LOG_VKEY))
    elif stored:
        key = NoteKey.parse(vkey.read_text(encoding="utf-8").strip())
        for each in stored:
            try:
                checkpoints.append(open_checkpoint(bytes(each.note), key).checkpoint)
            except PassportError as error:
                result.fault(EVENTS, str(error))
    audited = audit(scope.store, EVENTS, checkpoints, logged_documents(scope.store))
    result.examined = result.total = audited.size
    for fault in audited.faults:
        result.fault(EVENTS, fault.message)
    if scope.project.state_path.exists():
        state = ResolverState(scope.project.state_path)
        try:
            broken = state.first_broken()
            result.examined += state.log_head()[0]
        finally:
            state.close()
        if broken is not None:
            result.fault("access log", Message("entry {index} was changed, or one before it is gone", index=broken))
    result.total = result.examined
    scope.progress(result.part, result.total, result.total)
    return result
