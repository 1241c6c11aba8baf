"""What ``passport demo --sandbox`` shows: a node in China, its released copy abroad, what left and why.

* The node is the demo's own project. A query from abroad counts as an export of data, so readers abroad are answered by
  a copy that holds only what ``examples/release-sandbox.json`` releases.
* Each credential left as a whole, in part, or not at all. What stayed of it has its reason: of the export class, of the
  policy, or of the credential.
* Both nodes are asked for the same pack by the same readers.
* The copy is made anew in each run; the log of what left goes on.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from passport.battery.privacy.release_policy import ReleaseOutcome, ReleasePolicy
from passport.commands.release import LOG, release_copy
from passport.commands.terminal import console
from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import Presenter, batch_of
from passport.project import Project
from passport.publishing.release.releaser import Considered, Release
from passport.texts import Message, Text
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from resolver.addresses import PREFIX

#: Folder of the copy, in the demo's.
FOLDER = "abroad"
_POLICY = "examples/release-sandbox.json"
_OUTCOMES = {
    ReleaseOutcome.WHOLE: Message("left as a whole"),
    ReleaseOutcome.PART: Message("left in part"),
    ReleaseOutcome.NOTHING: Message("stayed"),
}


@dataclass(frozen=True)
class Sandbox:
    """A node and its released copy.

    :ivar counts: indicators that a reader gets of the first pack, at home and abroad.
    """

    home: Project
    abroad: Project
    policy: ReleasePolicy
    release: Release
    pack: str
    shared: frozenset[str]
    counts: Mapping[Audience, tuple[int, int]]

    @classmethod
    def make(cls, home: Project, pack: str, readers: Sequence[Audience], *, at: datetime) -> Sandbox:
        """Make the copy, and ask both nodes.

        :param pack: address of the pack whose credentials are shown one by one; :param at: instant of the release.
        :raises PassportError: as :func:`passport.commands.release.release_copy`.
        """
        words = vocabulary.load()
        policy = ReleasePolicy.from_json(strict_json.loads(resources.path(_POLICY).read_bytes()), words)
        shutil.rmtree(home.folder / FOLDER, ignore_errors=True)
        made = release_copy(home, policy, home.folder / FOLDER, at=at)
        abroad = Project.open(home.folder / FOLDER)
        stores = home.open_store(), abroad.open_store()
        try:
            row = stores[0].pack(pack)
            model, batch = ("" if row is None else row.model), batch_of(stores[0], pack)
            sides = [Presenter(store, words, policy=home.access_policy) for store in stores]
            counts = {reader: tuple(_indicators(side, pack, reader) for side in sides) for reader in readers}
        finally:
            for store in stores:
                store.close()
        shared = frozenset({pack, model, batch or ""})
        return cls(home, abroad, policy, made, pack, shared, {each: (a, b) for each, (a, b) in counts.items()})

    @property
    def considered(self) -> Iterator[Considered]:
        """The credentials of the pack that is shown, of its model and of its batch."""
        return (entry for entry in self.release.considered if entry.stored.subject in self.shared)

    def stayed(self, entry: Considered) -> dict[Message | str, list[str]]:
        """Why indicators of a credential stayed: reason -> their ids."""
        reasons: dict[Message | str, list[str]] = {}
        indicators = vocabulary.load().indicators
        for name in entry.decision.withheld:
            indicator = indicators.get(name)
            reason = Message("unknown to the vocabulary") if indicator is None else self.policy.withholding(indicator)
            reasons.setdefault(reason or entry.decision.reason or "", []).append(name)
        return reasons

    def address(self, port: int | None = None) -> str:
        """Where the page of the pack is at home, or at the copy that listens on ``port``.

        The copy sends who scans on to the base URL, which is that of the node: behind it, the operator leads readers of
        each country to their node.
        """
        base_url = self.home.base_url
        parts = urlsplit(f"{base_url}{PREFIX}{self.pack.removeprefix(base_url)}")
        if port is None:
            return parts.geturl()
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return parts._replace(netloc=f"{host}:{port}").geturl()

    @property
    def commands(self) -> dict[str, str]:
        program = console.program()
        of_pack = f"{program} show {self.pack} --as {Audience.LEGITIMATE_INTEREST}"
        return {
            "home": f"{of_pack} --project {self.home.folder}", "abroad": f"{of_pack} --project {self.abroad.folder}",
            "update": f"{program} release --update -o {self.abroad.folder} --project {self.home.folder}",
        }  # fmt: skip

    def document(self, port: int) -> JsonObject:
        """All of it for a program."""
        classes = vocabulary.load().indicators
        return {
            "policy": self.policy.id, "basis": self.policy.basis, "recipient": self.policy.recipient,
            "home": self.address(), "abroad": self.address(port), "folder": str(self.abroad.folder),
            "log": str(self.home.folder / LOG), "packs": list(self.release.packs),
            "credentials": [
                {
                    "type": entry.stored.type, "subject": entry.stored.subject,
                    "outcome": entry.decision.outcome.value, "released": list(entry.decision.released),
                    "stayed": [
                        {"indicator": name, "reason": str(reason),
                         "exportClass": classes[name].export_class.value if name in classes else None}
                        for reason, names in self.stayed(entry).items() for name in names
                    ],
                    "reason": entry.decision.reason,
                }
                for entry in self.considered
            ],
            "indicators": {reader: {"home": here, "abroad": there} for reader, (here, there) in self.counts.items()},
            "commands": self.commands,
        }  # fmt: skip

    def show(self, port: int, readers: Sequence[tuple[Text, Audience]]) -> None:
        """Print it."""
        indicators = vocabulary.load().indicators
        console.say()
        console.say(Message("Sandbox: a node in China and its released copy abroad"))
        for label, fact in (
            (Message("Policy"), self.policy.id), (Message("Basis"), self.policy.basis),
            (Message("At home"), self.address()), (Message("Abroad"), self.address(port)),
        ):  # fmt: skip
            _say(2, console.pad(console.spoken(label), 10), fact)
        for entry in self.considered:
            decision = entry.decision
            count = Message("{released} of {all} indicators", released=len(decision.released),
                            all=len(decision.released) + len(decision.withheld))  # fmt: skip
            console.say("  ", entry.stored.type)
            _say(4, "", f"{console.spoken(_OUTCOMES[decision.outcome])}: {console.spoken(count)}")
            for reason, names in self.stayed(entry).items():
                labels = ", ".join(
                    console.spoken(indicators[name].label) if name in indicators else name for name in names
                )
                _say(6, "", f"{console.spoken(reason)}: {labels}")
        console.say("  ", Message("Indicators that a reader gets at home and abroad"))
        rows = [
            (console.spoken(words), "{} / {}".format(*self.counts[reader]))
            for words, reader in readers
            if reader in self.counts
        ]
        console.say(console.table(rows, indent="    "))
        _say(
            2, "", console.spoken(Message("Each credential that left is a line of {log}.", log=self.home.folder / LOG))
        )
        console.say("  ", Message("Look at both nodes, and carry newer status lists into the copy"))
        for command in self.commands.values():
            console.say_command(command, indent=4)

    @contextmanager
    def served_abroad(self, host: str, port: int) -> Iterator[None]:
        """The copy under a server of its own, in a process of its own, as long as the block takes."""
        command = [
            sys.executable, "-m", "passport", "serve", "--project", str(self.abroad.folder), "--host", host,
            "--port", str(port),
        ]  # fmt: skip
        process = subprocess.Popen(command)  # noqa: S603  our own program, and a folder that was just made
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _indicators(presenter: Presenter, pack: str, reader: Audience) -> int:
    """How many indicators a reader gets of a pack."""
    known = vocabulary.load().indicators
    subjects = (document["credentialSubject"] for document in presenter.present(pack, reader).credentials)
    return len({name for subject in subjects for name in subject if name in known})


def _say(indent: int, label: str, fact: str) -> None:
    """A fact that may be long, below its label's column."""
    room = console.columns() - indent - console.width(label)
    for number, text in enumerate(console.wrap(console.spoken(fact), room)):
        console.say(" " * indent, label if number == 0 else " " * console.width(label), text)
