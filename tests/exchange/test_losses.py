"""Nothing that a file says vanishes: another content of any leaf changes the record, or what is named beside it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passport.exchange import formats, peer_format
from passport.exchange.batterypass import batterypass_reader
from passport.exchange.leaves import leaves
from passport.exchange.peer_format import PeerReading
from tests.conftest import share
from tests.each import each

SENTINEL = "zzz-9"
#: What a format has besides the data of a battery (the spelling of its version, the class of a node), and what a sample
#: says of one substance in two places.
HEADERS = {
    "catenax": ("metadata.version", "metadata.lastModification", "other[0].critical"),
    "batterypass": (),
    "untp": ("@context", "type", "idScheme.name"),
}


def sample(format: str, vectors: Path) -> Any:
    if format == "catenax":
        return json.loads((vectors / "catenax/io.catenax.battery.battery_pass-6.1.0-sample.json").read_text("utf-8"))
    if format == "batterypass":
        aspects: dict[str, Any] = {}
        for path in sorted((vectors / "batterypass").glob("*-payload.json")):
            if "1.2.1" not in path.name:
                aspects |= batterypass_reader.by_aspect(
                    json.loads(batterypass_reader.decoded(path.read_bytes(), path.name))
                )
        return aspects
    return json.loads(next((vectors / "untp/0.6.1").glob("untp-dpp-instance.json")).read_text("utf-8"))


def changed(document: Any, path: str) -> Any:
    """The document with another content at a leaf."""
    document = copy.deepcopy(document)
    holder, steps = document, [step for step in path.replace("[", ".[").split(".") if step]
    for step in steps[:-1]:
        holder = holder[int(step[1:-1]) if step.startswith("[") else step]
    last: Any = int(steps[-1][1:-1]) if steps[-1].startswith("[") else steps[-1]
    value = holder[last]
    holder[last] = not value if isinstance(value, bool) else 7.25 if isinstance(value, int | float) else SENTINEL
    return document


def said(reading: PeerReading) -> tuple[Any, ...]:
    record = reading.record
    named = [(fault.code, fault.location.pointer, fault.found) for fault in reading.faults]
    return record.model, record.batch, record.pack, record.condition, named


@pytest.mark.product
@each("format", share(sorted(HEADERS), 0, of=3))
def test_another_content_of_any_leaf_of_a_published_sample_is_noticed(format, vectors):
    document, peer = sample(format, vectors), formats.PEERS[format]
    before = said(peer.read(document, "x"))
    vanished = []
    for path, value in leaves(document):
        if peer_format.without_placeholders([value])[1] or any(name in path for name in HEADERS[format]):
            continue
        try:
            if said(peer.read(changed(document, path), "x")) == before:
                vanished.append(path)
        except Exception as error:  # a leaf that makes the file another format's is noticed as well
            assert hasattr(error, "exit_code"), path
    assert vanished == []


@each("format", ["catenax", "batterypass", "untp", "untp-0.7.0", "en18223", "batterypass-ready"])
def test_a_member_that_nobody_knows_is_named_with_its_place(format, ev):
    peer = formats.PEERS[format]
    document = json.loads(json.dumps(peer.export(ev).document))
    holder, path = document, "$"
    while True:
        inner = next((name for name, value in holder.items() if isinstance(value, dict)), None)
        if inner is None:
            break
        holder, path = holder[inner], f"{path}.{inner}"
    holder["unheardOf"] = "x"
    faults = {fault.location.pointer: fault for fault in peer.read(document, "x").faults}
    named = [fault for pointer, fault in faults.items() if pointer.startswith(path) and "unheardOf" in (
        pointer, pointer.rpartition(".")[2], str(fault.found).strip('"'))]  # fmt: skip
    assert named and named[0].severity in ("loss", "violation")


@each("format", sorted(set(formats.PEERS) - {"aasx", "aas"}))
def test_what_nobody_knows_never_goes_out_as_zero_or_false(format, ev):
    substance = {"name": "Nickel", "identifier": "7440-02-0"}
    model = {"batteryCategory": "ev", "criticalRawMaterials": [substance], "hazardousSubstances": [substance],
             "detailedComposition": [{**substance, "mass": "1"}], "sparePartSources": [{"name": "S"}]}  # fmt: skip
    bare = replace(ev, model=model, batch={}, pack={}, condition=None, events={})
    document = formats.PEERS[format].export(bare).document
    # Which metals with members of their own are critical raw materials is a matter of the law, not of the record.
    invented = [path for path, value in leaves(document) if value in (0, False) and not path.endswith(".critical")]
    assert invented == []
