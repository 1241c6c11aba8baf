"""One call of every command and every answer that it can give, in a folder where all of them have their files."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.commands.conftest import EXAMPLES, Shell

CODE = "ZZZPE10A7K2M05G6J0000317"
TRUST = ("--trust", "shop/trusted-issuers.json")
_numbers = count(1)


@dataclass(frozen=True)
class Call:
    """A command line; ``{n}`` is another number each time.

    :ivar code: its exit code.
    :ivar is_product: its output is what it makes, so that 0 becomes 2 where that cannot be written.
    :ivar has_json: it takes ``--json``.
    """

    line: str
    code: int
    is_product: bool = False
    has_json: bool = True

    def words(self, *, as_json: bool = False) -> list[str]:
        words = self.line.format(n=next(_numbers)).split()
        return [*words, "--json"] if as_json else words

    def __str__(self) -> str:
        return f"{self.line} -> {self.code}"


CALLS = (
    Call("--help", 0, is_product=True, has_json=False),
    Call("verify --help", 0, is_product=True, has_json=False),
    Call("--version", 0, is_product=True, has_json=False),
    Call("no-such-command", 2, has_json=False),
    Call("verify", 2, has_json=False),
    Call("init new-{n} --base-url https://new.example", 0),
    Call("init shop --base-url https://new.example", 2),
    Call("key generate key-{n}.pem", 0),
    Call("key generate recycler.pem", 2),
    Call("key show recycler.pem", 0, is_product=True),
    Call("key list --project webshop", 0),
    Call("key list --project shop", 0),
    Call("key rotate --announce --project webshop", 0),
    Call("key rotate --project shop", 2),
    Call("key compromised --since 2026-01-01T00:00:00Z --dry-run --project webshop", 0),
    Call("key compromised --since yesterday --project webshop", 2),
    Call("key did-document recycler.pem --base-url https://p.example", 0, is_product=True),
    Call("template --category lmt -o form-{n}.xlsx", 0),
    Call("template --category lmt -o form.pdf", 2),
    Call("validate good.xlsx", 0),
    Call("validate bad.xlsx", 1),
    Call("validate absent.xlsx", 2),
    Call("report good.xlsx --regime eu", 0),
    Call("report bad.xlsx", 1),
    Call("report bad.xlsx -o report-{n}.html", 1, has_json=False),
    Call("report good.xlsx --regime eu --html", 0, is_product=True, has_json=False),
    Call("report bad.xlsx --html", 1, is_product=True, has_json=False),
    Call("report absent.xlsx", 2),
    Call("convert good.xlsx --to json -o out-{n}.json", 0),
    Call("convert bad.xlsx --to json -o out-{n}.json", 1),
    Call("convert bad.xlsx --to json -o out-{n}.json --despite-faults", 1),
    Call("convert good.xlsx --to json -o out.xlsx", 2),
    Call("vectors --out vectors-{n}", 0),
    Call("vectors --out shop", 2),
    Call("issue good.xlsx --project shop", 0),
    Call("issue bad.xlsx --project shop", 1),
    Call("issue good.xlsx --project absent", 2),
    Call(f"show {CODE} --project shop", 0, is_product=True),
    Call(f"show {CODE} --project shop --save saved-{{n}}.jsonld", 0, has_json=False),
    Call("show absent --project shop", 2),
    Call("show RS260122-04417 --project gone", 0, is_product=True),
    Call("verify gone.jsonld --offline --trust gone/trusted-issuers.json", 1),
    Call("verify view.jsonld --offline " + " ".join(TRUST), 0),
    Call("verify forged.jsonld --offline " + " ".join(TRUST), 1),
    Call("verify bare.jsonld --offline " + " ".join(TRUST), 3),
    Call("verify view.jsonld --offline --regime eu " + " ".join(TRUST), 0),
    Call("verify forged.jsonld --offline --regime eu " + " ".join(TRUST), 1),
    Call("verify view.jsonld --offline --trust hostile-trust.json", 0),
    Call("verify garbage.txt --offline " + " ".join(TRUST), 2),
    Call("verify absent.jsonld --offline " + " ".join(TRUST), 2),
    Call("verify saved --offline " + " ".join(TRUST), 1),
    Call("revoke RS260122-04417 --reason wrong --project other", 0),
    Call("revoke absent --reason wrong --project other", 2),
    Call(f"qr {CODE} --project shop", 0, is_product=True, has_json=False),
    Call(f"qr {CODE} --project shop --json", 0, has_json=False),
    Call(f"qr {CODE} --project shop -o code-{{n}}.svg", 0),
    Call("qr absent --project shop", 2),
    Call("grant {holder} --audience commission --purpose oversight --project shop", 0, is_product=True),
    Call("grant to {holder} --audience commission --purpose oversight --project shop", 0, is_product=True),
    Call("grant list --project shop", 0),
    Call("grant revoke role.jsonld --reason over --project shop", 0),
    Call("grant revoke absent --reason over --project shop", 2),
    Call("grant {holder} --audience commission --purpose oversight --project shop -o role-{n}.jsonld", 0,
         has_json=False),
    Call("grant nobody --audience commission --purpose oversight --project shop", 1),
    Call('accredit {holder} --name X --registration R --role dealer --project shop', 0, is_product=True),
    Call('accredit to {holder} --name X --registration R --role dealer --project shop', 0, is_product=True),
    Call('accredit to {holder} --name X --registration R --role king --project shop', 2),
    Call("accredit list --project shop", 0),
    Call("accredit revoke accreditation.jsonld --reason over --project other", 0),
    Call("accredit revoke absent --reason over --project shop", 2),
    Call("identity issue {holder} --name X --registration R --country CN --role dealer --project other", 0,
         is_product=True),
    Call("identity issue {holder} --name X --registration R --country CN --role king --project other", 2),
    Call("identity list --project other", 0),
    Call("identity suspend absent --reason over --project other", 2),
    Call("identity restore absent --reason over --project other", 2),
    Call("identity revoke absent --reason over --project other", 2),
    Call("identity keys did:web:x.example garbage.txt --project other", 2),
    Call("identity anchor garbage.txt --registrar-name R", 2),
    Call("directory search --project other", 0),
    Call("directory changes --project other", 0),
    Call("directory save --project quiet", 2),
    Call("directory sign --project other", 0),
    Call("trust from-directory garbage.txt --policy policy.json --project other", 2),
    Call("attest new view.jsonld --scheme x --level sampleTest --method m --report garbage.txt --report-url https://x.example"
         " --project shop", 2),
    Call("attest take view.jsonld --project shop", 1),
    Call(f"attest save {CODE} --project shop", 0, is_product=True, has_json=False),
    Call("attest revoke absent --reason over --project shop", 2),
    Call("attest untp garbage.txt --issuer-name I --holder did:web:x.example --holder-name H", 2),
    Call("certify check view.jsonld --scheme cn-battery-id --project shop", 1),
    Call("certify schemes", 0),
    Call("register serve --project shop --port {port}", 2, has_json=False),
    *(Call(f"register {word} --project quiet", 2, has_json=False) for word in ("validate", "check", "list")),
    *(Call(f"register {word} x --reason over --project quiet", 2, has_json=False)
      for word in ("suspend", "restore", "deactivate")),
    *(Call(f"register {words} --project absent", 2, has_json=False)
      for words in ("queue", "send --to https://x.example", "status", "release x --to y --register https://x.example")),
    Call("event new registered.json --project registry", 0),
    Call("event new faulty-event.json --project registry", 1),
    Call("event new registered.json --project other", 1),
    Call("event new absent.json --project registry", 2),
    Call("event send registry/out/events --project registry", 0),
    Call("event send absent.json --project registry", 2),
    Call("event list --project registry", 0),
    Call("event list --refused --project registry", 0),
    Call("event template fit -o fit-{n}.xlsx", 0),
    Call("event template party -o fit-{n}.xlsx", 2),
    Call("history https://registry.example/01/09506000134352/21/1 --project registry", 0),
    Call("history https://registry.example/absent --project registry", 2),
    Call("condition add readings.csv --project quiet", 0),
    Call("condition add bad-readings.csv --project quiet", 1),
    Call("condition add absent.csv --project quiet", 2),
    Call("condition list RS260122-04417 --project quiet", 0),
    Call("condition list absent --project quiet", 2),
    Call("key vehicle list --project shop", 0),
    Call("key vehicle new --project quiet", 0),
    Call("key vehicle new --id k1 --project shop", 2),
    Call("key vehicle seal k1 --for {holder} --project shop", 0, is_product=True, has_json=False),
    Call("key vehicle open garbage.txt --project shop", 1),
    Call("key vehicle hash --project other", 2),
    Call("supervise rebuild --project registry", 0),
    Call("supervise check --project registry", 0),
    Call("supervise check --project absent", 2),
    Call("alerts list --project registry", 0),
    Call("alerts show absent --project registry", 2),
    Call("alerts assign absent --to x --reason r --project registry", 2),
    Call("alerts ask absent --reason r --project registry", 2),
    Call("alerts explain absent --reason r --project registry", 2),
    Call("alerts close absent --reason r --project registry", 2),
    Call("alerts reopen absent --reason r --project registry", 2),
    Call("alerts subscribe http://10.0.0.1/hooks --as cn-regulator --project registry", 2),
    Call("alerts unsubscribe absent --project registry", 2),
    Call("alerts subscriptions --project registry", 0),
    Call("alerts deliver --project registry", 0),
    Call("supervise outlets no-such.csv --project registry", 2),
    Call("duties --project registry", 0),
    Call("report-period 2026-11 --actor {holder} --project registry", 0),
    Call("report-period yesterday --actor {holder} --project registry", 2),
    Call("gateway --project shop", 2),
    Call("inbox --project absent", 2),
    Call("workspace user add lin --role president --project quiet", 2),
    Call("workspace user add nobody --role enter --project absent", 2),
    Call("workspace user invite nobody --project quiet", 2),
    Call("workspace user list --project quiet", 0),
    Call("workspace user role nobody --role sign --project quiet", 2),
    Call("workspace user link nobody --subject 248 --project quiet", 2),
    Call("workspace user disable nobody --project quiet", 2),
    Call("workspace serve --project absent", 2),
    Call("inbox --project registry --port {port}", 2),
    Call("present role.jsonld --key recycler.pem --challenge c --domain https://p.example", 0, is_product=True),
    Call("present role.jsonld --key recycler.pem --challenge c --domain https://p.example -o vp-{n}.jsonld", 0,
         has_json=False),
    Call("release --policy policy.json -o copy-{n} --project shop", 0),
    Call("release --policy policy.json -o shop --project shop", 2),
    Call("footprint template -o inventory-{n}.xlsx", 0),
    Call("footprint calc inventory.xlsx", 0, is_product=True),
    Call("footprint calc bad-inventory.xlsx", 1, is_product=True),
    Call("footprint report inventory.xlsx -o footprint-{n}.html", 0),
    Call("footprint declare inventory.xlsx --packs good.xlsx --project shop -o declared-{n}.jsonld", 0),
    Call("footprint countersign declared.jsonld --key verifier.pem -o verified-{n}.jsonld", 0),
    Call("footprint check verified.jsonld --trust footprint-trust.json", 0),
    Call("footprint check declared.jsonld --trust footprint-trust.json", 1),
    Call("footprint check absent.jsonld --trust footprint-trust.json", 2),
    Call("footprint publish verified.jsonld --trust footprint-trust.json --project shop", 0),
    Call("manual", 0, is_product=True),
    Call("manual -o manual-{n}.html", 0, has_json=False),
    Call("log key --project shop", 0),
    Call("log key --witness --project shop", 0),
    Call("log checkpoint --project shop", 0, is_product=True),
    Call("log checkpoint --project shop -o checkpoint-{n}.txt", 0),
    Call("log checkpoint --project quiet", 2),
    Call("log verify --project shop", 0),
    Call("log verify --project quiet", 2),
    Call("log verify --checkpoint foreign.txt --project shop", 1),
    Call("log receipt good.json --project shop", 2),
    Call("log check garbage.txt good.json --log-key {logkey} --witnesses 0", 1),
    Call("log check garbage.txt good.json --log-key {logkey}", 2),
    Call("log witness shop --log-key {logkey} --project shop", 0, is_product=True),
    Call("log witness shop --log-key {logkey} --project quiet", 2),
    Call("serve --project shop --port {port}", 2),
    Call("refresh --project shop", 0),
    Call("refresh --project absent", 2),
    Call("store info --project shop", 0),
    Call("store info --project absent", 2),
    Call("store upgrade --project shop", 0),
    Call("store upgrade --publisher x --project shop", 2),
    Call("store move sqlite:///quiet/passports.db sqlite:///moved-{n}.db", 0),
    Call("store move sqlite:///quiet/passports.db sqlite:///shop/passports.db", 2),
    Call("backup backup-{n}.zip --project quiet", 0),
    Call("backup good.xlsx --project shop", 2),
    Call("restore backup.zip restored-{n}", 0),
    Call("restore good.xlsx restored-{n}", 1),
    Call("restore backup.zip shop", 2),
    Call("fsck --project quiet", 0),
    Call("fsck --sample 3 --project absent", 2),
    Call("key rate --seconds 0.1 --project quiet", 0),
    Call("key rate --seconds 0.1 --project absent", 2),
    Call("publish --to site-{n} --project other", 0),
    Call("publish --to shop --project other", 2),
    Call("doctor --project shop", 0),
    Call("doctor --project empty", 3),
    Call("doctor --project spoiled", 1),
    Call("connector init --address https://c.example --country China --project other", 2),
    Call("connector document --project shop", 2),
    Call("connector join did:web:absent.example --project shop", 2),
    Call("connector member garbage.txt --offline --project shop", 2),
    Call("connector offer part-{n} --kind record-part --file part.json --project shop", 0),
    Call("connector offer part --kind record-part --project shop", 2),
    Call("connector offers --project shop", 0),
    Call("connector catalog did:web:absent.example --project shop", 2),
    Call("connector request did:web:absent.example urn:uuid:1 --project shop", 2),
    Call("connector pull urn:uuid:1 --project shop", 2, has_json=False),
    Call("connector merge garbage.txt garbage.txt", 1, has_json=False),
    Call("connector sign garbage.txt --for garbage.txt --project shop", 1),
    Call("connector end urn:uuid:1 --project shop", 2),
    Call("connector agreements --project shop", 2),
    Call("connector transfers --project shop", 2),
    Call("connector log show --project shop", 2),
    Call("connector log key --project shop", 2),
    Call("connector log checkpoint --project shop", 2),
    Call("connector log verify --project shop", 2),
    Call("connector log prove urn:uuid:1 --project shop", 2),
    Call("connector log check garbage.txt --log-key {logkey}", 1),
    Call("connector page -o exchange-{n}.html --project shop", 2),
    Call("connector serve --project shop", 2),
    Call("vc-api --project shop --context a=b", 2),
    Call("vc-api --dev --port {port}", 2),
    Call("demo --no-serve", 0),
    Call("demo --port {port}", 2),
)  # fmt: skip


@dataclass
class World:
    """The folder; ``holder``, ``port`` and ``log_key`` go into the lines."""

    folder: Path
    holder: str
    port: int
    log_key: str

    def words(self, call: Call, *, as_json: bool = False) -> list[str]:
        values = {"holder": self.holder, "port": str(self.port), "logkey": self.log_key}
        line = call.line
        for name in values:
            line = line.replace(f"{{{name}}}", f"<{name}>")
        words = Call(line, call.code).words(as_json=as_json)
        for name, value in values.items():
            words = [word.replace(f"<{name}>", value) for word in words]
        return words


def rewritten(source: Path, to: Path, change: Callable[[dict], None]) -> None:
    document = json.loads(source.read_text("utf-8"))
    change(document)
    to.write_text(json.dumps(document), encoding="utf-8")


def _make_events(shell: Shell, folder: Path, holder: str) -> None:
    """An event that the project ``registry`` may report: it accredits itself, since its trust list says that it may."""
    trust = folder / "registry" / "trusted-issuers.json"
    rewritten(trust, trust, lambda document: document["issuers"][0]["trustedFor"].append("BatteryActorCredential"))
    own = json.loads(trust.read_text("utf-8"))["issuers"][0]["id"]
    words = ("--name", "X", "--registration", "R", "--role", "batteryMaker", "--from", "2020-01-01", "--days", "36000")
    shell.run("accredit", own, *words, "--project", "registry", "-o", "registry.jsonld")
    shell.run("accredit", holder, *words, "--project", "other", "-o", "accreditation.jsonld")
    event = {
        "pack": "https://registry.example/01/09506000134352/21/1", "event": "register_code",
        "occurredAt": "2026-11-01T09:00:00+08:00",
        "fields": {"packCode": "001PE01A1B2C3DGB20000042", "batteryModel": "https://registry.example/01/09506000134352"},
    }  # fmt: skip
    (folder / "registered.json").write_text(json.dumps(event), encoding="utf-8")
    (folder / "faulty-event.json").write_text(json.dumps({**event, "occurredAt": HOSTILE}), encoding="utf-8")
    shell.run("event", "new", "registered.json", "--project", "registry")


#: What a stranger may call himself, to take over a terminal or to fake a verdict.
HOSTILE = "Eve\x1b]0;owned\x07\x1b[32m\x9b2J\u202e\nVerified. Nothing was changed."


def make_world(folder: Path, listener: socket.socket) -> World:
    """Everything that :data:`CALLS` need. The port of ``listener`` is taken."""
    shell = Shell(folder)
    shutil.copy(EXAMPLES / "ev-ncm-100kwh.xlsx", folder / "good.xlsx")
    shutil.copy(EXAMPLES / "footprint-ev-ncm.xlsx", folder / "inventory.xlsx")
    shell.run("convert", "good.xlsx", "--to", "json", "-o", "good.json")
    shell.run("init", "webshop", "--base-url", "https://web.example", "--did-web", "--name", "Web maker")

    def spoil(document: dict) -> None:
        document["model"]["nominalVoltage"] = HOSTILE
        document["model"][HOSTILE] = HOSTILE

    rewritten(folder / "good.json", folder / "bad.json", spoil)
    import openpyxl

    book = openpyxl.load_workbook(folder / "good.xlsx")
    book["packs"].cell(3, 1).value = "another\u202e\nmodel"
    book.save(folder / "bad.xlsx")
    book = openpyxl.load_workbook(folder / "inventory.xlsx")
    book["materials"]["C4"] = -1
    book.save(folder / "bad-inventory.xlsx")
    for name in ("shop", "other", "gone", "empty", "quiet", "spoiled", "registry"):
        shell.run("init", name, "--base-url", f"https://{name}.example")
    shell.run("issue", "good.xlsx", "--project", "shop")
    shutil.copy(EXAMPLES / "lmt-ebike.xlsx", folder / "bike.xlsx")
    for name in ("other", "gone", "quiet"):
        shell.run("issue", "bike.xlsx", "--project", name)
    shell.run("revoke", "RS260122-04417", "--reason", "recall", "--public-reason", "recalled", "--project", "gone")
    shell.run("show", "RS260122-04417", "--project", "gone", "--save", "gone.jsonld")
    (folder / "spoiled" / "trusted-issuers.json").write_text('{"issuers": []}')
    shell.run("show", CODE, "--project", "shop", "--save", "view.jsonld")
    trust = folder / "shop" / "trusted-issuers.json"

    def forge(document: dict) -> None:
        document["verifiableCredential"][0]["credentialSubject"]["manufacturerName"] = HOSTILE

    def bare(document: dict) -> None:
        document["verifiableCredential"] = [
            member for member in document["verifiableCredential"]
            if "BitstringStatusListCredential" not in member["type"]
        ]  # fmt: skip

    rewritten(folder / "view.jsonld", folder / "forged.jsonld", forge)
    rewritten(folder / "view.jsonld", folder / "bare.jsonld", bare)
    rewritten(trust, folder / "hostile-trust.json", lambda document: document["issuers"][0].update(
        name={"en": HOSTILE, "zh": HOSTILE}))  # fmt: skip
    (folder / "garbage.txt").write_text("%PDF-1.7\x1b[2J\n")
    (folder / "saved").mkdir()
    for name in ("view.jsonld", "forged.jsonld", "bare.jsonld", "garbage.txt"):
        shutil.copy(folder / name, folder / "saved" / name)
    holder = shell.json("key", "generate", "recycler.pem")["did"]
    shell.run(
        "grant", holder, "--audience", "commission", "--purpose", "oversight", "--project", "shop", "-o", "role.jsonld"
    )
    _make_events(shell, folder, holder)
    policy = {"policy": "p1", "recipient": "abroad", "basis": "test", "classes": ["open"]}
    (folder / "policy.json").write_text(json.dumps(policy))
    shell.run(
        "footprint", "declare", "inventory.xlsx", "--packs", "good.xlsx", "--project", "shop", "-o", "declared.jsonld"
    )
    verifier = shell.json("key", "generate", "verifier.pem")["did"]
    shell.run("footprint", "countersign", "declared.jsonld", "--key", "verifier.pem", "-o", "verified.jsonld")
    entry = {"id": verifier, "name": {"en": HOSTILE}, "trustedFor": ["BatteryAttestationCredential"]}
    rewritten(trust, folder / "footprint-trust.json", lambda document: document["issuers"].append(entry))
    shell.run("demo", "--no-serve", "--json")
    shell.run("backup", "backup.zip", "--project", "quiet")
    shell.run("key", "vehicle", "new", "--id", "k1", "--project", "shop")
    head = "serialNumber,recordedAt,numberOfFullCycles\n,,\n"
    (folder / "readings.csv").write_text(f"{head}RS260122-04417,2026-11-20T08:00:00Z,400\n")
    (folder / "bad-readings.csv").write_text(f"{head}RS260122-04417,2026-11-21T08:00:00Z,{HOSTILE.splitlines()[0]}\n")
    log_key = shell.json("log", "key", "--project", "shop")["vkey"]
    shell.run("log", "checkpoint", "--project", "shop")
    shell.run("log", "key", "--project", "other")
    shell.run("log", "checkpoint", "--project", "other", "-o", "foreign.txt")
    return World(folder, holder, listener.getsockname()[1], log_key)
