"""What ``passport issue`` prints and writes: a line for each pack of a short run, the sum of a long one, results."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from passport.battery.fault import Fault, Location
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.commands.validate import completeness
from passport.errors import FaultyRecord
from passport.linked_data.json_types import JsonObject
from passport.publishing.bulk.issue_run import CheckedInput, Issued, IssuedChunk
from passport.texts import Message

#: Before what is said of an entry below its line.
_INDENT = " " * 8
_OUTCOMES = {"issued": Message("issued"), "replaced": Message("replaced"), "same": Message("same")}
_KINDS = {"model": Message("model"), "batch": Message("batch"), "pack": Message("pack")}
_COLUMNS = ("number", "file", "sheet", "row", "pack", "outcome", "id", "credentials", "faults")


def raise_faulty(name: str, error: FaultyRecord, as_json: bool, *, some_issued: bool) -> None:
    """Print the faults as a list to work through, and leave with the exit code of the error.

    :param some_issued: whether packs were issued before the faults were found.
    """
    if as_json or len(error.faults) < 2 and error.exit_code == 2:
        raise error
    print_faults(name, error.faults)
    if some_issued:
        raise error
    console.say(Message("Nothing was issued. Correct the places above and run the same command again."))
    raise SystemExit(error.exit_code)


def entry_json(entry: Issued) -> JsonObject:
    """One entry of an issue report as JSON."""
    document: JsonObject = {
        "kind": entry.kind,
        "name": entry.name,
        "id": entry.subject,
        "outcome": entry.outcome,
        "credentials": list(entry.credentials),
        "issuedAt": entry.issued_at.isoformat(),
        "signedAnew": list(entry.unverified),
    }
    if entry.report is not None:
        document["completeness"] = {code: report.to_json() for code, report in entry.report.regimes.items()}
    return document


def print_report(entries: Sequence[Issued], notices: Sequence[Fault], outcomes: Mapping[str, int]) -> None:
    """A line per model, batch and pack, below a pack what it fulfils, and the sum."""
    rows = [
        tuple(map(console.spoken, (_OUTCOMES[entry.outcome], _KINDS[entry.kind], entry.name, _what_was_done(entry))))
        for entry in entries
    ]
    drawn = console.table(rows).split("\n") if rows else []
    for entry, row in zip(entries, drawn, strict=True):
        console.say(console.Styled(row))
        for detail in _details(entry):
            console.say(console.lines(console.wrap(_INDENT + console.spoken(detail), console.columns(), indent=10)))
    for notice in notices:
        console.say_wrapped(Message("Notice: {notice}", notice=notice.message))
    unchanged = outcomes.get("same", 0)
    issued = outcomes.get("issued", 0) + outcomes.get("replaced", 0)
    console.say()
    console.say(Message("{issued} issued, {unchanged} unchanged.", issued=issued, unchanged=unchanged))


def _what_was_done(entry: Issued) -> Message:
    if entry.outcome == "same":
        return Message("nothing to do, issued {day}", day=console.long_date(entry.issued_at))
    return Message("{n} credential", plural="{n} credentials", n=len(entry.credentials))


def _details(entry: Issued) -> Iterator[Message]:
    """What is said below the line of an entry."""
    if entry.outcome != "same" and entry.report is not None:
        for regime in entry.report.regimes.values():
            yield Message("{regime} {completeness}", regime=regime.regime.label, completeness=completeness(regime))
    if entry.unverified:
        yield Message("{number} did not verify, signed anew", number=len(entry.unverified))


def print_next(name: str, folder: Path) -> None:
    """What to do with the passports: look at one, show the site, print the labels.

    :param name: of a pack that was issued; :param folder: of the project.
    """
    place = "" if folder == Path(".") else f" --project {shlex.quote(str(folder))}"
    label: str = Message("Next")
    for words in (f"show {shlex.quote(name)}", "serve --preview", f"qr {shlex.quote(name)} -o label.svg"):
        console.say_command(f"{console.program()} {words}{place}", indent=9, label=label)
        label = ""


def print_files(results: Path, failures: Path | None, refused: int) -> None:
    """Where the results of a long run are, and the packs that were left out."""
    console.say(Message("A line for each pack: {path}", path=str(results)))
    if failures is not None:
        console.say(
            Message(
                "{n} pack was left out. Correct it in {path}, and issue that file.",
                plural="{n} packs were left out. Correct them in {path}, and issue that file.",
                n=refused,
                path=str(failures),
            )
        )
    elif refused:
        console.say(Message("{n} pack was left out.", plural="{n} packs were left out.", n=refused))


def print_dry_run(checked: CheckedInput, notices: Sequence[Fault]) -> None:
    """What a call without --dry-run would do."""
    for sentence in (*checked.conflicts[:20], *list(checked.unverified.values())[:20]):
        console.say_wrapped(sentence)
    for notice in notices:
        console.say_wrapped(Message("Notice: {notice}", notice=notice.message))
    outcomes = checked.outcomes
    console.say_wrapped(
        Message(
            "Nothing was issued. Of {packs}: {issued} would be issued, {replaced} replaced, {same} left alone, "
            "{faulty} refused.",
            packs=Message("{n} pack", plural="{n} packs", n=checked.packs),
            issued=outcomes["issued"],
            replaced=outcomes["replaced"],
            same=outcomes["same"],
            faulty=checked.faulty,
        )
    )


# --- results ----------------------------------------------------------------------------------------------------------


def result_lines(chunk: IssuedChunk) -> list[str]:
    """A line of JSON for each pack of a chunk, in the order of the input."""
    return [json.dumps(result, ensure_ascii=False) for _, result in sorted(_results(chunk).items())]


def refused_lines(chunk: IssuedChunk) -> list[str]:
    """The results of refused packs, with their place in the input."""
    results = _results(chunk)
    begin = asdict(chunk.chunk.begin)
    return [
        json.dumps(
            {
                "position": begin,
                "index": each.item.number - chunk.chunk.begin.first,
                "result": results[each.item.number],
            },
            ensure_ascii=False,
        )
        for each in chunk.refused
    ]


def _results(chunk: IssuedChunk) -> dict[int, dict[str, Any]]:
    results: dict[int, dict[str, Any]] = {}
    for item, issued in chunk.packs:
        results[item.number] = {
            **_place(item.number, item.name, item.place), "outcome": issued.outcome, "id": issued.subject,
            "credentials": list(issued.credentials),
        }  # fmt: skip
    for refused in chunk.refused:
        item = refused.item
        faults = [
            {"code": fault.code, "place": str(fault.location), "message": str(console.spoken(fault.message)),
             **({"expected": str(fault.expected)} if fault.expected else {}),
             **({"found": str(fault.found)} if fault.found else {})}
            for fault in refused.faults
        ]  # fmt: skip
        results[item.number] = {**_place(item.number, item.name, item.place), "outcome": "refused", "faults": faults}
    return results


def _place(number: int, name: str, place: Location) -> dict[str, Any]:
    members = {"number": number + 1, "file": place.file, "sheet": place.sheet, "row": place.row, "pack": str(name)}
    return {key: value for key, value in members.items() if value is not None}


def result_file(lines: Iterable[str], ending: str) -> Iterator[bytes]:
    """Results as JSON lines or as CSV, line by line. No cell of the CSV begins like a formula."""
    if ending == ".jsonl":
        for line in lines:
            yield f"{line}\n".encode()
        return
    yield _csv_row(_COLUMNS)
    for line in lines:
        result = json.loads(line)
        result["credentials"] = " ".join(result.get("credentials", ()))
        result["faults"] = " | ".join(f"{fault['place']}: {fault['message']}" for fault in result.get("faults", ()))
        yield _csv_row([_not_a_formula(str(result.get(column, ""))) for column in _COLUMNS])


def _csv_row(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


def _not_a_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
