"""A module is in one pack also where packs are issued in chunks, ahead of each other, and by several processes."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport.battery.record_chunks import record_chunks
from passport.commands.keeping.init import make_project
from passport.errors import FaultyRecord
from passport.exchange.records import record_files
from passport.project import Project
from passport.publishing.bulk.crew import OwnCrew
from passport.publishing.bulk.issue_run import IssueRun
from passport.publishing.publisher import issue_order
from passport.store import Store
from tests.publishing.test_module_claims import AT, CODES, EXAMPLES, another, issue, own_modules, publisher_of

PER_CHUNK = 2


class AheadCrew(OwnCrew):
    """Works on every chunk before the first one is stored, as several processes may."""

    def work(self, chunks, *, sign, judged):
        yield from list(super().work(chunks, sign=sign, judged=judged))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr("passport.battery.record_chunks.CHUNK", PER_CHUNK)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("operator") / "shop", "https://battery.example", names={"en": "Shop"})


@pytest.fixture
def store():
    return Store.open("sqlite://")


@pytest.fixture(scope="module")
def first():
    return record_files.read(EXAMPLES / "ev-ncm-100kwh.xlsx")[0][0]


def packs(first, *numbers: int) -> list:
    """Packs with modules of their own."""
    return [another(first, 10 + number, own_modules(first, number)) for number in numbers]


def what_is_right(publisher, records, crew=OwnCrew, **order) -> dict[str, str]:
    """Issues what is right: the outcome by the code of each pack, or the codes of its faults."""
    wanted = issue_order(AT, AT.date(), **order)
    bench = publisher.workbench(wanted, kept=0)
    run = IssueRun(publisher.path, bench, crew(bench), wanted)
    outcomes: dict[str, str] = {}
    for chunk in run.issue(record_chunks(tuple(records))):
        outcomes |= {item.name: issued.outcome for item, issued in chunk.packs}
        for refused in chunk.refused:
            outcomes[refused.item.name] = " ".join(sorted({fault.code for fault in refused.faults}))
    run.finish()
    return outcomes


def holders(store: Store, codes: list[str]) -> dict[str, int]:
    """How many packs each module is said to be in."""
    named = store.packs_of_modules(codes)
    return {code: len({pack for pack, _ in named.get(code, ())}) for code in codes}


def code_of(record) -> str:
    return record.pack["packTractionBatteryCode"]


# --- the whole input, and its chunks --------------------------------------------------------------------------------


def test_a_module_in_two_packs_of_different_chunks(project, store, first):
    apart = packs(first, 1, 2, 3, 4)
    twice = another(first, 30, [*own_modules(first, 1)[:1], *own_modules(first, 5)[1:]])
    with pytest.raises(FaultyRecord) as caught:
        issue(publisher_of(project, store), *apart, twice)
    (fault,) = caught.value.faults
    assert fault.code == "module-in-another-pack" and own_modules(first, 1)[0] in fault.found
    assert store.packs() == ()


def test_what_the_store_says_of_modules_is_asked_once_for_a_chunk(project, store, first):
    statements: Counter[str] = Counter()

    @sql.event.listens_for(store.engine, "before_cursor_execute")
    def count(connection, cursor, statement, *more) -> None:
        for table in ("pack_modules", "event_keys"):
            statements[table] += statement.startswith("SELECT") and f"FROM {table}" in statement.replace("\n", " ")

    issue(publisher_of(project, store), *packs(first, 1, 2, 3, 4, 5))
    chunks = 3
    # While the input is checked, while a chunk is prepared, and under the writers' lock.
    assert statements == {"pack_modules": 3 * chunks, "event_keys": 2 * chunks}
    statements.clear()
    issue(publisher_of(project, store), *packs(first, 1, 2, 3, 4, 5))
    assert not any(statements.values()), "what is in force is not judged again"


def test_the_chunks_before_a_module_that_another_process_issues_stay(project, store, first):
    class Overtaken(Store):
        """Another process issues the last pack's modules before the commit of its chunk."""

        commits = 0

        def transaction(self):
            self.commits += 1
            if self.commits == 4:
                issue(publisher_of(project, store), another(first, 40, own_modules(first, 3)))
            return super().transaction()

    mine = packs(first, 1, 2, 3)
    with pytest.raises(FaultyRecord) as caught:
        issue(publisher_of(project, Overtaken(store.engine)), *mine)
    assert {fault.code for fault in caught.value.faults} == {"module-in-another-pack"}
    assert "another process" in caught.value.message
    assert sorted(pack.code for pack in store.packs()) == sorted([*map(code_of, mine[:2]), code_of(another(first, 40))])
    assert set(holders(store, own_modules(first, 3)).values()) == {1}


