"""``passport verify FOLDER``: many saved passports, each by itself, in one process or several.

* Files are read one after the other. What is kept of each is its answer, so that a folder of any size fits.
* Nobody is asked for anything: what a file lacks could not be checked.
* The exit code is the worst answer: 1 where a file is not verified or is no passport, else 3 where one could not be
  checked.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from passport.belonging import passport_verifier
from passport.commands.issuing.issue_progress import IssueProgress
from passport.commands.terminal import console
from passport.credentials import intake
from passport.credentials.checks.remembered import Remembered
from passport.credentials.trust import TrustList
from passport.credentials.verdict import Verdict
from passport.credentials.verifier import Verifier
from passport.errors import PassportError, UnreadableInput, UsageError
from passport.linked_data import strict_json
from passport.texts import Message, say
from passport.vocabulary import credential_types
from passport.worker_pool import WorkerPool

#: Files of one task of a process.
_TASK = 20
#: Files that are named; of the others the results file tells.
_NAMED = 100
#: Bytes of a file beyond which it is no passport.
_LARGEST = 2 * strict_json.MAX_BYTES
_CODES = {"verified": 0, "not-verified": 1, "unreadable": 1, "undetermined": 3}
_OUTCOMES = {True: "verified", False: "not-verified", None: "undetermined"}


@dataclass(frozen=True)
class FileAnswer:
    """What became of one file.

    :ivar outcome: ``verified``, ``not-verified``, ``undetermined`` or ``unreadable``.
    :ivar checks: codes of the checks that did not pass, with their numbers; of an unreadable file the error's code.
    :ivar sentence: why, for people; empty where it is verified.
    """

    name: str
    outcome: str
    subjects: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    sentence: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.name,
            "outcome": self.outcome,
            "subjects": list(self.subjects),
            "checks": list(self.checks),
        }


@dataclass(frozen=True)
class FolderCheck:
    """How the files of a folder are verified. It can be pickled.

    :ivar trust: path of the trust list.
    """

    trust: Path
    at: datetime
    language: str

    @cached_property
    def _trust_list(self) -> TrustList:
        return TrustList.load(self.trust)

    @cached_property
    def _verifier(self) -> Verifier:
        # Files of one folder mostly share their model, batch and status lists.
        return passport_verifier(self._trust_list, remembered=Remembered())

    def answer(self, path: Path) -> FileAnswer:
        """The answer to one file; nothing is raised for what it holds."""
        try:
            document = intake.take(_content(path)).document
        except PassportError as error:
            return FileAnswer(path.name, "unreadable", checks=(error.code,), sentence=say(error.message, self.language))
        result = self._verifier.verify(document, at=self.at)
        outcome = _OUTCOMES[result.verified]
        subjects = dict.fromkeys(subject for each in result.credentials for subject in each.subjects)
        if outcome == "verified":
            return FileAnswer(path.name, outcome, tuple(subjects))
        verdict = Verdict(
            result, names=self._trust_list.issuer, at=self.at, language=self.language,
            type_names=credential_types.names(),
        )  # fmt: skip
        failed = {f"{row.number} {row.code or row.outcome.value}": None for row in verdict.rows
                  if row.outcome.value not in ("passed", "not-applied")}  # fmt: skip
        return FileAnswer(path.name, outcome, tuple(subjects), tuple(failed), verdict.sentence)


def _content(path: Path) -> bytes:
    """:raises UnreadableInput: it cannot be read, or is too large."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UnreadableInput(Message("{name} cannot be read", name=path.name), found=error.strerror) from None
    if len(data) > _LARGEST:
        raise UnreadableInput(
            Message("{name} is too large", name=path.name), expected=Message("at most {count} bytes", count=_LARGEST)
        )
    return data


