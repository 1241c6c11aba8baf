"""``passport connector``: exchange of data with other companies by the Dataspace Protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from issuer.commands.connector_members import member
from passport.commands.terminal import console
from passport.connector.connector_node import KEY, MEMBERSHIP, OFFERS, STATE, ConnectorNode, ConnectorSettings
from passport.connector.data_offer import DataKind, read_offers
from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState
from passport.connector.exchange_service import agreement_digest, end_of
from passport.errors import PassportError, PeerFailed, UnreadableInput, UnusableProject, UsageError
from passport.exchange.records.supplier_part import merged
from passport.identity.keys import PrivateKey
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.reports.exchange_page import TERMS, ExchangeLine, OfferLine, page
from passport.store.state.exchange_state import EXCHANGE, ExchangeState, ProcessRow, salted
from passport.texts import Message
from passport.web.listening import check_port

#: Seconds between two looks at what the other company did.
_LOOK = 0.2
_WAIT = click.option("--wait", type=click.FloatRange(0, 3600), default=30, show_default=True,
                     help="Seconds to wait for the other company.")  # fmt: skip
_LOOPBACK = click.option("--loopback", is_flag=True, help="Development: call http://localhost as well.")


@click.group()
def connector() -> None:
    """Exchange data with other companies: offers, agreements, transfers.

    \b
    The main path:
      passport connector init --address https://connector.example.com --country CN --project shop
      passport connector join did:web:authority.example --project shop
      passport connector catalog did:web:cells.example --project shop
      passport connector request did:web:cells.example DATASET --project shop
      passport connector pull AGREEMENT -o part.json --project shop
    """


connector.add_command(member)


@connector.command()
@click.option("--address", metavar="URL", required=True, help="Address of the connector, as others reach it.")
@click.option("--country", metavar="CODE", required=True, help="Country of the company, such as CN or DE.")
@click.option("--release", "release_file", metavar="FILE", help="Policy of what may leave the country, in the project.")
@console.project_option
@console.command
def init(address: str, country: str, release_file: str | None, project_folder: str | None, as_json: bool) -> None:
    """Give a project a connector: its settings, and a key to which others encrypt.

    Without a release policy nothing is handed over to a company in another country.

    \b
    Example:
      passport connector init --address https://connector.example.com --country CN --project shop
    """
    project = Project.find(project_folder)
    if (project.folder / KEY).exists():
        raise UsageError(Message("the project has a connector already"), found=str(project.folder / KEY))
    members = {"address": address, "country": country} | ({} if release_file is None else {"release": release_file})
    settings = ConnectorSettings.from_json(members, project.folder)
    settings.save(project.folder)
    PrivateKey.generate().save(project.folder / KEY, None)
    if as_json:
        console.say_json({"address": settings.address, "key": str(project.folder / KEY)})
    else:
        console.say(Message("connector of {issuer} at {address}", issuer=project.issuer, address=settings.address))
        console.say(Message("Publish the DID document that passport connector document writes."))


@connector.command()
@console.output_option("-o", "--output", endings=(".json",), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def document(
    output: console.Destination | None, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Write the company's DID document with what others need for exchanges: services, and the key to encrypt to.

    \b
    Example:
      passport connector document -o did.json --project shop
    """
    console.deliver_json(_node(project_folder, passphrase_file).document, output)