def test_what_is_signed_anew_is_not_judged_again(project, store, first, monkeypatch):
    """Its module went into another pack since, which the signature of the old event has nothing to do with."""
    publisher = publisher_of(project, store)
    (old,) = issue(publisher, another(first, 20, own_modules(first, 1)))
    issue(publisher, another(first, 21, own_modules(first, 1), previousPassport=old.subject))
    monkeypatch.setattr("passport.publishing.stored_signatures.StoredSignatures.fault", lambda *_: "does not hold")
    order = {"replace": True, "reason": "signed with a wrong key"}
    (anew,) = issue(publisher, another(first, 20, own_modules(first, 1)), **order)
    assert anew.outcome == "replaced" and len(anew.unverified) == 3
    assert what_is_right(publisher, [another(first, 20, own_modules(first, 1))], **order) == {anew.name: "replaced"}


# --- what is right, and the rest left out ---------------------------------------------------------------------------


@pytest.mark.parametrize("crew", [OwnCrew, AheadCrew])
def test_of_packs_with_the_same_modules_the_first_is_issued(project, store, first, crew):
    records = [another(first, number) for number in (20, 21, 22)] + packs(first, 1)
    outcomes = what_is_right(publisher_of(project, store), records, crew)
    assert list(map(outcomes.get, map(code_of, records))) == ["issued", *2 * ["module-in-another-pack"], "issued"]
    assert set(holders(store, first.events["production"][CODES]).values()) == {1}


@pytest.mark.parametrize("crew", [OwnCrew, AheadCrew])
def test_a_pack_that_is_left_out_holds_no_module(project, store, first, crew):
    records = [another(first, 20, manufacturingDate="soon"), another(first, 21)]
    outcomes = what_is_right(publisher_of(project, store), records, crew)
    assert outcomes[code_of(records[1])] == "issued" and len(store.packs()) == 1


@pytest.mark.parametrize("crew", [OwnCrew, AheadCrew])
@pytest.mark.parametrize("between", [0, 1, 2], ids=["one chunk", "its end", "two chunks"])
def test_modules_that_a_correction_sets_free_are_free_for_the_packs_after_it(project, store, first, crew, between):
    publisher = publisher_of(project, store)
    issue(publisher, another(first, 20, own_modules(first, 1)))
    corrected, next_one = another(first, 20, own_modules(first, 2)), another(first, 21, own_modules(first, 1))
    records = [corrected, *packs(first, 3, 4)[:between], next_one]
    outcomes = what_is_right(publisher, records, crew, replace=True, reason="wrong list")
    assert (outcomes[code_of(corrected)], outcomes[code_of(next_one)]) == ("replaced", "issued")
    assert outcomes.keys() == {code_of(record) for record in records}


def test_a_pack_that_waited_for_its_modules_is_told_with_its_batch(project, store, first):
    def of_other_batch(record):
        return replace(record, batch_identifier="B-OTHER")

    publisher = publisher_of(project, store)
    issue(publisher, *packs(first, 1), of_other_batch(another(first, 30, own_modules(first, 5))))
    corrected, waiting = another(first, 11, own_modules(first, 2)), another(first, 21, own_modules(first, 1))
    wanted = issue_order(AT, AT.date(), replace=True, reason="wrong list")
    bench = publisher.workbench(wanted, kept=0)
    run = IssueRun(publisher.path, bench, OwnCrew(bench), wanted)
    (chunk,) = run.issue(record_chunks([corrected, of_other_batch(waiting)]))
    told = [(entry.kind, entry.name, entry.outcome) for entry in chunk.entries]
    assert ("batch", "B-OTHER", "same") in told
    assert [told[-1][0], told[-1][2]] == ["pack", "issued"] and told[-1][1] == code_of(waiting)
    assert chunk.entries[-1].report is not None