def verify_folder(
    folder: Path, check: FolderCheck, jobs: int, results: console.Destination | None, as_json: bool
) -> None:
    """Verify each file of a folder, and tell how many are verified.

    :param results: a file to which a line is written for each file.
    :raises UsageError: the folder has no file.
    :raises WorkerLost: a worker process ended before its time.
    :raises SystemExit: not all are verified.
    """
    paths = _files(folder)
    counts: Counter[str] = Counter()
    named: list[FileAnswer] = []

    def told() -> Iterator[FileAnswer]:
        with IssueProgress() as progress:
            progress.step(Message("verified"), len(paths))
            for answer in _answers(paths, check, jobs):
                counts[answer.outcome] += 1
                progress.add(1, answer.outcome != "verified")
                if answer.outcome != "verified" and len(named) < _NAMED:
                    named.append(answer)
                yield answer

    try:
        if results is not None:
            results.write_parts(strict_json.dumps(answer.to_json()) + b"\n" for answer in told())
        else:
            deque(told(), maxlen=0)
    except KeyboardInterrupt:
        console.talk(
            Message(
                "Interrupted: {done} of {total} files were looked at, {verified} verified. The folder has no answer.",
                done=sum(counts.values()), total=len(paths), verified=counts["verified"],
            )
        )  # fmt: skip
        raise
    _tell(folder, counts, named, results, as_json)
    code = next((code for code in (1, 3) if any(_CODES[outcome] == code for outcome in counts)), 0)
    if code:
        raise SystemExit(code)


def _files(folder: Path) -> list[Path]:
    """The files of a folder by name, hidden ones left out.

    :raises UsageError: there is none.
    :raises UnreadableInput: the folder cannot be listed.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise UnreadableInput(Message("{name} cannot be read", name=folder.name), found=error.strerror) from None
    if not paths:
        raise UsageError(Message("{folder} holds no file", folder=str(folder)), expected=Message("saved passports"))
    return paths


# --- in one process or several ----------------------------------------------------------------------------------------

_check: FolderCheck | None = None


def _begin(check: FolderCheck) -> None:
    global _check
    _check = check


def _task(paths: Sequence[Path]) -> list[FileAnswer]:
    assert _check is not None, "a worker begins with _begin"
    return [_check.answer(path) for path in paths]


def _answers(paths: Sequence[Path], check: FolderCheck, jobs: int) -> Iterator[FileAnswer]:
    """In the order of the files, also where several processes verified them."""
    if jobs == 1:
        yield from map(check.answer, paths)
        return
    pool = WorkerPool(jobs, _begin, check)
    try:
        tasks = ((paths[start : start + _TASK],) for start in range(0, len(paths), _TASK))
        for _, answers in pool.in_order(_task, tasks):
            yield from answers
    finally:
        pool.close()


# --- what is told -----------------------------------------------------------------------------------------------------


def _tell(
    folder: Path, counts: Counter[str], named: Sequence[FileAnswer], results: console.Destination | None, as_json: bool
) -> None:
    others = sum(counts.values()) - counts["verified"]
    if as_json:
        console.say_json(
            {
                "folder": str(folder),
                "files": sum(counts.values()),
                "outcomes": dict(counts),
                "notVerified": [answer.to_json() for answer in named],
                "results": str(results) if results else None,
            }
        )
        return
    for answer in named:
        mark = "undetermined" if answer.outcome == "undetermined" else "failed"
        console.say(console.mark(mark), f"  {answer.name}")
        for line in console.wrap(answer.sentence, 76):
            console.say(" " * 4 + line)
    if others > len(named):
        console.say(Message("and {n} more", plural="and {n} more", n=others - len(named)))
    if named:
        console.say()
    console.say(
        Message(
            "Of {n} file in {folder}: {verified} verified, {refused} not verified, {open} not to be checked, "
            "{unreadable} no passports.",
            plural="Of {n} files in {folder}: {verified} verified, {refused} not verified, {open} not to be checked, "
            "{unreadable} no passports.",
            n=sum(counts.values()), folder=folder.name, verified=counts["verified"], refused=counts["not-verified"],
            open=counts["undetermined"], unreadable=counts["unreadable"],
        )
    )  # fmt: skip
    if results is not None:
        console.say(Message("A line for each file: {path}", path=str(results)))
