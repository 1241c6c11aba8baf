"""One call of ``passport issue``: the input is checked and issued, a journal is kept, and what became of it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

from passport.battery.fault import Fault
from passport.battery.record_chunks import Position
from passport.commands.issuing import issue_report as report
from passport.commands.issuing.issue_progress import IssueProgress
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import LOSING, print_faults, print_losses
from passport.credentials.wording import shortened
from passport.errors import FaultyRecord, PassportError
from passport.exchange.records import failures
from passport.exchange.records.fault_order import in_order
from passport.exchange.records.record_input import RecordInput
from passport.project import Project
from passport.publishing.bulk.crew import Crew, OwnCrew
from passport.publishing.bulk.issue_run import KEPT as FAULTS_KEPT
from passport.publishing.bulk.issue_run import CheckedInput, Issued, IssuedChunk, IssueRun
from passport.publishing.bulk.journal import RunJournal
from passport.publishing.bulk.workbench import KEPT
from passport.publishing.bulk.worked import IssueOrder
from passport.publishing.publisher import Publisher
from passport.texts import Message


@dataclass(frozen=True)
class IssueWay:
    """How an input is issued and told: the options of the command that do not change what is signed."""

    allow_loss: bool
    keep_going: bool
    resume: bool
    dry_run: bool
    as_json: bool


@dataclass
class _Tally:
    """What was issued so far: everything of a short run, and figures of a long one."""

    entries: list[Issued] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    losses: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def packs(self) -> int:
        return sum(self.outcomes.values())


class IssueCall:
    """:param crew: None: this process alone."""

    def __init__(
        self, project: Project, publisher: Publisher, order: IssueOrder, records: RecordInput, crew: Crew | None,
        way: IssueWay,
    ) -> None:  # fmt: skip
        self._project, self._records, self._order, self._way = project, records, order, way
        self._publisher = publisher
        self._has_crew = crew is not None
        bench = publisher.workbench(order)
        self._run = IssueRun(publisher.path, bench, crew or OwnCrew(bench), order)
        self._journal = RunJournal(
            project.folder / "out",
            {
                "files": records.state(), "issuer": project.issuer, "baseUrl": project.base_url,
                "store": project.store_url, "replace": order.replace, "reason": order.reason,
                "publicReason": order.public_reason, "keepGoing": way.keep_going, "allowLoss": way.allow_loss,
            },
        )  # fmt: skip
        self._keeps_journal = False
        self._tally = _Tally()
        self._started = perf_counter()

    def __enter__(self) -> IssueCall:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.release()

    def run(self, results: console.Destination | None) -> None:
        """:raises PassportError: nothing was issued, or it stopped on the way.

        :raises SystemExit: something was not issued, and is listed.
        """
        goes_on = self._way.resume and not self._way.dry_run and self._journal.resume(self._publisher.store)
        if goes_on:
            done = self._journal.progress.packs
            console.talk(Message("Going on: {n} pack is done", plural="Going on: {n} packs are done", n=done))
        try:
            with IssueProgress() as progress:
                checked = self._checked(progress)
                if self._way.dry_run:
                    progress.end()
                    self._records.clear()
                    self._tell_dry_run(checked or CheckedInput())
                    return
                self._issue(checked, progress, goes_on)
        except SystemExit:
            # What would be lost is listed; the file is to be corrected.
            self._records.clear()
            raise
        except FaultyRecord as error:
            self._records.clear()
            some_issued = goes_on or self._tally.packs > 0
            report.raise_faulty(self._records.name, error, self._way.as_json, some_issued=some_issued)
        self._end(results)

    # --- the two passes -----------------------------------------------------------------------------------------------

    def _checked(self, progress: IssueProgress) -> CheckedInput | None:
        """What the first pass found, without fault; None where packs are judged while they are issued."""
        way = self._way
        if way.keep_going and not way.dry_run:
            return None
        if self._journal.digests is not None and not way.dry_run:
            return CheckedInput(packs=0, digests=self._journal.digests)
        progress.step(Message("checked"), None)
        checked = self._run.check(self._records.chunks(), lambda worked: progress.add(len(worked.items)))
        if way.dry_run:
            return checked
        if checked.read:
            raise FaultyRecord(Message("nothing was issued"), checked.violations)
        self._tally.losses = list(dict.fromkeys(checked.losses))
        refuse_losing(self._records.name, self._tally.losses, way.allow_loss, way.as_json)
        checked.refuse(self._project.issuer)
        return checked

    def _issue(self, checked: CheckedInput | None, progress: IssueProgress, goes_on: bool) -> None:
        total = checked.packs if checked is not None and checked.packs else None
        self._keeps_journal = self._way.keep_going or self._has_crew or goes_on or (total or 0) > KEPT
        if self._keeps_journal:
            self._journal.begin()
            if checked is not None and not goes_on:
                self._journal.check_done(checked.digests)
        progress.step(Message("signed"), total)
        if total is not None:
            console.talk(
                Message(
                    "Signing {n} pack as {issuer} …",
                    plural="Signing {n} packs as {issuer} …",
                    n=total,
                    issuer=shortened(self._project.issuer),
                )
            )
        at = Position(**(self._journal.progress.position or {})) if goes_on else Position()
        try:
            for chunk in self._run.issue(self._records.chunks(at), checked, allow_loss=self._way.allow_loss):
                self._add(chunk)
                progress.add(len(chunk.packs) + len(chunk.refused), len(chunk.refused))
            self._run.finish()
        except (PassportError, KeyboardInterrupt):
            progress.end()
            self._tell_stopped()
            raise

    def _add(self, chunk: IssuedChunk) -> None:
        tally = self._tally
        outcomes = Counter(issued.outcome for _, issued in chunk.packs)
        outcomes["refused"] += len(chunk.refused)
        tally.outcomes.update(+outcomes)
        if self._way.keep_going:
            tally.losses += chunk.losses if len(tally.losses) < FAULTS_KEPT else ()
        for refused in chunk.refused:
            tally.faults += refused.faults if len(tally.faults) < FAULTS_KEPT else ()
        lines = report.result_lines(chunk)
        if tally.packs <= KEPT:
            tally.entries += chunk.entries
            tally.lines += lines
        if self._keeps_journal:
            signed = [name for entry in chunk.entries for name in entry.credentials]
            self._journal.chunk_done(
                asdict(chunk.chunk.end), lines, +outcomes, signed[-1] if signed else None,
                report.refused_lines(chunk),
            )  # fmt: skip

    # --- what is told -------------------------------------------------------------------------------------------------

    def _end(self, results: console.Destination | None) -> None:
        tally, way = self._tally, self._way
        outcomes: Mapping[str, int] = self._journal.progress.outcomes if self._keeps_journal else tally.outcomes
        console.talk(Message("Done in {seconds:.1f} s", seconds=perf_counter() - self._started))
        console.talk()
        kept_apart = None
        if self._keeps_journal:
            kept_apart = failures.write(self._records, self._journal.refused(), self._journal.folder)
            self._journal.end()
        self._records.clear()
        if results is not None:
            results.write_parts(report.result_file(self._result_lines(), results.suffix))
        is_short = sum(outcomes.values()) <= KEPT and len(tally.entries) > 0 or not self._keeps_journal
        document: dict[str, Any] = {"issuer": self._project.issuer}
        if is_short:
            document["entries"] = [report.entry_json(entry) for entry in tally.entries]
        if self._keeps_journal:
            document["packs"] = dict(outcomes)
            document["results"] = str(self._journal.results_path)
            document["failures"] = str(kept_apart) if kept_apart else None
            document["faults"] = [fault.to_json() for fault in in_order(tally.faults)]
        document["notices"] = [notice.to_json() for notice in self._run.notices]
        document["notIssued"] = [fault.to_json() for fault in in_order(tally.losses)]
        if way.as_json:
            console.say_json(document)
        else:
            if way.keep_going:
                print_faults(self._records.name, [fault for fault in tally.faults if fault.severity != "loss"])
                print_losses(self._records.name, tally.losses)
            report.print_report(tally.entries if is_short else (), self._run.notices, outcomes)
            if self._keeps_journal:
                report.print_files(self._journal.results_path, kept_apart, outcomes.get("refused", 0))
            first = next((entry.name for entry in tally.entries if entry.kind == "pack"), None)
            if first is not None and is_short and not outcomes.get("refused"):
                report.print_next(first, self._project.folder)
        if outcomes.get("refused") or way.keep_going and tally.losses and not way.allow_loss:
            raise SystemExit(1)

    def _result_lines(self) -> Iterator[str]:
        if not self._keeps_journal:
            yield from self._tally.lines
            return
        with open(self._journal.results_path, encoding="utf-8") as stream:
            for line in stream:
                yield line.rstrip("\n")

    def _tell_stopped(self) -> None:
        """What is done, and how to go on. On stderr: an error, or the end by Ctrl-C, follows."""
        done = self._journal.progress.packs if self._keeps_journal else self._tally.packs
        console.talk(
            Message("Stopped: {n} pack is done.", plural="Stopped: {n} packs are done.", n=done), " ",
            Message("Go on with the same command and --resume.")
            if self._keeps_journal
            else Message("Run the same command again: what was issued is left alone."),
        )  # fmt: skip

    def _tell_dry_run(self, checked: CheckedInput) -> None:
        faults = (*checked.violations, *checked.contradictions, *checked.foreign, *checked.claimed)
        losses = tuple(dict.fromkeys(checked.losses))
        if self._way.as_json:
            console.say_json(
                {
                    "issuer": self._project.issuer, "packs": checked.packs, "wouldBe": dict(checked.outcomes),
                    "faulty": checked.faulty, "faults": [fault.to_json() for fault in in_order(faults)],
                    "conflicts": [str(sentence) for sentence in checked.conflicts],
                    "notVerified": list(checked.unverified),
                    "notices": [notice.to_json() for notice in self._run.notices],
                    "notIssued": [fault.to_json() for fault in in_order(losses)],
                }
            )  # fmt: skip
        else:
            print_faults(self._records.name, faults)
            print_losses(self._records.name, losses)
            report.print_dry_run(checked, self._run.notices)
        if checked.faulty or losses and not self._way.allow_loss:
            raise SystemExit(1)


def refuse_losing(name: str, losses: Sequence[Fault], allowed: bool, as_json: bool) -> None:
    """List what would not be issued, and refuse it unless the caller allows it.

    :raises FaultyRecord: with every loss, where the answer is JSON.
    """
    if not as_json:
        print_losses(name, losses)
    if not losses or allowed:
        return
    if as_json:
        raise FaultyRecord(Message("nothing was issued"), tuple(losses), hint=LOSING)
    console.say(Message("Nothing was issued."), " ", LOSING)
    raise SystemExit(1)