@pytest.mark.parametrize("crew", [OwnCrew, AheadCrew])
@pytest.mark.parametrize("between", [0, 2], ids=["one chunk", "two chunks"])
def test_a_pack_of_the_same_input_hands_its_modules_on(project, store, first, crew, between):
    before = another(first, 20)
    (issued,) = issue(publisher_of(project, Store.open("sqlite://")), before)
    after = another(first, 21, previousPassport=issued.subject)
    records = [before, *packs(first, 1, 2)[:between], after]
    outcomes = what_is_right(publisher_of(project, store), records, crew)
    assert set(outcomes.values()) == {"issued"} and len(store.packs()) == len(records)


def test_a_faulty_pack_beside_one_that_another_process_makes_impossible(project, store, first):
    class Overtaken(Store):
        """Another process issues the modules of the last pack before the commit."""

        commits = 0

        def transaction(self):
            self.commits += 1
            if self.commits == 2:
                issue(publisher_of(project, store), another(first, 40, own_modules(first, 2)))
            return super().transaction()

    nameless = another(first, 20, own_modules(first, 1))
    for name in ("packTractionBatteryCode", "serialNumber", "batteryIdentifier"):
        nameless.pack.pop(name, None)
    overtaken = another(first, 22, own_modules(first, 2))
    outcomes = what_is_right(publisher_of(project, Overtaken(store.engine)), [nameless, overtaken])
    assert outcomes.pop(code_of(overtaken)) == "module-in-another-pack"
    assert list(outcomes.values()) != ["issued"] and len(store.packs()) == 1


# --- several processes at once --------------------------------------------------------------------------------------


def _in_a_process(folder: Path, number: int, lenient: bool, barrier, answers) -> None:
    """Issues packs of its own codes, with the same modules as the other process."""
    project = Project.find(str(folder))
    publisher = publisher_of(project, project.open_store())
    first = record_files.read(EXAMPLES / "ev-ncm-100kwh.xlsx")[0][0]
    records = [another(first, 10 * number + each, own_modules(first, each)) for each in range(6)]
    barrier.wait(timeout=120)
    if lenient:
        answers.put((number, what_is_right(publisher, records)))
        return
    try:
        issue(publisher, *records[:1])
        answers.put((number, {code_of(records[0]): "issued"}))
    except FaultyRecord as error:
        answers.put((number, {code_of(records[0]): error.faults[0].code}))


def _answers(project, lenient: bool) -> Iterator[dict[str, str]]:
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(2), context.Queue()
    folder = project.folder.resolve()
    running = [
        context.Process(target=_in_a_process, args=(folder, number, lenient, barrier, answers)) for number in (2, 3)
    ]
    for process in running:
        process.start()
    try:
        for _ in running:
            yield answers.get(timeout=300)[1]
    finally:
        for process in running:
            process.join(timeout=30)
            assert process.exitcode == 0


@pytest.mark.parametrize("lenient", [False, True], ids=["all or none", "what is right"])
def test_of_two_processes_that_issue_the_same_modules_at_once_exactly_one_does(tmp_path, first, lenient):
    project = make_project(tmp_path / "shop", "https://battery.example", names={"en": "Shop"})
    outcomes = Counter(outcome for answer in _answers(project, lenient) for outcome in answer.values())
    number = 6 if lenient else 1
    assert outcomes == {"issued": number, "module-in-another-pack": number}
    store = project.open_store()
    assert len(store.packs()) == number
    for each in range(number):
        assert set(holders(store, own_modules(first, each)).values()) == {1}
