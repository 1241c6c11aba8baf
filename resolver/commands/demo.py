"""``passport demo``: the whole path on one machine, from three workbooks to scanned, verifiable, filtered passports.

The demo folder is kept from run to run, for months. Documents that expire are signed anew at each start: status
lists, which :meth:`passport.publishing.publisher.Publisher.issue` always signs, and role credentials older than
:data:`ROLE_AGE`.
"""

from __future__ import annotations

import ipaddress
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import click

from passport.battery.record import Record
from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.commands.validate import as_of
from passport.credentials import credential as vcdm
from passport.errors import PassportError, UsageError
from passport.exchange.records import record_files
from passport.identity.keys import PrivateKey
from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import CONFIGURATION, Project
from passport.publishing.bulk.issue_run import Issued
from passport.publishing.publisher import IssueReport, Publisher
from passport.publishing.role_grants import VALIDITY
from passport.reports import qr_code
from passport.texts import Message, by_language
from passport.validation.validation_report import RegimeReport
from passport.vocabulary.vocabulary import Audience, Category, due_on, load
from passport.web.listening import check_port
from resolver.commands import story_told
from resolver.commands.exchange_story import FOLDER as EXCHANGE_FOLDER
from resolver.commands.exchange_story import ExchangeStage
from resolver.commands.sandbox import Sandbox
from resolver.commands.serve import run_server
from resolver.commands.story import StoryStage
from resolver.commands.story_projects import check_address
from resolver.commands.supervision_stage import SupervisionStage

_ISSUER_NAME = Message("Demonstration issuer")
ROLE_AGE = timedelta(days=1)
WORKBOOKS = ("ev-ncm-100kwh.xlsx", "stationary-lfp.xlsx", "lmt-ebike.xlsx")
#: How a view is asked for as each reader.
READERS = (
    (Message("as the public"), Audience.PUBLIC),
    (Message("as a recycler"), Audience.LEGITIMATE_INTEREST),
    (Message("as a notified body"), Audience.NOTIFIED_BODY),
    (Message("as an authority"), Audience.MARKET_SURVEILLANCE),
    (Message("as the Commission"), Audience.COMMISSION),
    (Message("as China's regulator"), Audience.CN_REGULATOR),
)
#: In a narrow column; the full names are the ontology's.
_TITLES = {
    Category.EV: Message("EV pack"),
    Category.STATIONARY: Message("Storage pack"),
    Category.LMT: Message("LMT pack"),
    Category.INDUSTRIAL: Message("Industrial pack"),
}
#: Takes one text out of an answer in JSON, with what every shell has.
_VALUE = """sed 's/.*"{}": *"\\([^"]*\\)".*/\\1/'"""
_REGIMES = {"eu": Message("EU"), "cn": Message("China")}


