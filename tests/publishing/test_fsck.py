"""What the examination of a store finds, after each kind of change that signatures and logs are there to show."""

from __future__ import annotations

import json
import sqlite3

import pytest

from passport.errors import UnusableProject
from passport.publishing.sign import base_credential
from passport.publishing.upkeep.examination import TOLD, ExaminedPart, numbered_runs
from passport.publishing.upkeep.examiner import examine
from tests.each import each
from tests.publishing.kept_project import LATER, kept_project, tampered


def examined(project, sample=None):
    store = project.open_store()
    try:
        return examine(project, store, at=LATER, sample=sample)
    finally:
        store.close()


def test_a_store_as_it_was_written_is_sound_whole_and_by_sample(tmp_path):
    project = kept_project(tmp_path)
    steps = []
    store = project.open_store()
    result = examine(project, store, at=LATER, progress=lambda part, rows, total: steps.append((part, rows, total)))
    store.close()
    assert [(part.part, part.told) for part in result.parts if part.outcome is not True] == []
    assert result.outcome is True
    by_part = {part.part: part for part in result.parts}
    assert list(by_part) == list(ExaminedPart)
    assert by_part[ExaminedPart.CREDENTIALS].examined == by_part[ExaminedPart.CREDENTIALS].total == 7
    assert all(part.examined for part in result.parts), "each part has something to look at"
    assert by_part[ExaminedPart.VIEWS].examined == by_part[ExaminedPart.VIEWS].total
    assert {part for part, _, _ in steps} == set(ExaminedPart)
    assert sum(rows for part, rows, _ in steps if part is ExaminedPart.CREDENTIALS) == 7
    drawn = examined(project, sample=3)
    assert drawn.outcome is True
    assert [part.examined for part in drawn.parts if part.part is ExaminedPart.CREDENTIALS] == [3]


#: What somebody who owns the file does, and the part and the word by which it is found.
CHANGES = {
    "a value of a credential": (
        ExaminedPart.CREDENTIALS, "signature",
        """UPDATE credentials SET body = CAST(replace(CAST(body AS TEXT), '"EB0001"', '"EB0009"') AS BLOB)
           WHERE type = 'BatteryPassportCredential' AND subject LIKE '%EB0001'""",
    ),
    "the subject of a row": (
        ExaminedPart.CREDENTIALS, "the row says another",
        "UPDATE credentials SET subject = subject || 'x' WHERE type = 'BatteryPassportCredential'",
    ),
    "a place in a status list": (
        ExaminedPart.CREDENTIALS, "places in status lists",
        "UPDATE status_entries SET position = 131071 - position WHERE rowid = (SELECT min(rowid) FROM status_entries)",
    ),
    "a credential that is gone": (
        ExaminedPart.DATABASE, "rows of credentials are missing",
        "DELETE FROM credentials WHERE type = 'BatteryBatchCredential'",
    ),
    "a restricted view": (
        ExaminedPart.VIEWS, "not what its base proof gives",
        """UPDATE credentials SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB)
           WHERE type = 'BatteryConditionCredential'""",
    ),
    "a base proof": (
        ExaminedPart.VIEWS, "base proof is missing",
        """DELETE FROM base_proofs WHERE id = (
           SELECT id FROM credentials WHERE type = 'BatteryModelDetailCredential')""",
    ),
    "what is kept of a base proof": (
        ExaminedPart.VIEWS, "cannot be read",
        """UPDATE base_proofs SET body = CAST(replace(CAST(body AS TEXT), 'hmacKey', 'key') AS BLOB) WHERE id = (
           SELECT id FROM credentials WHERE type = 'BatteryConditionCredential')""",
    ),
    "what is mandatory by a base proof": (
        ExaminedPart.VIEWS, "does not fit the document",
        """UPDATE base_proofs SET body = CAST(replace(CAST(body AS TEXT), '"/issuer",', '') AS BLOB) WHERE id = (
           SELECT id FROM credentials WHERE type = 'BatteryModelDetailCredential')""",
    ),
    "an event": (
        ExaminedPart.EVENTS, "not what its digest says",
        "UPDATE event_documents SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE sequence = 3",
    ),
    "a change of status that is taken back": (
        ExaminedPart.STATUS_LISTS, "bits are not those",
        "UPDATE status_changes SET value = 0",
    ),
    "a signed status list": (
        ExaminedPart.STATUS_LISTS, "signature",
        """UPDATE status_lists SET body =
           CAST(replace(CAST(body AS TEXT), '"validUntil":"20', '"validUntil":"30') AS BLOB)""",
    ),
    "an identifier that is gone": (
        ExaminedPart.ROWS, "a row is missing",
        "DELETE FROM passport_identifiers WHERE rowid = (SELECT min(rowid) FROM passport_identifiers)",
    ),
    "an identifier that no passport has": (
        ExaminedPart.ROWS, "no document says",
        "INSERT INTO passport_identifiers VALUES ('urn:uuid:1', 'https://battery.example/x')",
    ),
    "the time of a read-out": (
        ExaminedPart.ROWS, "no document says",
        "UPDATE read_outs SET instant = '2020-01-01T00:00:00.000000Z'",
    ),
    "the key of an event": (
        ExaminedPart.ROWS, "keys of the events",
        "DELETE FROM event_keys WHERE rowid = (SELECT min(rowid) FROM event_keys)",
    ),
    "an entry of the log": (
        ExaminedPart.LOGS, "entry 1",
        "UPDATE log_entries SET entry = zeroblob(32) WHERE position = 1",
    ),
    "the end of the log": (
        ExaminedPart.LOGS, "truncated",
        "DELETE FROM log_entries WHERE position = (SELECT max(position) FROM log_entries)",
    ),
}  # fmt: skip


