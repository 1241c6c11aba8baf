"""``passport key vehicle``: shared keys for hashes of vehicles, made, delivered and used."""

from __future__ import annotations

import json
import re
import stat

import pytest

VIN, OTHER = "LSVNV133922222222", "1M8GDM9AXKP042788"


@pytest.fixture
def repairer(shell, shop):
    """A second project, with its own key."""
    folder = shell.folder / "repairer"
    shell.run("init", folder, "--base-url", "https://repair.example.com", "--name", "Example Repairs")
    return folder


def did_of(shell, folder):
    return shell.json("key", "show", folder / "keys" / "issuer.pem")["did"]


def hashes(shell, folder, *vins):
    result = shell.run("key", "vehicle", "hash", "--project", folder, stdin="\n".join(vins))
    return json.loads(result.stdout)


def test_a_delivered_key_gives_the_same_hash_on_both_sides(shell, shop, repairer):
    made = shell.json("key", "vehicle", "new", "--project", shop)
    message = shell.folder / "for.jwe"
    shell.run("key", "vehicle", "seal", made["key"], "--for", did_of(shell, repairer), "-o", message, "--project", shop)
    opened = shell.json("key", "vehicle", "open", message, "--project", repairer)
    assert opened["key"] == made["key"]
    assert hashes(shell, shop, VIN) == hashes(shell, repairer, VIN.lower(), "") != hashes(shell, shop, OTHER)
    kept = repairer / "keys" / "vehicles" / f"{made['key']}.jwk"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_after_a_leak_new_events_carry_the_hash_under_both_keys(shell, shop):
    ids = [shell.json("key", "vehicle", "new", "--id", name, "--project", shop)["key"] for name in ("k1", "k2")]
    (vehicle,) = hashes(shell, shop, VIN)
    assert [each["keyId"] for each in vehicle] == ids == shell.json("key", "vehicle", "list", "--project", shop)["keys"]
    assert len({each["hash"] for each in vehicle}) == 2


def test_nothing_that_is_printed_holds_a_key_or_a_number(shell, shop):
    made = shell.json("key", "vehicle", "new", "--project", shop)
    secret = json.loads((shop / "keys" / "vehicles" / f"{made['key']}.jwk").read_text())["k"]
    outputs = [
        shell.run("key", "vehicle", "list", "--project", shop).output,
        shell.run("key", "vehicle", "seal", made["key"], "--for", did_of(shell, shop), "--project", shop).output,
        shell.run("key", "vehicle", "hash", "--project", shop, stdin=VIN).output,
        shell.run("key", "vehicle", "hash", "--project", shop, stdin=f"{VIN[:-1]}9", code=1).output,
    ]
    assert all(secret not in output and VIN[:8] not in output for output in outputs)


def test_a_wrong_number_is_refused_with_its_line(shell, shop):
    shell.run("key", "vehicle", "new", "--project", shop)
    result = shell.run("key", "vehicle", "hash", "--project", shop, stdin=f"{VIN}\nLSV", code=1)
    assert "line 2" in result.stderr


def test_a_number_without_a_check_digit_is_taken_when_that_is_said(shell, shop):
    shell.run("key", "vehicle", "new", "--project", shop)
    vin = VIN[:8] + "0" + VIN[9:]
    shell.run("key", "vehicle", "hash", "--project", shop, stdin=vin, code=1)
    shell.run("key", "vehicle", "hash", "--no-check-digit", "--project", shop, stdin=vin)


def test_a_message_to_another_is_refused(shell, shop, repairer):
    made = shell.json("key", "vehicle", "new", "--project", shop)
    message = shell.folder / "for.jwe"
    shell.run("key", "vehicle", "seal", made["key"], "--for", did_of(shell, shop), "-o", message, "--project", shop)
    result = shell.run("key", "vehicle", "open", message, "--project", repairer, code=1)
    assert "does not open" in result.stderr
    assert shell.json("key", "vehicle", "list", "--project", repairer) == {"keys": []}


def test_a_key_is_never_overwritten(shell, shop):
    shell.run("key", "vehicle", "new", "--id", "k1", "--project", shop)
    result = shell.run("key", "vehicle", "new", "--id", "k1", "--project", shop, code=2)
    assert "exists already" in result.stderr


@pytest.mark.parametrize("name", ["../k1", "a/b", "", "k" * 65])
def test_a_name_that_is_no_name_is_refused(shell, shop, name):
    shell.run("key", "vehicle", "new", f"--id={name}", "--project", shop, code=None)
    assert all(re.fullmatch(r"[0-9a-f]{16}\.jwk", path.name) for path in (shop / "keys" / "vehicles").glob("**/*"))
    assert not list(shop.parent.glob("**/k1.jwk")) and not list(shop.glob("**/b.jwk"))


def test_an_unknown_key_is_not_delivered(shell, shop):
    result = shell.run("key", "vehicle", "seal", "k9", "--for", did_of(shell, shop), "--project", shop, code=2)
    assert "no key k9" in result.stderr


def test_a_key_is_not_delivered_to_one_who_only_signs(shell, shop):
    shell.run("key", "generate", shell.folder / "ed.pem", "--algorithm", "Ed25519")
    made = shell.json("key", "vehicle", "new", "--project", shop)
    did = shell.json("key", "show", shell.folder / "ed.pem")["did"]
    result = shell.run("key", "vehicle", "seal", made["key"], "--for", did, "--project", shop, code=2)
    assert "encrypted to" in result.stderr


def test_a_did_without_a_document_at_hand_could_not_be_resolved(shell, shop):
    made = shell.json("key", "vehicle", "new", "--project", shop)
    shell.run("key", "vehicle", "seal", made["key"], "--for", "did:web:a.example", "--project", shop, code=3)


def test_without_a_key_nothing_is_hashed(shell, shop):
    result = shell.run("key", "vehicle", "hash", "--project", shop, stdin=VIN, code=2)
    assert "no key" in result.stderr
