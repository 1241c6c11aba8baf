"""``passport register``: the register of passports of many makers, and the side of a maker that registers its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import click

from passport.commands.terminal import console
from passport.commands.terminal.state_change import change_options, say_changed
from passport.credentials import credential as vcdm
from passport.credentials.trust_file import TrustFile
from passport.credentials.wording import shortened
from passport.directory.register.passport_source import ACCEPT, Fetch
from passport.directory.register.register_service import RegisterService
from passport.directory.register.registration_client import Post, RegistrationClient, queued_rows
from passport.errors import UnknownRole, UnusableProject, UsageError
from passport.identity.http_client import GuardedClient
from passport.linked_data.json_types import JsonObject
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.store.register.register_rows import Registration, RegistrationState
from passport.store.register.register_store import RegisterStore
from passport.store.register.registration_outbox import DEACTIVATED, REJECTED, SUSPENDED, RegistrationOutbox
from passport.texts import Message
from passport.web.listening import check_port

_STATES = {
    RegistrationState.REGISTERED: Message("registered"), RegistrationState.SUSPENDED: Message("suspended"),
    RegistrationState.DEACTIVATED: Message("deactivated"), RegistrationState.PENDING: Message("pending"),
    RegistrationState.REJECTED: Message("rejected"),
}  # fmt: skip


@click.group()
def register() -> None:
    """Register passports at a register, or be the register of others.

    \b
    A maker:
      passport register queue --project maker
      passport register send --to https://register.example --project maker
      passport register status --project maker
    A register:
      passport register serve --project registrar
      passport register check --project registrar
    """


_change_options = change_options("REGISTRATION", help="Why; kept in the register.")
_named_option = click.option(
    "--reach", "reach", multiple=True, metavar="URL",
    help="Address whose host may be on a private network or this machine; repeatable.",
)  # fmt: skip


# --- the register -----------------------------------------------------------------------------------------------------


@register.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8473, show_default=True, help="Port to listen on.")
@_named_option
@console.project_option
@console.passphrase_option
@console.command
def serve(
    host: str,
    port: int,
    reach: tuple[str, ...],
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Be the register of the makers on this project's trust list (POST /v1/registerDPP, EN 18222).

    A request is taken at once and validated afterwards: the passport is read at its maker's resolver, verified, and
    compared. The read side (passport serve) answers look-ups from the same project.

    \b
    Example:
      passport register serve --project registrar --host 0.0.0.0
    """
    try:
        from issuer.event_inbox import Follower
        from issuer.register_api import RegisterApi, create_register
        from passport.directory.register.submission import MAX_BODY
        from passport.web.server import Application, serve
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    service = _service(Project.find(project_folder), reach, passphrase_file, make=True)
    check_port(host, port)

    def follow(at: datetime) -> None:
        while service.validate(at):
            pass

    follower = Follower(follow, console.now)
    # What a run before left undone.
    follower.wake()
    console.talk(Message("register on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    app = create_register(RegisterApi(service, console.now, follower.wake))
    serve(Application(app, max_body=MAX_BODY), host, port)


@register.command()
@_named_option
@console.project_option
@console.passphrase_option
@console.command
def validate(reach: tuple[str, ...], project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Validate what was handed in and is due. Meant for a timer: what could not be read is tried again.

    \b
    Example:
      passport register validate --project registrar
    """
    service = _service(Project.find(project_folder), reach, passphrase_file)
    looked = 0
    while done := service.validate(console.now()):
        looked += done
        console.progress(console.spoken(Message("{count} entries looked at", count=looked)))
    store = _store(Project.find(project_folder))
    _say_counts(store.counts(), as_json, looked=looked)


@register.command()
@click.option("--renew-copies", is_flag=True, help="Keep what was read as the new copy, where it is coherent.")
@_named_option
@console.project_option
@console.passphrase_option
@console.command
def check(
    renew_copies: bool,
    reach: tuple[str, ...],
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Compare each registration with its passport again, and report every difference. No state is changed.

    Leaves with 1 where there is a difference, with 3 where a passport could not be read.

    \b
    Examples:
      passport register check --project registrar
      passport register check --renew-copies --json
    """
    service = _service(Project.find(project_folder), reach, passphrase_file)
    counts: Counter[str] = Counter()
    found: list[JsonObject] = []
    for report in service.check(console.now(), renew_copies=renew_copies):
        outcome = "undetermined" if report.fault else "different" if report.differences else "coherent"
        counts[outcome] += 1
        if outcome != "coherent":
            found.append({
                "registration": report.registration.registration, "product": report.registration.product,
                "fault": report.fault, "differences": [each.to_json() for each in report.differences],
            })  # fmt: skip
    console.settle(1 if counts["different"] else 3 if counts["undetermined"] else 0)
    if as_json:
        console.say_json({"counts": dict(counts), "found": found})
        return
    text = Message(
        "{coherent} coherent, {different} different, {undetermined} not determined",
        coherent=counts["coherent"], different=counts["different"], undetermined=counts["undetermined"],
    )  # fmt: skip
    console.say(text)
    for each in found:
        console.say(each["product"])
        for difference in each["differences"]:
            console.say(
                "  ",
                Message(
                    "{member}: registered {registered}, the passport says {found}", member=difference["member"],
                    registered=difference["registered"], found=difference["passport"] or Message("nothing"),
                ),
            )  # fmt: skip
        if each["fault"]:
            console.say("  ", each["fault"])


@register.command(name="list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many at most.")
@console.project_option
@console.command
def list_(limit: int, project_folder: str | None, as_json: bool) -> None:
    """List the registrations of this register.

    \b
    Example:
      passport register list --project registrar --json
    """
    store = _store(Project.find(project_folder))
    rows = store.registered(limit=limit)
    if as_json:
        console.say_json({"counts": store.counts(), "registrations": [_described(row) for row in rows]})
        return
    for row in rows:
        console.say(row.product)
        text = Message(
            "{state} since {at:%Y-%m-%d}, {registration}, of {holder}", state=_STATES[row.state], at=row.since,
            registration=row.registration, holder=shortened(row.operator),
        )  # fmt: skip
        console.say("  " + console.spoken(text))
    if not rows:
        console.say(Message("nothing is registered here"))


@register.command()
@_change_options
@console.command
def suspend(name: str, reason: str, project_folder: str | None, as_json: bool) -> None:
    """Suspend a registration; it can be restored.

    \b
    Example:
      passport register suspend urn:uuid:… --reason "order of the authority"
    """
    _change(name, RegistrationState.SUSPENDED, reason, project_folder, as_json)


@register.command()
@_change_options
@console.command
def restore(name: str, reason: str, project_folder: str | None, as_json: bool) -> None:
    """Let a suspended registration count again.

    \b
    Example:
      passport register restore urn:uuid:… --reason "order lifted"
    """
    _change(name, RegistrationState.REGISTERED, reason, project_folder, as_json)


@register.command()
@_change_options
@console.command
def deactivate(name: str, reason: str, project_folder: str | None, as_json: bool) -> None:
    """Deactivate a registration, for good.

    \b
    Example:
      passport register deactivate urn:uuid:… --reason "recycled"
    """
    _change(name, RegistrationState.DEACTIVATED, reason, project_folder, as_json)


# --- a maker ----------------------------------------------------------------------------------------------------------


@register.command()
@click.argument("packs", nargs=-1, metavar="[PACK...]")
@console.project_option
@console.command
def queue(packs: tuple[str, ...], project_folder: str | None, as_json: bool) -> None:
    """Queue passports of this project to be registered: those of PACK (address, code or serial number), else all.

    A version that is queued, sent or registered already is left alone, so this can be repeated after each issue. What
    the register deactivated is queued again only where PACK names it.

    \b
    Examples:
      passport register queue --project maker
      passport register queue ZZZPE10A7K2M05G6J0000317 --project maker
    """
    project = Project.find(project_folder)
    store = project.open_store()
    subjects = [find_subject(store, text, project.base_url) for text in packs] or None
    outbox = RegistrationOutbox(project.registrations_path)
    rows = queued_rows(store, project.base_url, project.issuer, subjects)
    new = outbox.queue(rows, console.now(), again=bool(packs))
    if as_json:
        console.say_json({"queued": new, "counts": outbox.counts()})
    else:
        console.say(Message("{n} passport queued", plural="{n} passports queued", n=new))
    outbox.close()


@register.command()
@click.option("--to", "address", required=True, metavar="URL", help="Address of the register.")
@console.project_option
@console.passphrase_option
@console.command
def send(address: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Hand in what is queued, ask what became of what was sent, and what the register did to registrations since.

    An interrupted run goes on where it stopped. Meant for a timer, too: with nothing new it takes one short request.
    Leaves with 1 where an entry is rejected or a registration suspended, or was deactivated since the last run.

    \b
    Example:
      passport register send --to https://register.example --project maker
    """
    project = Project.find(project_folder)
    outbox = RegistrationOutbox(project.registrations_path)
    client = _client(project, outbox, address, passphrase_file)
    sent = client.send(console.now, _progress(Message("sent")))
    decided = client.ask(console.now, _progress(Message("decided")))
    changed = client.follow(console.now)
    counts = outbox.counts()
    outbox.close()
    console.settle(1 if counts.get(REJECTED) or counts.get(SUSPENDED) or changed[DEACTIVATED] else 0)
    _say_counts(counts, as_json, sent=sent, decided=decided, changed=dict(changed))


@register.command()
@console.project_option
@console.command
def status(project_folder: str | None, as_json: bool) -> None:
    """Say how far the registrations of this project are, and why some were rejected, suspended or deactivated.

    Asks no register: this is what the last send learned. Leaves with 1 where one is rejected or suspended.

    \b
    Example:
      passport register status --project maker
    """
    project = Project.find(project_folder)
    outbox = RegistrationOutbox(project.registrations_path)
    counts = outbox.counts()
    ended = {state: outbox.in_state(state, 20) for state in (REJECTED, SUSPENDED, DEACTIVATED)}
    outbox.close()
    console.settle(1 if ended[REJECTED] or ended[SUSPENDED] else 0)
    if as_json:
        listed = {
            state: [{"product": row.product, "detail": row.detail} for row in rows] for state, rows in ended.items()
        }
        console.say_json({"counts": counts, **listed})
        return
    _say_counts(counts, False)
    for state, rows in ended.items():
        for row in rows:
            console.say(row.product)
            console.say("  ", _STATES[RegistrationState(state)], "  ", row.detail or "")


@register.command()
@click.argument("registration", metavar="REGISTRATION")
@click.option("--to", "to", required=True, metavar="DID", help="Operator that may register the product next.")
@click.option("--register", "address", required=True, metavar="URL", help="Address of the register.")
@console.project_option
@console.passphrase_option
@console.command
def release(
    registration: str,
    to: str,
    address: str,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Let another operator take over the registration of a product.

    \b
    Example:
      passport register release urn:uuid:… --to did:web:next.example --register https://register.example
    """
    project = Project.find(project_folder)
    outbox = RegistrationOutbox(project.registrations_path)
    answer = _client(project, outbox, address, passphrase_file).release(registration, to, console.now())
    outbox.close()
    if as_json:
        console.say_json(answer)
    else:
        product = str(answer.get("uniqueProductIdentifier"))
        console.say(Message("released to {did}: {product}", did=shortened(to), product=product))


# --- inside -----------------------------------------------------------------------------------------------------------


def fetch_over(client: GuardedClient) -> Fetch:
    """Reads passports over HTTP. :param client: knows which hosts may be private."""
    return lambda url: client.get(url, accept=ACCEPT).body


def _post_over(client: GuardedClient) -> Post:
    return lambda url, body, token: client.post_json(url, body, token=token).body


def _guarded(reach: tuple[str, ...]) -> GuardedClient:
    client = GuardedClient()
    for url in reach:
        client = client.naming(url)
    return client


def _store(project: Project, *, make: bool = False) -> RegisterStore:
    """:raises UnusableProject: the project is no register."""
    path = project.register_path
    if not make and not path.exists():
        raise UnusableProject(
            Message("{folder} is no register", folder=str(project.folder)),
            hint=Message("passport register serve makes one."),
        )
    return RegisterStore(path)


def _service(
    project: Project, reach: tuple[str, ...], passphrase_file: str | None, *, make: bool = False
) -> RegisterService:  # fmt: skip
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    trust = TrustFile(project.trust_list_path)
    fetch = fetch_over(_guarded(reach))
    return RegisterService(_store(project, make=make), issuer, project.base_url, trust.current, fetch)


def _client(
    project: Project, outbox: RegistrationOutbox, address: str, passphrase_file: str | None
) -> RegistrationClient:  # fmt: skip
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    return RegistrationClient(outbox, issuer, address.rstrip("/"), _post_over(GuardedClient().naming(address)))


def _progress(what: Message) -> Callable[[int], None]:
    return lambda done: console.progress(console.spoken(Message("{what}: {count}", what=what, count=done)))


def _change(name: str, state: RegistrationState, reason: str, project_folder: str | None, as_json: bool) -> None:
    store = _store(Project.find(project_folder))
    if store.registration(name) is None:
        raise UnknownRole(Message("there is no registration {name}", name=name[:200]), hint=None)
    changed = store.change_state(name, state, reason, console.now())
    say_changed(changed, "registration", name, as_json)


def _described(row: Registration) -> JsonObject:
    return {
        "registration": row.registration, "product": row.product, "operator": row.operator, "state": row.state.value,
        "since": vcdm.date_time(row.since), "reason": row.reason,
    }  # fmt: skip


def _say_counts(counts: dict[str, int], as_json: bool, **more: object) -> None:
    if as_json:
        console.say_json({**more, "counts": counts})
        return
    rows = [(name, str(number)) for name, number in sorted(counts.items()) if number]
    console.say(console.table(rows, right=frozenset({1})) if rows else Message("nothing is there yet"))
