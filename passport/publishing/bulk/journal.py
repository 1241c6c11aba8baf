"""The journal of a long run: how far it is, so that it can go on after any end; and what became of each pack.

    out/issue/{name}/run.json           which input, and how it was to be issued
                     checked.bin        digests of the chunks, once the whole input was judged without fault
                     progress.jsonl     a line for each chunk that is stored
                     refused.jsonl      places of packs that were left out
                     results.jsonl      a line for each pack

* A line of progress is written after its chunk was stored. Where it is missing, the chunk is stored again, which
  changes nothing. A line that was cut off counts as missing.
* Each line names the last credential of its chunk. A store that does not hold it is not the one of this run, such as a
  backup of yesterday: then the run begins anew.
* The folder is named after the input, and only its owner may read it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passport.errors import JournalUnwritten, UsageError
from passport.store import Store
from passport.texts import Message

if sys.platform != "win32":  # Windows has no lock of that kind
    import fcntl

_DIGEST = 32


@dataclass
class Progress:
    """How far a run is.

    :ivar position: where the next chunk begins, as its input says it; None: at the beginning.
    :ivar packs: stored so far, and refused ones; :ivar outcomes: counted; :ivar credential: id of the last one stored.
    :ivar results: length of the results in bytes.
    """

    position: Mapping[str, int] | None = None
    packs: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    credential: str | None = None
    results: int = 0


class RunJournal:
    """:param folder: of the project's output; :param description: what a run must have in common to be the same one."""

    def __init__(self, folder: Path, description: Mapping[str, Any]) -> None:
        self._description = json.loads(json.dumps(description))
        digest = hashlib.sha256(json.dumps(self._description, sort_keys=True).encode()).hexdigest()
        self.folder = folder / "issue" / digest[:16]
        self.progress = Progress()
        self.digests: list[bytes] | None = None
        self._held = -1

    @property
    def results_path(self) -> Path:
        return self.folder / "results.jsonl"

    def resume(self, store: Store) -> bool:
        """Find out how far the run was. :returns: whether there is anything to go on from."""
        try:
            if json.loads((self.folder / "run.json").read_text("utf-8")) != self._description:
                return False
            checked = self.folder / "checked.bin"
            if checked.exists():
                data = checked.read_bytes()
                self.digests = [data[at : at + _DIGEST] for at in range(0, len(data), _DIGEST)]
            last = self._last_line()
        except (OSError, ValueError):
            return False
        if last is not None:
            progress = Progress(**last)
            if progress.credential is not None and store.credential(progress.credential) is None:
                return False
            self.progress = progress
        return self.digests is not None or last is not None

    def _last_line(self) -> dict[str, Any] | None:
        path = self.folder / "progress.jsonl"
        if not path.exists():
            return None
        # A line is a few hundred bytes; the last whole one is near the end.
        with open(path, "rb") as stream:
            stream.seek(max(0, path.stat().st_size - 65_536))
            lines = stream.read().split(b"\n")
        return json.loads(lines[-2]) if len(lines) > 1 else None

    def begin(self) -> None:
        """Write from here on; what is left of another run is forgotten, unless :meth:`resume` found it.

        :raises JournalUnwritten: the folder cannot be written.
        :raises UsageError: another run of the same files is going on.
        """
        goes_on = self.progress.position is not None or self.digests is not None
        with _written(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock()
            if not goes_on:
                for name in ("checked.bin", "progress.jsonl", "results.jsonl", "refused.jsonl"):
                    (self.folder / name).unlink(missing_ok=True)
                _replace(self.folder / "run.json", json.dumps(self._description).encode())
            for name, length in (("results.jsonl", self.progress.results), ("progress.jsonl", None)):
                path = self.folder / name
                with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
                    # What was cut off, and results of chunks that were not stored, are not there.
                    stream.truncate(_whole_lines(stream.read()) if length is None else length)

    def _lock(self) -> None:
        """Hold the folder until :meth:`release`, or until this process ends in whatever way."""
        if sys.platform == "win32":
            return
        self._held = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                Message("another run issues the same files at this moment"), hint=Message("Wait for its end.")
            ) from None

    def release(self) -> None:
        """Let another run of the same files begin."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def check_done(self, digests: Iterable[bytes]) -> None:
        """The whole input was judged without fault."""
        self.digests = list(digests)
        with _written(self.folder):
            _replace(self.folder / "checked.bin", b"".join(self.digests))

    def chunk_done(
        self, position: Mapping[str, int], lines: Iterable[str], outcomes: Mapping[str, int], credential: str | None,
        refused: Iterable[str],
    ) -> None:  # fmt: skip
        """A chunk is stored.

        :param position: where the next one begins; :param lines: results, one for each pack.
        :param credential: id of the last credential that was stored, None where none was.
        :param refused: places and results of the packs that were left out.
        """
        data = "".join(f"{line}\n" for line in lines).encode()
        progress = self.progress
        progress.position = dict(position)
        progress.results += len(data)
        progress.credential = credential or progress.credential
        for outcome, number in outcomes.items():
            progress.outcomes[outcome] = progress.outcomes.get(outcome, 0) + number
            progress.packs += number
        with _written(self.folder):
            _append(self.folder / "refused.jsonl", "".join(f"{line}\n" for line in refused).encode())
            _append(self.results_path, data)
            _append(self.folder / "progress.jsonl", json.dumps(vars(progress)).encode() + b"\n")

    def refused(self) -> Iterator[dict[str, Any]]:
        """What :meth:`chunk_done` was told of the packs that were left out, each once."""
        path = self.folder / "refused.jsonl"
        seen: set[int] = set()
        with open(path, "rb") if path.exists() else io.BytesIO() as stream:
            for line in stream:
                try:
                    refused = json.loads(line)
                except ValueError:
                    continue  # cut off; its chunk was done again
                if refused["result"]["number"] not in seen:
                    seen.add(refused["result"]["number"])
                    yield refused

    def end(self) -> None:
        """The run is over: there is nothing to go on from. The results stay."""
        with _written(self.folder):
            for name in ("run.json", "checked.bin", "progress.jsonl", "refused.jsonl", "lock"):
                (self.folder / name).unlink(missing_ok=True)


class _written:  # noqa: N801 (used like a function)
    """Turns a failure of the file system into an error that says what is safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise JournalUnwritten(
                Message("{path} cannot be written", path=str(self._folder)), found=error.strerror
            ) from error


def _append(path: Path, data: bytes) -> None:
    with open(path, "ab") as stream:
        stream.write(data)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def _whole_lines(data: bytes) -> int:
    return data.rfind(b"\n") + 1
