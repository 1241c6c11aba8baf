"""``passport vectors``: an interoperability set for other teams."""

from __future__ import annotations

import click

from passport.commands import console


@click.command()
@console.output_option("--out", endings=None, required=True, help="Folder to write; new or empty.")
@console.command
def vectors(out: console.Destination, as_json: bool) -> None:
    """Write an interoperability set: files good and bad, a trust list, and the expected verdict of each check.

    The keys are test keys made from a published seed; nothing is asked of anybody. docs/interop.md says how to use it.

    \b
    Examples:
      passport vectors --out vectors
      passport vectors --out vectors --force --json
    """
    from passport import interop_kit

    folder = out.as_folder()
    folder.check()
    files = interop_kit.files()
    for name, data in sorted(files.items()):
        folder.inside(name).write(data)
    cases = sum(1 for name in files if name.startswith("cases/"))
    if as_json:
        console.say_json({"folder": str(out), "cases": cases, "files": sorted(files)})
        return
    console.say(f"{out}  {cases} cases, {len(files)} files; begin with README.txt and manifest.json")
