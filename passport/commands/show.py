"""``passport show``: one passport from the operator's own store, as one audience may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from passport.commands.terminal import console
from passport.commands.terminal.status_band import print_band, print_grain_band
from passport.errors import UnknownPassport, UsageError
from passport.linked_data import strict_json
from passport.presenting.presenter import PassportView, Presenter
from passport.presenting.standing import AsOf, standings
from passport.presenting.standing_words import told
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.store import Store
from passport.texts import Message, Text
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, PASSPORT
from passport.vocabulary.vocabulary import Audience, Field, Indicator, Vocabulary

_SECTION_ROWS = 8
_LIST_ROWS = 3
_LABEL_COLUMNS = 34
_VALUE_COLUMNS = 42


@click.command()
@click.argument("identifier")
@click.option(
    "--as",
    "audience_code",
    type=click.Choice([code.value for code in Audience]),
    default=Audience.PUBLIC.value,
    show_default=True,
    help="Audience. Local only: over HTTP nothing but a role credential decides.",
)
@click.option("--all", "everything", is_flag=True, help="Print every entry, also the public ones.")
@console.output_option(
    "--save", endings=(".jsonld", ".json"), help="Save the presentation, with its status lists (.jsonld, .json)."
)
@click.option("--at", "instant", metavar="INSTANT", help="As it was at this instant, such as 2027-03-08T09:30:00Z.")
@console.project_option
@console.command
def show(
    identifier: str,
    audience_code: str,
    everything: bool,
    instant: str | None,
    save: console.Destination | None,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Show the passport of IDENTIFIER (address of a pack, batch or model, pack code or serial number).

    --json prints the presentation itself.

    What has become of it comes first: withdrawn, suspended, an older read-out, ended, or the data of a model alone.

    \b
    Examples:
      passport show ZZZPE10A7K2M05G6J0000317
      passport show ZZZPE10A7K2M05G6J0000317 --as legitimate-interest --lang zh
      passport show ZZZPE10A7K2M05G6J0000317 --save passport.jsonld
    """
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_subject(store, identifier, project.base_url)
    audience = Audience(audience_code)
    presenter = Presenter(store, vocabulary.load(), policy=project.access_policy)
    view = (_former(project, store, instant) if instant else presenter).present(subject, audience)
    if view.own is None:
        raise UnknownPassport(Message("nothing was issued at {subject} at that time", subject=subject))
    if save is None:
        console.is_product()
    else:
        save.write(strict_json.dumps(view.presentation()))
    if as_json:
        console.produce_json(view.presentation())
        return
    if save is not None:
        console.say(
            Message(
                "{file}  {credentials} credentials, {lists} status lists",
                file=str(save),
                credentials=len(view.credentials),
                lists=len(view.status_lists),
            )
        )
        return
    words = vocabulary.load()
    read_outs = presenter.read_outs(subject, audience, newest=1) if instant and view.credential(CONDITION) else ()
    current_standings = standings(store, view, newest_read_out=read_outs[-1] if read_outs else None)
    for standing in current_standings:
        print_band(standing.kind, told(standing, console.language(), words), standing)
    if view.grain != "pack":
        print_grain_band(view.grain)
    _print(view, words, audience, everything)


def _former(project: Project, store: Store, instant: str) -> Presenter:
    """:raises UsageError: that is no instant."""
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(
            Message("--at is not an instant"), expected=Message("such as 2027-03-08T09:30:00Z"), found=repr(instant)
        )
    return Presenter(AsOf(store, at), vocabulary.load(), policy=project.access_policy)