@click.command()
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@click.option("--story", "with_story", is_flag=True, help="Play the whole life of a pack too, with nine actors.")
@click.option("--exchange", "with_exchange", is_flag=True, help="Play two exchanges between companies too.")
@click.option("--sandbox", "with_sandbox", is_flag=True, help="Make a released copy abroad, and say what left.")
@click.option("--supervision", "with_supervision", is_flag=True, help="Sign a population with ten rings, and judge it.")
@click.option("--fresh", is_flag=True, help="Throw the demo folder away and start over.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; one of your LAN lets a phone scan.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port.")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Where the demo lives."
)
@console.command
def demo(
    no_serve: bool, with_story: bool, with_exchange: bool, with_sandbox: bool, with_supervision: bool, fresh: bool,
    host: str, port: int, folder: Path, as_json: bool,
) -> None:  # fmt: skip
    """Make an issuer and three passports in ./demo, print what to try, and serve them until Ctrl-C.

    \b
    Examples:
      passport demo
      passport demo --story                 one pack from cell to recycled cathode powder, event by event
      passport demo --exchange              a cell maker, a pack maker and a recycler hand data over
      passport demo --sandbox               a node in China and its released copy abroad, on the next port
      passport demo --supervision           packs that vanish, clones, rings: the desk of an authority
      passport demo --host 192.0.2.10       so that a phone in the same network can scan
      passport demo --no-serve --json
    """
    listen = _checked_host(host)
    if not no_serve:
        for each in (port, port + 1) if with_sandbox else (port,):
            check_port(listen, each)
    base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    started = perf_counter()
    project, is_new = _project(folder, base_url, fresh)
    store = project.open_store()
    stage = StoryStage(project, store) if with_story else None
    if stage is not None:
        console.progress(console.spoken(Message("playing the story")))
        stage.issue()
        stage.play()
        stage.sign_lists(console.now())
        stage.publish_directory(console.now())
    records = [record for name in WORKBOOKS for record in record_files.read(resources.path(f"examples/{name}"))[0]]
    at = console.now()
    report = Publisher.of_project(project, store, None).issue(records, at=at, on=due_on(at.date()))
    supervision = SupervisionStage(project, store) if with_supervision else None
    if supervision is not None:
        supervision.play(at)
    roles = _roles(project, folder, with_story or with_supervision)
    exchange = _exchanged(folder, at) if with_exchange else None
    readers = [audience for _, audience in READERS]
    sandbox = Sandbox.make(project, report.of_kind("pack")[0].subject, readers, at=at) if with_sandbox else None
    seconds = perf_counter() - started
    console.talk(
        Message("Made an issuer and three passports in {folder} in {seconds:.1f} s", folder=folder, seconds=seconds)
    )
    console.talk()
    commands = _commands(report, folder, roles, base_url)
    told = None if stage is None else story_told.commands(stage, folder, roles[Audience.CN_REGULATOR])
    if as_json:
        document = _document(project, base_url, report, records, commands)
        more: JsonObject = {} if stage is None or told is None else {"story": story_told.document(stage, told)}
        more |= {} if exchange is None else {"exchange": exchange.document()}
        if supervision is not None:
            more["supervision"] = supervision.document(roles[Audience.CN_REGULATOR])
        more |= {} if sandbox is None else {"sandbox": sandbox.document(port + 1)}
        console.say_json(document | more)
    else:
        _print(project, is_new, report, records, commands)
        if stage is not None and told is not None:
            story_told.show(stage, told)
        if exchange is not None:
            _show_exchange(exchange, folder)
        if supervision is not None:
            supervision.show(roles[Audience.CN_REGULATOR])
        if sandbox is not None:
            sandbox.show(port + 1, READERS)
    if stage is not None:
        stage.close()
    store.close()
    if not no_serve:
        console.talk()
        console.print_now()
        with nullcontext() if sandbox is None else sandbox.served_abroad(listen, port + 1):
            run_server(project, listen, port)


def _exchanged(folder: Path, at: datetime) -> ExchangeStage:
    """Two exchanges between companies, played afresh: an agreement of an earlier run has its own instants."""
    console.progress(console.spoken(Message("playing two exchanges")))
    shutil.rmtree(folder / EXCHANGE_FOLDER, ignore_errors=True)
    stage = ExchangeStage(folder, at)
    stage.play()
    stage.close()
    return stage


def _show_exchange(stage: ExchangeStage, folder: Path) -> None:
    console.say()
    console.say(Message("Two exchanges between companies, in {folder}:", folder=folder / EXCHANGE_FOLDER))
    for line in stage.lines:
        label = console.spoken(stage.name_of(line.who))
        for text in console.wrap(f"{label}: {console.spoken(line.what)}", console.columns() - 2, indent=2):
            console.say(f"  {text}")
        if line.digest:
            console.say(f"    {line.digest}")


def _checked_host(host: str) -> str:
    """The address to listen on for the host name of the passports' addresses.

    :raises UsageError: it is no host, or an address that no other machine can call.
    """
    if host in ("0.0.0.0", "::"):  # noqa: S104  refused: a QR code cannot lead there
        raise UsageError(
            Message("{host} is no address that a phone can call", host=host),
            hint=Message("Give this machine's own address in your network."),
        )
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError):
            raise UsageError(Message("{host!r} is not an address of this machine", host=host)) from None
    return host


