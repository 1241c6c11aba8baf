"""The connector as the Dataspace Protocol's compatibility kit wants it: seeded, with a scripted decider, over HTTP.

    python -m tests.tck.dsp_system JARS

The kit prescribes what the connector under test sends in each scenario (``dsp_scenarios.json``), which agreements it
has, and two addresses by which it is told to begin. All that is here; the endpoint, the service, their state in SQL and
the HTTP client are those of the product.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import request as flask_request
from jsonschema import Draft201909Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT201909
from werkzeug.serving import make_server

from issuer.connector_face import ConnectorFaceConfig, MessageSender, create_connector
from passport.connector.connector_endpoint import ConnectorEndpoint
from passport.connector.data.data_offer import DataKind, DataOffer, catalogue
from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side
from passport.connector.exchange_service import ExchangeService
from passport.connector.peer_courier import PeerAnswer
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import FetchFailed, PeerFailed, RefusedAddress
from passport.identity.http_client import GuardedClient
from passport.store.state.exchange_state import ExchangeState
from tests.tck.run_tck import schemas_in

HERE = Path(__file__).resolve().parent
SCENARIOS = json.loads((HERE / "dsp_scenarios.json").read_text(encoding="utf-8"))
KIT = "TCK_PARTICIPANT"
OWN = "did:web:localhost%3A8282"
#: The kit registers an answer's identifier after it has read it; a callback that is quicker finds nothing.
BREATH = 0.3
_USE = {"permission": [{"action": "use"}]}


def now() -> datetime:
    return datetime.now(UTC)


class KitAuthenticator:
    """The kit proves nothing: each request is its own."""

    def __init__(self, kit: str) -> None:
        self._participant = Participant(KIT, origins=frozenset({kit}))

    def authenticate(self, authorization, body, *, at):
        return self._participant, ""


class ScriptedDecider:
    """Sends what the scenario of the dataset or agreement says."""

    def next_step(self, process, *, at):
        transfer = process.kind is ExchangeKind.TRANSFER
        name = process.agreement_id if transfer else process.dataset
        script = SCENARIOS["transfers" if transfer else "negotiations"][name]
        if process.sent >= len(script) or script[process.sent][0] != process.state:
            return None
        _, kind, *after = script[process.sent]
        return ExchangeStep(StepKind(kind), after=timedelta(seconds=after[0] if after else BREATH))


class PlainCourier:
    """Sends without a proof."""

    def __init__(self, kit: str) -> None:
        self._client = GuardedClient().naming(kit)

    def send(self, url, body, *, audience, at):
        try:
            answer = self._client.exchange(url, body, authorization="none")
        except (FetchFailed, RefusedAddress) as error:
            raise PeerFailed(str(error)) from error
        return PeerAnswer(answer.status, answer.body)


def offers() -> tuple[DataOffer, ...]:
    names = [name for name in SCENARIOS["negotiations"] if not name.startswith("ACNC")]
    named = [(name, SCENARIOS["offers"]["CN"]) for name in names]
    named += [(f"CAT010{number}", SCENARIOS["offers"]["CAT"]) for number in (1, 2)]
    return tuple(
        DataOffer(name, DataKind.PASSPORT, UsagePolicy(), OWN, dataset_id=name, offer_id=offer.format(dataset=name))
        for name, offer in named
    )


def seed(state: ExchangeState, kit: str) -> None:
    """The agreements that the transfer scenarios are under."""
    with state.turn() as turn:
        for name in SCENARIOS["transfers"]:
            side = Side.CONSUMER if name.startswith("ATPC") else Side.PROVIDER
            parties = (KIT, OWN) if side is Side.CONSUMER else (OWN, KIT)
            agreement = {
                "@type": "Agreement", "@id": name, "target": "CAT0101", "assigner": parties[0], "assignee": parties[1],
                "timestamp": now().isoformat(), **_USE,
            }  # fmt: skip
            process = ExchangeProcess(
                f"urn:seed:{name}", ExchangeKind.NEGOTIATION, side, KIT, kit, "CAT0101", ProcessState.FINALIZED,
                peer_pid=name, agreement=agreement,
            )  # fmt: skip
            turn.put(process.to_json(), now(), agreement=name)


def properties(port: int, kit: int) -> dict[str, str]:
    root = f"http://localhost:{port}"
    settings = {
        "dataspacetck.debug": os.environ.get("TCK_DEBUG", "false"),
        "dataspacetck.launcher": "org.eclipse.dataspacetck.dsp.system.DspSystemLauncher",
        "dataspacetck.port": str(kit),
        "dataspacetck.callback.address": f"http://localhost:{kit}",
        "dataspacetck.dsp.local.connector": "false",
        "dataspacetck.dsp.connector.agent.id": OWN,
        "dataspacetck.dsp.connector.http.url": f"{root}/dsp",
        "dataspacetck.dsp.connector.http.base.url": root,
        "dataspacetck.dsp.connector.negotiation.initiate.url": f"{root}/trigger/negotiations",
        "dataspacetck.dsp.connector.transfer.initiate.url": f"{root}/trigger/transfers",
        "dataspacetck.dsp.default.wait": "30",
    }
    for name in SCENARIOS["negotiations"]:
        group, number = ("CN_C", name[4:]) if name.startswith("ACNC") else ("CN", name[3:])
        test = f"{group}_{number[:2]}_{number[2:]}"
        settings[f"{test}_DATASETID"] = name
        if group == "CN":
            settings[f"{test}_OFFERID"] = SCENARIOS["offers"]["CN"].format(dataset=name)
    for name in SCENARIOS["transfers"]:
        group, number = ("TP_C", name[4:]) if name.startswith("ATPC") else ("TP", name[3:])
        settings[f"{group}_{number[:2]}_{number[2:]}_AGREEMENTID"] = name
        settings[f"{group}_{number[:2]}_{number[2:]}_FORMAT"] = "HttpData-PULL"
    for number in (1, 2, 3):
        settings[f"CAT_01_0{number}_DATASETID"] = f"CAT010{number}"
    return settings


def system(folder: Path, port: int, kit: int):
    """The server, its sender and its state."""
    address = f"http://localhost:{kit}"
    state = ExchangeState(folder / "connector.db")
    seed(state, address)
    own = {offer.dataset: offer for offer in offers()}
    service = ExchangeService(
        OWN, f"http://localhost:{port}/dsp", state, ScriptedDecider(), PlainCourier(address), own.get
    )
    sender = MessageSender(service, now)
    endpoint = ConnectorEndpoint(service, KitAuthenticator(address), own.values, accepted=sender.wake)
    app = create_connector(ConnectorFaceConfig([lambda asked, at: endpoint.answer(asked, at=at)]), now=now)

    @app.post("/trigger/negotiations")
    def negotiate():
        asked = flask_request.get_json()
        offer = {"@type": "Offer", "@id": asked["offerId"], "target": asked["datasetId"], **_USE}
        service.begin_negotiation(KIT, asked["connectorAddress"], offer, at=now())
        sender.wake()
        return {}

    @app.post("/trigger/transfers")
    def transfer():
        service.begin_transfer(flask_request.get_json()["agreementId"], at=now())
        sender.wake()
        return {}

    sender.start()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, sender, state


def check_messages(state: ExchangeState, jars: Path) -> None:
    """Validate every message that was sent or taken against the schemas in the kit."""
    schemas = schemas_in(jars)
    registry = Registry().with_resources(
        (id_, Resource.from_contents(schema, default_specification=DRAFT201909)) for id_, schema in schemas.items()
    )
    by_title = {schema["title"].removesuffix("Schema"): schema for schema in schemas.values()}
    messages = [json.loads(record.body) for _, record, _ in state.records(limit=10_000) if record.body]
    own = {"catalog": catalogue(offers(), Participant(KIT), provider=OWN, address="https://own.example/dsp", at=now())}
    checked, wrong = set(), []
    for message in (*messages, *own.values()):
        schema = by_title.get(message["@type"])
        if schema is None:
            continue
        checked.add(message["@type"])
        errors = list(Draft201909Validator(schema, registry=registry).iter_errors(message))
        wrong += [f"{message['@type']}: {error.message[:200]}" for error in errors]
    print(f"schemas: {len(messages)} messages of {len(checked)} types, {len(wrong)} invalid")
    for line in wrong[:5]:
        print(f"schemas: wrong {line}")


def main() -> int:
    jars = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        port, kit = int(os.environ.get("TCK_PORT", "8282")), int(os.environ.get("TCK_KIT_PORT", "8283"))
        server, sender, state = system(Path(folder), port, kit)
        file = Path(folder) / "tck.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in properties(port, kit).items()), encoding="utf-8")
        command = [
            "java",
            "-Djunit.jupiter.conditions.deactivate=org.junit.*DisabledCondition",
            "-cp",
            f"{jars}/*",
            str(HERE / "RunTck.java"),
            str(file),
            "org.eclipse.dataspacetck.dsp.verification",
        ]
        try:
            return subprocess.run(command, check=False).returncode
        finally:
            sender.stop()
            server.shutdown()
            check_messages(state, jars)


if __name__ == "__main__":
    sys.exit(main())