def _print(view: PassportView, words: Vocabulary, audience: Audience, everything: bool) -> None:
    claims = view.claims
    title = "  ".join(
        str(claims[key]) for key in ("batteryModelIdentifier", "packTractionBatteryCode") if key in claims
    )
    reader = console.spoken(Message("read as {audience}", audience=_audience_name(words, audience)))
    console.say(f"{console.pad(title or view.subject, 46)}  {reader}")
    console.say(str(claims.get("manufacturerName", "")))
    console.say(view.subject)
    public = {key for key in claims if Audience.PUBLIC in words.indicators[key].audiences}
    shown = set(claims) if everything or audience is Audience.PUBLIC else set(claims) - public
    limit = None if everything or audience is not Audience.PUBLIC else _SECTION_ROWS
    for dimension in words.dimensions.values():
        rows = [
            (console.spoken(indicator.label), value_text(claims[key], indicator))
            for key, indicator in words.indicators.items()
            if key in shown and indicator.dimension is dimension
        ]
        if not rows:
            continue
        head = Message("{section} ({number})", section=dimension.label, number=len(rows))
        condition = view.credential(CONDITION)
        if condition is not None and dimension.id == "dynamic":
            head = Message("{head}, read {at}", head=head, at=condition["credentialSubject"]["recordedAt"])
        console.say()
        console.say(head)
        for label, text in rows[:limit]:
            _print_entry(label, text.split("\n"), everything)
        if limit is not None and len(rows) > limit:
            console.say("  …  " + console.spoken(Message("{number} more: --all", number=len(rows) - limit)))
    if shown != set(claims):
        command = f"{console.program()} show {_name(view)} --all"
        console.say()
        console.say(Message("Public ({number} entries): {command}", number=len(public), command=command))
    # By name, and by the code that --as takes.
    hidden = [
        Message("{audience} [{code}]", audience=_audience_name(words, code), code=code.value)
        for code in Audience
        if code not in (audience, Audience.PUBLIC)
    ]
    console.say()
    console.say(Message("There is more for other readers ({audiences}): --as AUDIENCE.", audiences=hidden))


def _audience_name(words: Vocabulary, audience: Audience) -> Text:
    entry = words.enumerations["audience"].get(audience.value)
    return entry.label if entry is not None else audience.value


def _print_entry(label: str, lines: list[str], everything: bool) -> None:
    """A label and its value beside it; without --all long lists and lines are cut, and say so."""
    if not everything and len(lines) > _LIST_ROWS:
        lines = [*lines[: _LIST_ROWS - 1], _more(len(lines) - _LIST_ROWS + 1)]
    for number, line in enumerate(lines):
        name = _cut(label, _LABEL_COLUMNS) if number == 0 else ""
        # What is there to be copied, an address or a code, stays whole.
        text = line if everything or " " not in line else _cut(line, _VALUE_COLUMNS)
        console.say(f"  {console.pad(name, _LABEL_COLUMNS)}  {text}")


def _more(number: int) -> str:
    return "… " + console.spoken(Message("{number} more", number=number))


def _cut(text: str, columns: int) -> str:
    if console.width(text) <= columns:
        return text
    kept = text
    while console.width(kept) > columns - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _name(view: PassportView) -> str:
    passport = view.credential(PASSPORT)
    subject = passport["credentialSubject"] if passport else {}
    return subject.get("packTractionBatteryCode") or subject.get("serialNumber") or view.subject


def value_text(value: Any, what: Indicator | Field) -> str:
    """A value in its JSON-LD form as text: unit behind it, entries of a list one a line."""
    if isinstance(value, list):
        return "\n".join(value_text(item, what) for item in value)
    fields = getattr(what, "fields", ())
    if fields and isinstance(value, Mapping):
        parts = [value_text(value[field.term], field) for field in fields if field.term in value]
        return ", ".join(part.replace("\n", ", ") for part in parts)
    if isinstance(value, Mapping):
        return console.spoken(value)
    if what.enumeration is not None:
        return next((console.spoken(code.label) for code in what.enumeration.codes if code.code == value), str(value))
    if isinstance(value, bool):
        return console.spoken(Message("yes") if value else Message("no"))
    unit = f" {what.unit.symbol}" if what.unit and what.unit.symbol and what.unit.code != "1" else ""
    return f"{value}{unit}"