def _project(folder: Path, base_url: str, fresh: bool) -> tuple[Project, bool]:
    if fresh and folder.exists():
        # Only a folder that this command could have made is thrown away.
        if not (folder / CONFIGURATION).exists() and any(folder.iterdir()):
            raise UsageError(
                Message("{folder} is not a demo", folder=folder),
                hint=Message("Remove it yourself, or choose another --folder."),
            )
        shutil.rmtree(folder)
    if (folder / CONFIGURATION).exists():
        project = Project.open(folder)
        check_address(project, base_url)
        return project, False
    names: dict[str, str | None] = {**by_language(_ISSUER_NAME)}
    return make_project(folder, base_url, names=names), True


def _roles(project: Project, folder: Path, with_regulator: bool) -> dict[Audience, tuple[Path, Path]]:
    """A holder's key and a role credential for a recycler and for an authority, for China's regulator where events are
    shown.

    The keys are kept from run to run, the credentials for a day: later they are issued again to the same holders.
    """
    made = {}
    at = console.now()
    authority = Audience.MARKET_SURVEILLANCE
    names = load().enumerations["audience"]
    wanted = [
        ("recycler", Audience.LEGITIMATE_INTEREST, "recycling"),
        ("authority", authority, names.in_text(authority, "en")),
    ]
    if with_regulator:
        regulator = Audience.CN_REGULATOR
        wanted.append(("regulator", regulator, names.in_text(regulator, "en")))
    for name, audience, purpose in wanted:
        key_path, role_path = folder / "keys" / f"{name}.pem", folder / "out" / f"{name}-role.jsonld"
        if not _is_of_today(role_path, at) or not key_path.exists():
            if not key_path.exists():
                PrivateKey.generate().save(key_path, None)
            key = PrivateKey.load(key_path, None)
            document = role_credential(
                project,
                project.issuer_with_key(None),
                key.public_key.did_key,
                audience,
                purpose,
                (),
                at,
                at + VALIDITY,
            )
            console.write_output(role_path, strict_json.dumps(document))
        made[audience] = (key_path, role_path)
    return made


def _is_of_today(role_path: Path, at: datetime) -> bool:
    """Whether there is a role credential that was issued within :data:`ROLE_AGE` before ``at``."""
    try:
        since = vcdm.valid_from(strict_json.loads(role_path.read_bytes()))
    except (OSError, PassportError):
        return False
    return since is not None and at - ROLE_AGE < since <= at


def _commands(
    report: IssueReport, folder: Path, roles: dict[Audience, tuple[Path, Path]], base_url: str
) -> dict[str, dict[str, str]]:
    """Ready-to-paste commands: each role's view, verification, and the way over HTTP."""
    program = console.program()
    first = report.of_kind("pack")[0]
    name = first.name
    saved, presented = folder / "out" / "ev.jsonld", folder / "out" / "presentation.jsonld"
    key_path, role_path = roles[Audience.LEGITIMATE_INTEREST]
    at_project = f"--project {folder}"
    return {
        "show": {
            audience.value: f"{program} show {name} {at_project}"
            + ("" if audience is Audience.PUBLIC else f" --as {audience.value}")
            for _, audience in READERS
        },
        "verify": {
            "save": f"{program} show {name} {at_project} --as legitimate-interest --save {saved}",
            "verify": f"{program} verify {saved} --offline --trust {folder}/trusted-issuers.json",
        },
        "http": {
            "challenge": f"CHALLENGE=$(curl -s -X POST {base_url}/challenge | {_VALUE.format('challenge')})",
            "present": f"{program} present {role_path} --key {key_path} --domain {base_url} -o {presented}"
            ' --challenge "$CHALLENGE"',
            "token": f"TOKEN=$(curl -s {base_url}/token -d grant_type=vp_token"
            f" --data-urlencode vp_token@{presented} | {_VALUE.format('access_token')})",
            "view": f"curl -s -H 'Accept: application/vp' -H \"Authorization: Bearer $TOKEN\" -L {first.subject}",
        },
    }


