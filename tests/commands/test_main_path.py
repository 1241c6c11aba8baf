"""The commands of the main path, one after the other, as the README tells a newcomer."""

from __future__ import annotations

import json
import re
import stat
from datetime import date
from pathlib import Path

import click
import pytest
import zxingcpp
from PIL import Image

from passport.commands import _own, _registered, main
from passport.commands.terminal.command_list import CommandList
from passport.credentials.trust import TrustList

CHECKOUT = Path(__file__).resolve().parents[2]
COMMANDS = main.list_commands(click.Context(main))
# Makes or takes something where a JSON document is the output in any case.
GROUPS = {
    "accredit", "alerts", "attest", "certify", "connector", "directory", "event", "footprint", "grant", "identity",
    "key", "log", "register", "store", "supervise", "trust", "workspace",
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(shell, name):
    text = shell.run(name, "--help").stdout
    if name in GROUPS:
        return
    assert f"passport {name}" in text.split("Options:")[0].split("\n", 2)[2]
    assert "--json" in text


def test_the_list_of_commands_says_what_each_command_says_of_itself():
    context = click.Context(main)
    places = {name: _own().get(name) or _registered()[name] for name in COMMANDS}
    listed = CommandList(places, lambda place: pytest.fail(f"{place} had to be loaded"))
    assert listed.list_commands(context) == COMMANDS
    for name, command in listed.commands.items():
        loaded = main.get_command(context, name)
        assert (command.get_short_help_str(80), command.hidden) == (loaded.get_short_help_str(80), loaded.hidden), name


def test_a_command_whose_source_does_not_tell_is_loaded_for_the_list(tmp_path, monkeypatch):
    source = "@click.command(help='Else.')\ndef odd(): 'Doc.'\ndef plain(): 'Doc.'\n"
    (tmp_path / "odd_commands.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    places = {name: f"odd_commands:{name}" for name in ("odd", "plain", "missing")}
    assert [command.name for command in CommandList(places, click.Command).commands.values()] == list(places.values())


PAGES = ["README.md", "README.zh.md", *(f"docs/{name}.md" for name in ("demo", "issue", "scan", "formats", "http"))]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_of_the_pages_exists(shell, page):
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    called = re.findall(r"^(?:\$|as [a-z ]+?)? *(?:\.venv/bin/)?passport ([a-z-]+)(.*)$", text, re.MULTILINE)
    assert called
    for name, words in called:
        assert name in COMMANDS, (page, name)
        known = shell.run(name, "--help").stdout
        for option in re.findall(r" (--[a-z-]+)", words):
            assert option in known, (page, name, option)


def test_every_command_has_a_line_in_the_documents():
    listed = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in listed] == []


def test_a_project_keeps_its_key_to_its_owner_and_never_prints_it(shell, shop):
    key = shop / "keys" / "issuer.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE((shop / "keys").stat().st_mode) == 0o700
    secret = key.read_text().split("\n")[1]
    for words in (("key", "show", key), ("key", "show", key, "--json")):
        assert secret not in shell.run(*words).output


def test_a_key_that_others_can_read_is_refused(shell, shop):
    key = shop / "keys" / "issuer.pem"
    key.chmod(0o644)
    result = shell.run("key", "show", key, code=2)
    assert "chmod 600" in result.stderr


def test_a_project_is_never_overwritten(shell, shop):
    before = (shop / "passport.toml").read_bytes()
    shell.run("init", shop, "--base-url", "https://other.example", code=2)
    assert (shop / "passport.toml").read_bytes() == before


def test_the_next_steps_that_init_and_issue_print_can_be_called_and_fit_on_a_screen(shell):
    made = shell.run("init", "shop", "--base-url", "https://passport.example.com").stdout
    steps = re.findall(r"passport (.*)", made)
    assert steps == ["template --category ev -o packs.xlsx", "issue packs.xlsx --project shop"]
    shell.run(*steps[0].split())
    shell.workbook("lmt-ebike.xlsx").rename(shell.folder / "packs.xlsx")
    issued = shell.run(*steps[1].split()).stdout
    for text in (made, issued):
        assert max(map(len, ("Next" + text.partition("Next")[2]).splitlines())) <= 80
    steps = re.findall(r"passport (.*)", issued.partition("Next")[2])
    assert [words.split()[0] for words in steps] == ["show", "serve", "qr"]
    for words in (steps[0], steps[2]):
        shell.run(*words.split())
    assert shell.run("serve", "--help").stdout.count("--preview") > 1
    assert "Next" not in shell.run("issue", "packs.xlsx", "--project", "shop", "--json").stdout


@pytest.mark.parametrize("base", ["passport.example.com", "ftp://x.example", "https://u:p@x.example", "https://x/?a"])
def test_an_unusable_base_url_is_refused_and_nothing_is_made(shell, base):
    result = shell.run("init", "shop", "--base-url", base, code=None)
    assert result.exit_code in (1, 2)
    assert not (shell.folder / "shop").exists()


def test_a_passphrase_protects_the_key_and_comes_from_a_file(shell):
    secret = shell.folder / "secret.txt"
    secret.write_text("correct horse\n", encoding="utf-8")
    shell.run("key", "generate", "holder.pem", "--passphrase-file", secret)
    assert b"ENCRYPTED" in (shell.folder / "holder.pem").read_bytes()
    shell.run("key", "show", "holder.pem", "--passphrase-file", secret)
    shell.run("key", "show", "holder.pem", code=2)
    secret.write_text("wrong\n", encoding="utf-8")
    result = shell.run("key", "show", "holder.pem", "--passphrase-file", secret, code=2)
    assert "wrong" not in result.stderr.replace("wrong passphrase", "")


def test_did_web_is_issued_with_a_document_that_the_trust_list_pins(shell):
    shell.run("init", "shop", "--base-url", "https://passport.example.com", "--did-web")
    issuer = TrustList.load(shell.folder / "shop" / "trusted-issuers.json").issuers[0]
    assert issuer.id == "did:web:passport.example.com"
    assert json.loads((shell.folder / "shop" / "did.json").read_text()) == issuer.did_document
    issued = shell.json("issue", shell.workbook("lmt-ebike.xlsx"), "--project", "shop")
    pack = next(entry["id"] for entry in issued["entries"] if entry["kind"] == "pack")
    shell.run("show", pack, "--project", "shop", "--save", "view.jsonld")
    assert shell.run("verify", "view.jsonld", "--offline", "--trust", "shop/trusted-issuers.json").exit_code == 0


def test_validate_says_completeness_per_regime_and_day(shell):
    path = shell.workbook("ev-ncm-100kwh.xlsx")
    document = shell.json("validate", path, "--on", "2027-02-18")
    regimes = document["packs"][0]["regimes"]
    assert (regimes["eu"]["present"], regimes["eu"]["due"]) == (57, 57)
    assert (regimes["cn"]["present"], regimes["cn"]["due"], regimes["cn"]["notYetDue"]) == (20, 20, 5)
    early = shell.json("validate", path, "--regime", "eu", "--on", "2026-12-01")
    assert early["packs"][0]["regimes"]["eu"]["due"] == 0


def test_without_a_day_a_regime_that_is_not_in_force_yet_is_asked_as_of_its_first_day(shell):
    document = shell.json("validate", shell.workbook("lmt-ebike.xlsx"), "--regime", "eu")
    assert document["packs"][0]["regimes"]["eu"]["on"] == max(date.today(), date(2027, 2, 18)).isoformat()


@pytest.mark.parametrize("name", ["code.png", "code.svg"])
def test_the_qr_code_of_a_pack_is_its_address(shell, shop, issued, name):
    shell.run("qr", issued, "--project", shop, "-o", name)
    if name.endswith("png"):
        (code,) = zxingcpp.read_barcodes(Image.open(shell.folder / name))
        assert code.text == issued
        assert code.ec_level == "Q"
    else:
        assert (shell.folder / name).read_text().startswith("<svg")


def test_a_label_carries_the_codes_in_plain_text(shell, shop, issued):
    shell.run("qr", issued, "--project", shop, "--label", "-o", "label.svg")
    text = (shell.folder / "label.svg").read_text(encoding="utf-8")
    assert "RS260122-04417" in text and "RS-IT612" in text


def test_a_role_is_granted_and_presented(shell, shop, issued):
    holder = shell.json("key", "generate", "recycler.pem")["did"]
    shell.run(
        "grant",
        holder,
        "--audience",
        "legitimate-interest",
        "--purpose",
        "recycling",
        "--pack",
        issued,
        "--project",
        shop,
        "-o",
        "role.jsonld",
    )
    role = json.loads((shell.folder / "role.jsonld").read_text())
    assert role["credentialSubject"]["packs"] == [issued]
    presentation = shell.json(
        "present",
        "role.jsonld",
        "--key",
        "recycler.pem",
        "--challenge",
        "abc",
        "--domain",
        "https://passport.example.com",
    )
    assert presentation["holder"] == holder
    assert presentation["proof"]["challenge"] == "abc"
    (shell.folder / "vp.jsonld").write_text(json.dumps(presentation))
    # Whether it was taken back stands in a list that is not in the file.
    result = shell.json("verify", "vp.jsonld", "--offline", "--trust", shop / "trusted-issuers.json", code=3)
    assert result["verified"] is None
    assert {name for name, outcome in result["answers"].items() if outcome != "passed"} <= {"status", "together"}


def test_nobody_is_granted_the_public_audience_or_one_that_does_not_exist(shell, shop):
    for audience in ("public", "everybody"):
        shell.run("grant", "did:key:zDn", "--audience", audience, "--purpose", "x", "--project", shop, code=2)


def test_a_role_for_a_holder_that_is_no_did_is_refused(shell, shop):
    for holder in ("recycler", "did:key:zDnNOTAKEY"):
        result = shell.run("grant", holder, "--audience", "commission", "--purpose", "x", "--project", shop, code=None)
        assert result.exit_code in (1, 2)


def test_the_demo_makes_three_passports_and_prints_what_to_try(shell):
    document = shell.json("demo", "--no-serve")
    assert [pack["category"] for pack in document["packs"]] == ["ev", "stationary", "lmt"]
    assert all(pack["completeness"]["eu"]["missing"] == 0 for pack in document["packs"])
    assert document["packs"][0]["completeness"]["cn"]["missing"] == 0
    assert document["issuer"].startswith("did:key:zDn")
    assert set(document["commands"]["show"]) == {
        "public",
        "legitimate-interest",
        "notified-body",
        "market-surveillance",
        "commission",
        "cn-regulator",
    }
    for line in [*document["commands"]["show"].values(), *document["commands"]["verify"].values()]:
        words = line.split()
        shell.run(*words[1:])


def test_the_demo_is_kept_and_only_fresh_starts_over(shell):
    first = shell.json("demo", "--no-serve")
    again = shell.json("demo", "--no-serve")
    assert again["issuer"] == first["issuer"]
    assert {pack["outcome"] for pack in again["packs"]} == {"same"}
    assert shell.json("demo", "--no-serve", "--fresh")["issuer"] != first["issuer"]


def test_a_demo_made_for_another_address_is_not_reused(shell):
    shell.run("demo", "--no-serve")
    result = shell.run("demo", "--no-serve", "--port", "8081", code=2)
    assert "--fresh" in result.stderr


def test_fresh_throws_away_nothing_but_a_demo(shell):
    (shell.folder / "demo").mkdir()
    (shell.folder / "demo" / "thesis.txt").write_text("years of work")
    shell.run("demo", "--no-serve", "--fresh", code=2)
    assert (shell.folder / "demo" / "thesis.txt").exists()


def test_the_demo_refuses_an_address_that_no_phone_can_call(shell):
    result = shell.run("demo", "--no-serve", "--host", "0.0.0.0", code=2)
    assert "phone" in result.stderr
