"""A supplier's part as a signed file: whose signature it is, and every refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
from click.testing import CliRunner

from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.connector.data.signed_part import sign_part
from passport.credentials.issuer import Issuer
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.proofs import jose
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from tests.issuer.test_workspace_desk import asked_supplier
from tests.issuer.work_world import BASE, WorkWorld


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return WorkWorld(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def lin(world):
    return world.join("lin", "enter")


class Supplier:
    """A supplier with a project of its own, and the request that its customer sent it."""

    def __init__(self, world, lin, tmp_path, *names):
        self.world, self.lin = world, lin
        self.address, self.link = asked_supplier(world, lin, *names)
        self.request = world.browser().get(f"{self.link}?format=json").json
        self.project = make_project(tmp_path / "cells", "https://cells.example.com", names={"en": "Lan Cells Ltd"})
        self.issuer = self.project.issuer_with_key(None)

    def trust(self):
        """Name the supplier on the trust list of its customer, for nothing."""
        own = json.loads(self.project.trust_list_path.read_text())["issuers"][0]
        path = self.world.project.trust_list_path
        listed = json.loads(path.read_text())
        listed["issuers"].append({**own, "trustedFor": []})
        path.write_text(json.dumps(listed))

    def signed(self, content, **changes) -> str:
        issuer = changes.get("issuer", self.issuer)
        request = {**self.request, **changes.get("request", {})}
        at = changes.get("at", self.world.at)
        return sign_part(content, request, issuer.id, issuer.signer, at=at, credential=changes.get("credential"))

    def send(self, text: str | bytes):
        body = text if isinstance(text, bytes) else text.encode() + b"\n"
        return self.world.browser().post(f"{self.link}", {"signed": (BytesIO(body), "part.jws")})

    @property
    def answered(self):
        return self.world.here.suppliers.get(self.request["request"])


@pytest.fixture
def supplier(world, lin, tmp_path):
    listed = world.project.trust_list_path.read_bytes()
    yield Supplier(world, lin, tmp_path, "expectedNumberOfCycles", "batteryDimensions")
    world.project.trust_list_path.write_bytes(listed)


def test_a_signed_part_is_taken_in_with_the_name_of_who_signed_it(world, lin, supplier):
    assert supplier.request["indicators"] == ["expectedNumberOfCycles", "batteryDimensions"]
    supplier.trust()
    folder = supplier.project.folder
    (folder / "part.json").write_text('{"expectedNumberOfCycles": 800}')
    (folder / "request.json").write_text(json.dumps(supplier.request))
    files = [str(folder / name) for name in ("part.json", "request.json", "part.jws")]
    call = ["connector", "sign", files[0], "--for", files[1], "-o", files[2], "--project", str(folder)]
    made = CliRunner().invoke(main, call)
    assert made.exit_code == 0, made.output
    text = (folder / "part.jws").read_text().strip()
    page = supplier.send(text)
    assert page.status_code == 200 and "Signed by Lan Cells Ltd" in page.text
    address = f"/suppliers/{supplier.answered.id}"
    page = lin.get(address).text
    assert "Signed by Lan Cells Ltd" in page and supplier.issuer.id in page and "no signature" not in page
    assert lin.get(f"{address}/signed").data.decode().strip() == text
    lin.post(address, {"step": "take"})
    assert "signed by it" in lin.get(supplier.address).text
    assert "Lan Cells.signed.json" in lin.get(f"{supplier.address}/packs/0/performance").text


def test_a_part_of_a_supplier_that_an_authority_accredited_is_taken_in_with_both_names(world, lin, supplier):
    key = PrivateKey.generate()
    own = Issuer(key.public_key.did_key, KeySigner(key))
    statement = ActorStatement(own.id, {"en": "Accredited Cells"}, ("supplier",), registration_number="HRB 2")
    grants = ActorGrants(world.store, world.here.config.issuer, BASE)
    accreditation = grants.grant(statement, valid_from=world.at)
    text = supplier.signed({"expectedNumberOfCycles": "800"}, issuer=own, credential=accreditation)
    refused = supplier.send(text)
    assert refused.status_code == 400 and "not accepted (check 5" in refused.text
    world.trust_accreditations()
    other = supplier.signed({"expectedNumberOfCycles": "800"}, credential=accreditation)
    assert supplier.send(other).status_code == 400, "the accreditation is of another company, which nobody knows"
    assert "Signed by Accredited Cells" in supplier.send(text).text
    assert "credential of Operator" in lin.get(f"/suppliers/{supplier.answered.id}").text
    grants.revoke(accreditation["id"], "licence withdrawn", world.at)
    assert supplier.send(text).status_code == 400


def test_a_signed_part_is_refused_that_is_not_for_this_request_or_of_nobody_who_is_known(world, supplier, tmp_path):
    content = {"expectedNumberOfCycles": "800"}
    assert "does not name who signed" in supplier.send(supplier.signed(content)).text
    supplier.trust()
    stranger = PrivateKey.generate()
    nobody = Issuer(stranger.public_key.did_key, KeySigner(stranger))
    good = supplier.signed(content)
    start = good.rpartition(".")[0]
    wrong = {
        "of a stranger": supplier.signed(content, issuer=nobody),
        "for another request": supplier.signed(content, request={"request": "0" * 10}),
        "for another company": supplier.signed(content, request={"audience": "did:web:elsewhere.example"}),
        "of a day to come": supplier.signed(content, at=world.at + timedelta(days=1)),
        "with more than was asked": supplier.signed(
            {**content, "batteryMass": "9"}, request={"indicators": ["expectedNumberOfCycles", "batteryMass"]}
        ),
        "with a value that cannot be placed": supplier.signed({"batteryDimensions": {"depth": 1}}),
        "signed with a foreign key": f"{start}.{jose.encode(stranger.sign(start.encode()))}",
        "changed": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "no signature at all": json.dumps(content),
        "no text": b"\xff\xfe",
        "empty": b"",
    }
    for name, text in wrong.items():
        assert supplier.send(text).status_code == 400, name
    assert supplier.answered.state == "open"
    assert supplier.lin.get(f"/suppliers/{supplier.answered.id}/signed").status_code == 404
    assert supplier.send(good).status_code == 200


def test_a_signed_value_of_another_type_breaks_no_page_and_is_a_fault_of_the_draft(world, lin, supplier):
    supplier.trust()
    assert supplier.send(supplier.signed({"expectedNumberOfCycles": {"value": [8]}})).status_code == 200
    address = f"/suppliers/{supplier.answered.id}"
    assert lin.get(address).status_code == world.browser().get(supplier.link).status_code == 200
    lin.post(address, {"step": "take"})
    page = lin.get(supplier.address)
    assert page.status_code == 200 and "Nothing is ready yet" in page.text


def test_an_answer_of_the_form_takes_the_place_of_a_signed_one_with_its_signature(world, lin, supplier):
    supplier.trust()
    supplier.send(supplier.signed({"expectedNumberOfCycles": "800"}))
    world.browser().post(supplier.link, {"expectedNumberOfCycles": "900", "person": "Wei"})
    page = lin.get(f"/suppliers/{supplier.answered.id}").text
    assert "no signature of the supplier" in page and "Signed by" not in page