def _document(
    project: Project, base_url: str, report: IssueReport, records: Sequence[Record], commands: JsonObject
) -> JsonObject:
    packs = [
        {
            "id": entry.subject,
            "name": entry.name,
            "address": entry.subject,
            "category": record.category.value if record.category else None,
            "outcome": entry.outcome,
            "completeness": {code: regime.to_json() for code, regime in _regimes(entry).items()},
        }
        for entry, record in zip(report.of_kind("pack"), records, strict=True)
    ]
    return {"issuer": project.issuer, "baseUrl": base_url, "packs": packs, "commands": commands}


def _print(
    project: Project, is_new: bool, report: IssueReport, records: Sequence[Record], commands: JsonObject
) -> None:
    key = (
        Message("new, P-256; the private key is in {folder}/keys, readable by you only", folder=project.folder)
        if is_new
        else Message(
            "as before, P-256; the private key is in {folder}/keys, readable by you only", folder=project.folder
        )
    )
    console.say_fact(Message("Issuer"), project.issuer, 9)
    console.say_fact("", key, 9)
    titles = [_TITLES[record.category] if record.category else Message("Pack") for record in records]
    wide = max(map(console.width, titles))
    for number, (entry, record) in enumerate(zip(report.of_kind("pack"), records, strict=True), 1):
        title = titles[number - 1]
        console.say()
        if 5 + wide + console.width(entry.subject) <= console.columns():
            console.say(f"{number}  ", console.pad(title, wide), "  ", entry.subject)
        else:
            console.say(f"{number}  ", title)
            console.say("   ", entry.subject)
        facts = _facts(entry, record)
        # In its own black and white, so that it scans on any theme of a terminal.
        code = qr_code.terminal(entry.subject, colour=console.on_terminal()).split("\n")
        columns = console.columns()
        if console.width(code[0]) + 2 > columns:
            code = [console.spoken(Message("(the code takes {n} columns)", n=console.width(code[0]) + 2))]
        for row in console.beside(code, facts, columns):
            console.say(row)
    shows = commands["show"]
    console.say()
    console.say(Message("Look at the first one"))
    for words, audience in READERS:
        console.say(f"  {console.spoken(words)}:")
        console.say_command(shows[audience.value], indent=4)
    console.say(Message("Save it, then verify it without a network"))
    for line in commands["verify"].values():
        console.say_command(line)
    console.say_wrapped(
        Message("Prove a role to the running resolver, from another terminal, and read more with the token")
    )
    for line in commands["http"].values():
        console.say_command(line)


def _regimes(entry: Issued) -> Mapping[str, RegimeReport]:
    """Completeness by regime, of an entry that was validated."""
    return entry.report.regimes if entry.report is not None else {}


def _facts(entry: Issued, record: Record) -> list[tuple[str, str]]:
    """What is beside the QR code: the code on the plate, the pack, completeness per regime."""
    lines: list[tuple[str, str]] = [
        ("", entry.name),
        (
            "",
            Message(
                "{chemistry}, {energy} kWh, made {day}",
                chemistry=record.model.get("batteryChemistry", {}).get("shortName", ""),
                energy=record.model.get("ratedEnergy", "?"),
                day=date.fromisoformat(record.pack["manufacturingDate"]),
            ),
        ),
        ("", ""),
    ]
    for regime in _regimes(entry).values():
        name = _REGIMES.get(regime.regime.code) or console.spoken(regime.regime.label)
        if not regime.applies:
            lines += [(name, Message("not asked for this category")), ("", "")]
            continue
        lines += [
            (name, Message("{present} of {due} due", present=regime.present_due, due=regime.due)),
            (" ", Message("as of {day}", day=as_of(regime))),
            (" ", Message("{count} only if they apply", count=regime.only_if_applicable)),
            (" ", Message("{count} not yet due", count=regime.not_yet_due)),
            (" ", Message("{count} missing", count=regime.missing)),
            ("", ""),
        ]
    signed = len(entry.credentials)
    lines.append(
        (
            "",
            Message("{n} credential signed", plural="{n} credentials signed", n=signed)
            if signed
            else Message("unchanged, issued {at:day}", at=entry.issued_at),
        )
    )
    return lines
