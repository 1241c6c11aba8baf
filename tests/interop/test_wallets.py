"""Foreign wallets at our verifier and issuer, over HTTP: Digital Bazaar's oid4-client and the OpenWallet Foundation's
openid4vc. What each is refused is refused by our side, in words that its user sees."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from werkzeug.serving import make_server

from passport.commands.companies.grant import role_credential
from passport.publishing.role_grants import RoleGrants
from passport.vocabulary.credential_types import CONDITION, MODEL_DETAIL
from passport.vocabulary.vocabulary import Audience
from tests.resolver.conftest import NOW, make_site, operator_of

AT = NOW.isoformat()
#: Each with the form in which it shows the role.
WAYS = ("digitalbazaar-present", "openid4vc-present", "openid4vc-present-sd-jwt")


@dataclass
class Verifier:
    """A resolver that listens, and a role for the wallets' holder."""

    site: object
    base: str
    role: dict
    sd_role: str

    def credential(self, way: str) -> dict | str:
        return self.sd_role if way.endswith("sd-jwt") else self.role

    def post(self, path: str, document: dict | None = None) -> tuple[int, dict]:
        body = json.dumps(document or {}).encode()
        request = Request(self.base + path, body, {"Content-Type": "application/json"})  # noqa: S310 - ours
        try:
            with urlopen(request) as answer:  # noqa: S310 - ours
                return answer.status, json.load(answer)
        except OSError as error:
            return error.code, json.load(error)

    def request(self, way: str, query: str = "") -> dict:
        """A request; unsigned for Digital Bazaar's client, which misreads ``decentralized_identifier:`` (5.10.0)."""
        unsigned = "client=uri" if way.startswith("digitalbazaar") else ""
        return self.post(f"/wallet/requests?{unsigned}&{query}")[1]


@pytest.fixture(scope="module")
def verifier(wallet, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verifier")
    server = make_server("127.0.0.1", 0, lambda environ, start: site.app(environ, start), threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    operator = operator_of(folder, base, "ev-ncm-100kwh")
    site = make_site(operator, folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    holder = wallet("holder")
    role = role_credential(
        operator.project, operator.issuer, holder["did"], Audience.LEGITIMATE_INTEREST, "recycling", (),
        NOW, NOW + timedelta(days=1), store=operator.store,
    )  # fmt: skip
    sd_role = RoleGrants(operator.store, operator.issuer, base).as_sd_jwt(role, NOW)
    yield Verifier(site, base, role, sd_role)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("way", WAYS)
def test_a_wallet_answers_our_request_with_a_signed_presentation(wallet, verifier, way):
    made = verifier.request(way)
    result = wallet(way, link=made["request"], credential=verifier.credential(way), at=AT)
    assert result["ok"], result
    assert (result["request"]["response_mode"], result["answer"]) == ("direct_post", {})
    status, granted = verifier.post("/wallet/token", {"secret": made["secret"]})
    assert (status, granted["audience"]) == (200, "legitimate-interest")
    seen = json.loads(
        verifier.site.client.get(
            "/passports" + verifier.site.ev.removeprefix(verifier.base),
            headers={"Accept": "application/vp", "Authorization": f"Bearer {granted['access_token']}"},
        ).data
    )
    kinds = {name for document in seen["verifiableCredential"] for name in document["type"]}
    assert {MODEL_DETAIL, CONDITION} <= kinds


@pytest.mark.parametrize(("way", "enc"), [*zip(WAYS, ("A256GCM", "A128GCM", "A256GCM"), strict=True)])
def test_a_wallet_encrypts_its_answer_where_it_is_asked_to(wallet, verifier, way, enc):
    made = verifier.request(way, "answer=encrypted")
    result = wallet(way, link=made["request"], credential=verifier.credential(way), at=AT, enc=enc)
    assert result["ok"], result
    assert (result["request"]["response_mode"], result["answer"]) == ("direct_post.jwt", {})
    assert verifier.post("/wallet/token", {"secret": made["secret"]})[0] == 200


def test_the_other_library_takes_an_unsigned_request_too(wallet, verifier):
    made = verifier.request("digitalbazaar")
    result = wallet("openid4vc-present", link=made["request"], credential=verifier.role, at=AT)
    assert result["ok"], result
    assert result["request"]["client_id"] == f"redirect_uri:{result['request']['response_uri']}"


WRONG = {"nonce": "0" * 54, "audience": "decentralized_identifier:did:web:elsewhere.example"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "words"), [("nonce", "another request"), ("audience", "verif")])
def test_a_wallet_is_refused_with_another(wallet, verifier, way, name, words):
    made = verifier.request(way)
    result = wallet(way, link=made["request"], credential=verifier.credential(way), at=AT, **{name: WRONG[name]})
    assert not result["ok"] and (words in result["error"] or "another domain" in result["error"]), result
    assert verifier.post("/wallet/token", {"secret": made["secret"]})[0] == 400


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_was_answered_is_refused_the_second_time(wallet, verifier, way):
    made = verifier.request(way)
    first, second = wallet.all(
        [{"op": way, "link": made["request"], "credential": verifier.credential(way), "at": AT}] * 2
    )
    assert first["ok"] and not second["ok"] and "used before" in second["error"]
