"""``passport vectors``: an interoperability set for other verifiers."""

from __future__ import annotations

import json

import click

from passport.commands.terminal import console
from passport.texts import Message


@click.command()
@console.output_option(
    "--out", "destination", endings=None, required=True, metavar="DIR", help="A new or empty folder."
)
@console.command
def vectors(destination: console.Destination, as_json: bool) -> None:
    """Write signed passports, good and faulty, with the verdict that is expected of each, for other verifiers.

    The set needs nothing outside its folder. Its keys are test keys that everybody has. README.md in it and
    docs/interop.md say how to use it.

    \b
    Examples:
      passport vectors --out interop
      passport verify interop/cases/passport-public.jsonld --offline --trust interop/trust/namespaces.json \\
        --at 2026-11-28T12:00:00Z
    """
    folder = destination.as_folder()
    folder.check()
    from passport.interop_kit import make

    files = make()
    for path, data in files.items():
        folder.inside(path).write(data)
    manifest = json.loads(files["expected.json"])
    cases = manifest["cases"]
    if as_json:
        names = [case["name"] for case in cases]
        console.say_json({"folder": str(folder), "at": manifest["at"], "files": len(files), "cases": names})
        return
    counts = {
        verdict: sum(1 for case in cases if case["expected"]["verified"] is verdict) for verdict in (True, False, None)
    }
    console.say(
        Message(
            "{folder}  {files} files, {cases} cases, to be verified at {at}",
            folder=str(folder),
            files=len(files),
            cases=len(cases),
            at=manifest["at"],
        )
    )
    console.say(
        Message(
            "{good} verify, {bad} do not, of {unknown} something cannot be checked",
            good=counts[True],
            bad=counts[False],
            unknown=counts[None],
        )
    )
    console.say(
        Message("The keys are test keys that everybody has: no trust list that decides anything may name them.")
    )