#: What other changes would hide.
ALONE = [
    "the end of the log", "the key of an event", "what is kept of a base proof", "what is mandatory by a base proof",
]  # fmt: skip


@each("changes", [[name for name in CHANGES if name not in ALONE], ALONE])
def test_each_change_is_found(tmp_path, changes):
    project = kept_project(tmp_path)
    tampered(project, *(CHANGES[change][2] for change in changes))
    result = examined(project)
    assert result.outcome is False
    for change in changes:
        part, words, _ = CHANGES[change]
        found = [str(fault.message) for each in result.parts if each.part is part for fault in each.told]
        assert any(words in message for message in found), (change, found)


def test_a_changed_read_of_restricted_data_is_found(tmp_path):
    project = kept_project(tmp_path)
    with sqlite3.connect(project.state_path) as connection:
        connection.execute("DROP TRIGGER access_log_no_update")
        connection.execute("UPDATE access_log SET purpose = 'research'")
    connection.close()
    assert [fault.name for part in examined(project).parts for fault in part.told] == ["access log"]


def test_issuers_without_document_and_a_log_without_key_are_undetermined_and_no_fault(tmp_path):
    project = kept_project(tmp_path)
    (project.folder / "keys" / "log.vkey").unlink()
    trusted = json.loads(project.trust_list_path.read_text(encoding="utf-8"))
    trusted["issuers"] = trusted["issuers"][:1]
    project.trust_list_path.write_text(json.dumps(trusted), encoding="utf-8")
    result = examined(project)
    assert result.outcome is None
    unknown = {part.part for part in result.parts if part.unknown}
    assert unknown == {ExaminedPart.EVENTS, ExaminedPart.LOGS}
    assert all(part.reason for part in result.parts if part.unknown)


def test_a_copy_of_the_read_side_is_sound_without_base_proofs(tmp_path):
    project = kept_project(tmp_path)
    tampered(project, "DELETE FROM base_proofs")
    assert examined(project).outcome is True


def test_whole_base_proofs_of_an_earlier_version_are_sound_and_a_changed_one_is_found(tmp_path):
    project = kept_project(tmp_path)
    store = project.open_store()
    kept = {stored.id: store.base_proof(stored.id) for _, stored in store.numbered()}
    whole = {
        stored.id: json.dumps(base_credential(stored.document, kept[stored.id]))
        for _, stored in store.numbered()
        if kept[stored.id]
    }
    store.close()
    assert whole
    quoted = {id_: body.replace("'", "''") for id_, body in whole.items()}
    tampered(project, *(f"UPDATE base_proofs SET body = '{body}' WHERE id = '{id_}'" for id_, body in quoted.items()))
    assert examined(project).outcome is True
    tampered(project, """UPDATE base_proofs SET body = replace(body, '"BatteryPack"', '"BatteryModel"')""")
    faults = [str(fault.message) for part in examined(project).parts for fault in part.told]
    assert any("not what its base proof gives" in message for message in faults)


def test_a_credential_that_was_replaced_may_have_a_signature_that_ended(tmp_path):
    """What a thief may have signed is replaced and stays as history; what is in force is a fault."""
    project = kept_project(tmp_path)
    tampered(
        project,
        """INSERT INTO credentials SELECT 1000 + sequence, id || '-newer', type, subject, body, content, issued_at
           FROM credentials WHERE type = 'BatteryModelCredential'""",
        """UPDATE credentials SET body =
           CAST(replace(CAST(body AS TEXT), '"proofValue":"z', '"proofValue":"zz') AS BLOB)
           WHERE type = 'BatteryModelCredential' AND sequence < 1000""",
    )
    (old,) = [
        stored.id for stored in project.open_store().history(_model(project), "BatteryModelCredential")
        if not stored.id.endswith("-newer")
    ]  # fmt: skip
    (part,) = [part for part in examined(project).parts if part.part is ExaminedPart.CREDENTIALS]
    assert old not in {fault.name for fault in part.told}


def _model(project) -> str:
    (model,) = project.open_store().models()
    return model


def test_many_faults_are_counted_and_the_first_are_told(tmp_path):
    project = kept_project(tmp_path)
    rows = ", ".join(f"('urn:uuid:{number}', 'x')" for number in range(50))
    tampered(project, f"INSERT INTO passport_identifiers VALUES {rows}")
    (part,) = [part for part in examined(project).parts if part.faults]
    assert (part.faults, len(part.told)) == (50, TOLD)


def test_a_project_without_its_did_document_is_unusable(tmp_path):
    project = kept_project(tmp_path)
    text = (project.folder / "passport.toml").read_text(encoding="utf-8")
    (project.folder / "passport.toml").write_text(text.replace(project.issuer, "did:web:battery.example"))
    with pytest.raises(UnusableProject, match="DID document"):
        examined(type(project).open(project.folder))


def test_numbers_are_read_in_runs():
    assert list(numbered_runs([1, 2, 3, 7, 9, 10], 2)) == [(0, 2), (2, 1), (6, 1), (8, 2)]
    assert list(numbered_runs([], 5)) == []
