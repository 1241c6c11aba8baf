"""``passport publish``: the public passports of a project as files, for any web server, object store or CDN."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from passport.commands.terminal import console
from passport.commands.terminal.row_progress import RowProgress
from passport.project import Project
from passport.texts import Message
from resolver.static_site.site_makers import ProcessMakers, SiteMakers, SitePlan
from resolver.static_site.site_publisher import Publication
from resolver.static_site.site_publisher import publish as publish_site

_COLUMNS = 10
#: Addresses that are printed; --json has all of them.
_SHOWN = 10


@click.command()
@click.option("--to", "folder", metavar="DIR", required=True, help="Folder of the published tree, one of its own.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that make pages.")
@click.option("--all", "everything", is_flag=True, help="Make all passports anew, changed or not.")
@console.project_option
@console.command
def publish(folder: str, jobs: int, everything: bool, project_folder: str | None, as_json: bool) -> None:
    """Write the public passports as files: pages, presentations, linksets, status lists, DID document.

    A web server, an object store or a CDN then serves them; docs/static.md has the settings for nginx, which choose
    the file by Accept and Accept-Language. Restricted data are in none of the files: their readers need a resolver.

    Run it after each issue, and daily after passport refresh: status lists are files of their own. Only what changed
    is made anew. DIR/changes.jsonl names the files that were written or removed, to purge a cache.

    \b
    Examples:
      passport publish --to /srv/passports --project shop
      passport publish --to /srv/passports --jobs 4 --project shop
    """
    project = Project.find(project_folder)
    now = console.now()
    store = project.open_store()
    try:
        with tempfile.TemporaryDirectory(prefix="passport-publish-") as state, RowProgress() as progress:
            plan = SitePlan(project.folder, project.store_url, now)
            resources = plan.resources(store, Path(state))
            makers = SiteMakers(resources) if jobs == 1 else ProcessMakers(plan, jobs)
            try:
                done = publish_site(
                    resources, Path(folder), at=now, everything=everything, makers=makers,
                    progress=lambda rows, total: progress.add(Message("Publishing"), rows, total),
                )  # fmt: skip
            finally:
                makers.close()
    finally:
        store.close()
    if as_json:
        console.say_json({
            "folder": folder, "passports": done.passports, "made": done.made, "statusLists": done.lists,
            "added": done.count("added"), "changed": done.count("changed"), "removed": done.count("removed"),
            "leftOut": done.left_out,
        })  # fmt: skip
        return
    _say(folder, done)


def _say(folder: str, done: Publication) -> None:
    console.say_fact(Message("Folder"), folder, _COLUMNS)
    console.say_fact(
        Message("Passports"), Message("{n:,}, of which {made:,} made anew", n=done.passports, made=done.made), _COLUMNS
    )
    console.say_fact(Message("Lists"), f"{done.lists:,}", _COLUMNS)
    console.say_fact(
        Message("Files"),
        Message(
            "{added:,} added, {changed:,} changed, {removed:,} removed",
            added=done.count("added"), changed=done.count("changed"), removed=done.count("removed"),
        ),
        _COLUMNS,
    )  # fmt: skip
    for subject in done.left_out[:_SHOWN]:
        message = Message("left to a resolver, since its address is no name of a file: {subject}", subject=subject)
        console.say(console.mark("warning"), " ", message)
    if len(done.left_out) > _SHOWN:
        console.say("  ", Message("and {n:,} more", n=len(done.left_out) - _SHOWN))