@connector.command()
@click.argument("authority", metavar="DID")
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def join(
    authority: str, loopback: bool, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Ask an authority for the membership credential, which it delivers to the running connector.

    \b
    Example:
      passport connector join did:web:authority.example --project shop
    """
    node = _node(project_folder, passphrase_file, loopback)
    pid = node.requester.request(authority, (MEMBERSHIP,), at=console.now())
    if as_json:
        console.say_json({"request": pid, "type": MEMBERSHIP})
    else:
        console.say(Message("asked for {type}; request {request}", type=MEMBERSHIP, request=pid))


@connector.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in DataKind]), required=True, help="What is handed over."
)
@click.option("--pack", "packs", metavar="URL", multiple=True, help="Address of a pack; repeatable.")
@click.option("--file", "part", metavar="FILE", help="Of a supplier's part, from the project's folder.")
@click.option("--audience", default="public", show_default=True, help="Whose view of the packs is handed over.")
@click.option("--title", metavar="TEXT", help="Title in the catalogue, in the language of the call.")
@click.option("--role", "roles", multiple=True, help="Role that the other company has to have; repeatable.")
@click.option("--purpose", "purposes", multiple=True, help="Purpose of the use; repeatable.")
@click.option("--to-country", "countries", multiple=True, help="Country of the other company; repeatable.")
@click.option("--days", type=click.IntRange(1, 9999), help="Days from the agreement on.")
@click.option("--until", metavar="TIME", help="Instant at which the use ends, with its zone.")
@click.option("--no-onward-transfer", is_flag=True, help="The other company hands nothing on.")
@console.project_option
@console.command
def offer(name: str, kind: str, packs: tuple[str, ...], part: str | None, audience: str, title: str | None,
          roles: tuple[str, ...], purposes: tuple[str, ...], countries: tuple[str, ...], days: int | None,
          until: str | None, no_onward_transfer: bool, project_folder: str | None, as_json: bool) -> None:  # fmt: skip
    """Offer data under a usage policy; an offer of that name is replaced.

    \b
    Examples:
      passport connector offer part --kind record-part --file part.json --role manufacturer --days 365 --project cells
      passport connector offer dismantling --kind passport --pack https://… --audience legitimate-interest --days 90
    """
    project = Project.find(project_folder)
    sets = {"roles": list(roles), "purposes": list(purposes), "countries": list(countries)}
    policy: JsonObject = {name_: values for name_, values in sets.items() if values}
    policy |= {} if days is None else {"days": days}
    policy |= {} if until is None else {"until": until}
    policy |= {"noOnwardTransfer": True} if no_onward_transfer else {}
    entry: JsonObject = {"name": name, "kind": kind, "policy": policy}
    entry |= {"packs": list(packs), "audience": audience} if packs else {}
    entry |= {} if part is None else {"file": part}
    entry |= {} if title is None else {"title": {console.language(): title}}
    path = project.folder / OFFERS
    known = strict_json.loads(path.read_bytes()) if path.exists() else {"offers": []}
    read_offers(known, project.issuer)
    changed = {"offers": [*(each for each in known["offers"] if each["name"] != name), entry]}
    made = read_offers(changed, project.issuer)[-1]
    console.write_output(path, strict_json.dumps(changed) + b"\n")
    if as_json:
        console.say_json({"name": name, "dataset": made.dataset, "offer": made.id})
    else:
        console.say(Message("offered {name}: dataset {dataset}", name=name, dataset=made.dataset))


@connector.command()
@console.project_option
@console.command
def offers(project_folder: str | None, as_json: bool) -> None:
    """List what the project offers.

    \b
    Example:
      passport connector offers --project shop
    """
    project = Project.find(project_folder)
    path = project.folder / OFFERS
    made = read_offers(strict_json.loads(path.read_bytes()), project.issuer) if path.exists() else ()
    if as_json:
        console.say_json(
            {"offers": [{"name": each.name, "kind": each.kind, **each.odrl(target=True)} for each in made]}
        )
        return
    for each in made:
        console.say(console.table([(each.name, each.kind, each.dataset)]))
    if not made:
        console.say(Message("no offers"))


@connector.command()
@click.argument("peer", metavar="DID")
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def catalog(peer: str, loopback: bool, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """List what another company offers us, each dataset with its terms.

    \b
    Example:
      passport connector catalog did:web:cells.example --project shop
    """
    found = _node(project_folder, passphrase_file, loopback).catalogue_of(peer, at=console.now())
    if as_json:
        console.say_json(found)
        return
    for dataset in found.get("dataset", []):
        console.say(dataset["@id"])
        for name, value in _terms(dataset["hasPolicy"][0]):
            label = console.spoken(TERMS[name]) if name in TERMS else name
            for line in console.wrap(f"{label}: {value}", console.columns() - 2, indent=2):
                console.say(f"  {line}")
    if not found.get("dataset"):
        console.say(Message("nothing is offered to us"))


@connector.command()
@click.argument("peer", metavar="DID")
@click.argument("dataset", metavar="DATASET")
@_WAIT
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def request(
    peer: str, dataset: str, wait: float, loopback: bool, project_folder: str | None, passphrase_file: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Agree with another company on the use of a dataset, on the terms of its catalogue.

    The other company's messages come to the running connector (passport connector serve). Exit code 3: there was no
    agreement in time; the negotiation goes on.

    \b
    Example:
      passport connector request did:web:cells.example urn:uuid:… --project shop
    """
    node = _node(project_folder, passphrase_file, loopback)
    found = node.catalogue_of(peer, at=console.now()).get("dataset", [])
    offered = next((each["hasPolicy"][0] for each in found if each.get("@id") == dataset), None)
    if offered is None:
        raise UsageError(Message("the other company does not offer this to us"), found=dataset[:120])
    address = node.address_of(peer, at=console.now())
    begun = node.service.begin_negotiation(peer, address, {**offered, "target": dataset}, at=console.now())
    process = _until(node, begun.pid, {ProcessState.FINALIZED}, wait)
    _told(process, as_json, {"agreement": process.agreement_id})


@connector.command()
@click.argument("agreement", metavar="AGREEMENT")
@console.output_option("-o", "--output", endings=(".json", ".jsonld"), help="File to write (default: stdout).")
@click.option("--signed", "signed_file", type=click.Path(path_type=Path), help="Keep what the provider signed here.")
@_WAIT
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def pull(
    agreement: str, output: console.Destination | None, signed_file: Path | None, wait: float, loopback: bool,
    project_folder: str | None, passphrase_file: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Get the data of an agreement: start a transfer, fetch, decrypt, verify, and complete the transfer.

    \b
    Example:
      passport connector pull urn:uuid:… -o part.json --project shop
    """
    node = _node(project_folder, passphrase_file, loopback)
    begun = node.service.begin_transfer(agreement, at=console.now())
    _until(node, begun.pid, {ProcessState.STARTED}, wait)
    data = node.consumer.pull(begun.pid, at=console.now())
    if signed_file is not None:
        console.write_output(signed_file, data.signed.encode() + b"\n")
    node.service.choose(begun.pid, ExchangeStep(StepKind.COMPLETE), at=console.now())
    _until(node, begun.pid, {ProcessState.COMPLETED}, wait)
    console.deliver_json(data.content, output)
    console.talk(Message("{kind} of {provider}; digest {digest}", kind=data.kind, provider=data.provider,
                         digest=data.digest))  # fmt: skip


@connector.command()
@click.argument("record", metavar="RECORD")
@click.argument("part", metavar="PART")
@console.output_option("-o", "--output", endings=(".json",), help="File to write (default: stdout).")
@console.command
def merge(record: str, part: str, output: console.Destination | None, as_json: bool) -> None:
    """Merge a supplier's PART into a RECORD, both JSON. Exit code 1: the record says something else already.

    \b
    Example:
      passport connector merge record.json part.json -o whole.json
    """
    documents = [strict_json.loads(console.read_input(path)) for path in (record, part)]
    if not all(isinstance(each, dict) for each in documents):
        raise UnreadableInput(Message("a record and a part are JSON objects"))
    console.deliver_json(merged(*documents), output)


@connector.command()
@click.argument("pid", metavar="PROCESS")
@click.option("--reason", default="ended", show_default=True, help="Code that the other company is told.")
@_WAIT
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def end(
    pid: str, reason: str, wait: float, loopback: bool, project_folder: str | None, passphrase_file: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Terminate a negotiation or transfer. Its token gives nothing from then on.

    \b
    Example:
      passport connector end urn:uuid:… --reason contract-breach --project shop
    """
    node = _node(project_folder, passphrase_file, loopback)
    node.service.choose(pid, ExchangeStep(StepKind.TERMINATE, code=reason), at=console.now())
    _told(_until(node, pid, {ProcessState.TERMINATED}, wait), as_json, {})


@connector.command()
@console.project_option
@console.command
def agreements(project_folder: str | None, as_json: bool) -> None:
    """List agreements and negotiations, newest first.

    \b
    Example:
      passport connector agreements --project shop
    """
    _listed(project_folder, ExchangeKind.NEGOTIATION, as_json)


@connector.command()
@console.project_option
@console.command
def transfers(project_folder: str | None, as_json: bool) -> None:
    """List transfers, newest first.

    \b
    Example:
      passport connector transfers --project shop
    """
    _listed(project_folder, ExchangeKind.TRANSFER, as_json)


@connector.command()
@click.option("--process", "pid", metavar="PROCESS", help="Only of this negotiation or transfer.")
@console.project_option
@console.command
def log(pid: str | None, project_folder: str | None, as_json: bool) -> None:
    """Print the log of messages and hand-overs, and check it against the transparency log.

    Exit code 1: a line is not the one that was logged.

    \b
    Example:
      passport connector log --project shop
    """
    state = _state(Project.find(project_folder))
    lines, wrong = state.records(pid, limit=100_000), []
    for position, record, salt in lines:
        if state.log_position(EXCHANGE, sha256(salted(salt, record)).digest()) is None:
            wrong.append(position)
    if wrong:
        console.settle(1)
    if as_json:
        names = ("at", "direction", "peer", "process", "name", "outcome", "digest", "agreement", "token")
        rows = [{"entry": position, **dict(zip(names, record.row, strict=True))} for position, record, _ in lines]
        console.say_json({"size": state.log_size(EXCHANGE), "lines": rows, "wrong": wrong})
        return
    for position, record, _ in lines:
        console.say(f"{position}  {record.at:%Y-%m-%d %H:%M:%S}  {record.direction}  {record.outcome}")
        console.say(f"    {record.name}  {record.peer}")
    if wrong:
        console.say(Message("line {position} is not the one that was logged", position=wrong[0]))


@connector.command(name="page")
@console.output_option("-o", "--output", endings=(".html",), required=True, help="File to write.")
@console.project_option
@console.command
def page_(output: console.Destination, project_folder: str | None, as_json: bool) -> None:
    """Write offers, agreements and transfers as one page that opens without a network.

    \b
    Example:
      passport connector page -o exchange.html --project shop
    """
    project = Project.find(project_folder)
    state = _state(project)
    path = project.folder / OFFERS
    made = read_offers(strict_json.loads(path.read_bytes()), project.issuer) if path.exists() else ()
    language = console.language()
    offered = [
        OfferLine(each.title.get(language) or next(iter(each.title.values()), each.name), each.kind, each.dataset,
                  _terms(each.odrl()))
        for each in made
    ]  # fmt: skip
    kinds = {
        kind: [_line(row, state) for row in state.processes(kind)]
        for kind in (ExchangeKind.NEGOTIATION, ExchangeKind.TRANSFER)
    }
    text = page(
        project.issuer, offered, kinds[ExchangeKind.NEGOTIATION], kinds[ExchangeKind.TRANSFER],
        made=console.now().date(), language=language,
    )  # fmt: skip
    output.write(text.encode())
    if as_json:
        console.say_json({"file": str(output)})
    else:
        console.say(str(output))


@connector.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8473, show_default=True, help="Port to listen on.")
@_LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def serve(
    host: str, port: int, loopback: bool, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Answer other companies, and send what waits.

    A reverse proxy with TLS belongs in front of it; the address in the settings is the one that others call.

    \b
    Example:
      passport connector serve --project shop
    """
    try:
        from issuer.connector_face import MAX_BODY, ConnectorFaceConfig, MessageSender, create_connector
        from passport.web.server import Application
        from passport.web.server import serve as serve_application
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    node = _node(project_folder, passphrase_file, loopback)
    service = node.service
    issuance = node.issuance if node.settings.memberships else None
    sender = MessageSender(service, console.now, also=None if issuance is None else issuance.deliver)
    app = create_connector(ConnectorFaceConfig([node.answerer(service, sender.wake)]), now=console.now)
    check_port(host, port)
    sender.start()
    console.talk(Message("connector on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    serve_application(Application(app, max_body=MAX_BODY), host, port)


# --- shared ---------------------------------------------------------------------------------------------------------


def _node(project_folder: str | None, passphrase_file: str | None, loopback: bool = False) -> ConnectorNode:
    project = Project.find(project_folder)
    return ConnectorNode.open(project, console.read_passphrase(passphrase_file), loopback=loopback)


def _state(project: Project) -> ExchangeState:
    """The connector's state, for reading: no key is needed.

    :raises UnusableProject: the project has none yet.
    """
    path = project.folder.resolve() / STATE
    if not path.exists():
        ConnectorSettings.load(project.folder)
        raise UnusableProject(
            Message("nothing was exchanged yet"), hint=Message("passport connector serve begins to answer.")
        )
    return ExchangeState(path)


def _until(node: ConnectorNode, pid: str, wanted: set[ProcessState], seconds: float) -> ExchangeProcess:
    """The process as soon as it is in a wanted state.

    :raises PeerFailed: it ended otherwise, or the time is over.
    """
    service, sleep = node.service, _sleeper(seconds)
    while True:
        service.send_due(at=console.now())
        row = node.state.process(pid)
        assert row is not None  # noqa: S101 (processes are never deleted)
        process = ExchangeProcess.from_json(row.body)
        if process.state in wanted:
            return process
        if not process.is_open:
            raise PeerFailed(
                Message("the exchange has ended: {reason}", reason=process.reason or process.state), found=process.state
            )
        if not sleep():
            raise PeerFailed(
                Message("the other company has not answered yet"), found=process.state,
                hint=Message("passport connector serve has to run; passport connector agreements says how it stands."),
            )  # fmt: skip


def _sleeper(seconds: float) -> Callable[[], bool]:
    """Sleeps for a moment; False when the time is over."""
    deadline = time.monotonic() + seconds

    def sleep() -> bool:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK)
        return True

    return sleep


def _told(process: ExchangeProcess, as_json: bool, members: JsonObject) -> None:
    if as_json:
        console.say_json({"process": process.pid, "state": process.state, **members})
        return
    console.say(f"{process.pid}  {process.state}")
    for name, value in members.items():
        console.say(f"{name}  {value}")


def _listed(project_folder: str | None, kind: ExchangeKind, as_json: bool) -> None:
    state = _state(Project.find(project_folder))
    lines = [_line(row, state) for row in state.processes(kind)]
    if as_json:
        console.say_json({f"{kind}s": [line.to_json() for line in lines]})
        return
    for line in lines:
        console.say(f"{line.pid}  {line.state}  {line.side}")
        console.say(f"    {line.peer}")
        if line.agreement is not None:
            console.say(f"    {line.agreement}")
    if not lines:
        console.say(Message("none yet"))


def _line(row: ProcessRow, state: ExchangeState) -> ExchangeLine:
    process = ExchangeProcess.from_json(row.body)
    agreement = process.agreement
    end = None
    if agreement is not None:
        try:
            end = end_of(agreement)
        except PassportError:
            end = None
    handed = [record for _, record, _ in state.records(process.pid) if record.direction == "data"]
    day: date | None = None if end is None else end.date()
    return ExchangeLine(
        process.pid, process.state, process.side, process.peer, process.agreement_id, row.changed.date(), day,
        None if agreement is None else agreement_digest(agreement), len(handed), process.reason,
    )  # fmt: skip


def _terms(policy: JsonObject) -> tuple[tuple[str, str], ...]:
    """The terms of an offer: name and value of each, as ODRL has them."""
    terms = []
    for permission in policy.get("permission", []):
        for constraint in permission.get("constraint", []):
            right: Any = constraint.get("rightOperand")
            value = ", ".join(map(str, right)) if isinstance(right, list) else str(right)
            terms.append((str(constraint.get("leftOperand")).removeprefix("odrl:"), value))
    terms += [(str(each.get("action")).removeprefix("odrl:"), "—") for each in policy.get("prohibition", [])]
    return tuple(terms)
