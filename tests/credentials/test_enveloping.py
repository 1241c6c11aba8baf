"""Credentials and presentations inside tokens, through the verifier; and every token that is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.credentials import status_list
from passport.credentials.envelopes import enveloping
from passport.credentials.envelopes.enveloping import VC_JWT, VC_SD_JWT, VP_JWT, VP_SD_JWT, envelope
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Outcome, Verifier
from passport.errors import MalformedCredential, PassportError, ProofError, UnknownContext, UnsafeJsonLd, UsageError
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey, did_web
from passport.proofs import cose, jose, sd_jwt
from tests.conftest import example_count
from tests.each import each

NONCE, DOMAIN = "c1", "https://verifier.example.org"


def plain(world, **changes) -> dict:
    return world.unsigned(credentialStatus=..., **changes)


def jwt(world, **changes) -> str:
    return enveloping.secure(plain(world, **changes), world.issuer, loader=world.loader)


def token_of(world, claims: dict, issuer: Issuer | None = None, typ: str = "vc+jwt", **options) -> str:
    """A token over whatever claims, as a careless issuer would make it."""
    return jose.sign(claims, (issuer or world.issuer).signer, typ=typ, **options)


def check(world, token: str, media_type: str = VC_JWT, **options):
    return world.verify(envelope(media_type, token), **options)


def opened(world, token: str, media_type: str = VC_JWT, **options):
    options = {"at": world.now, "loader": world.loader} | options
    return enveloping.open_token(media_type, token, options.pop("resolver", DidResolver()), **options)


# --- vc+jwt ----------------------------------------


@each("algorithm", list(Algorithm))
def test_a_credential_in_a_token_verifies_alone_and_in_a_presentation(world, algorithm):
    key = PrivateKey.generate(algorithm)
    issuer = Issuer(key.public_key.did_key, KeySigner(key))
    token = enveloping.secure(plain(world, issuer=issuer.id), issuer, loader=world.loader)
    assert json.loads(jose.decode(token.split(".")[0]))["typ"] == "vc+jwt"
    verifier = world.verifier(UnsafeAnyIssuer())
    for document in (envelope(VC_JWT, token), world.saved(envelope(VC_JWT, token))):
        result = world.verify(document, verifier=verifier)
        assert result.verified is True
        (credential,) = result.credentials
        assert (credential.id, credential.issuer) == (f"{world.base}/credentials/1", issuer.id)
        assert credential.proofs[0].cryptosuite == f"vc+jwt {jose.ALGORITHMS[algorithm]}"
        assert credential.document["credentialSubject"]["ratedCapacity"] == "280.0"


def test_a_changed_token_does_not_verify(world):
    header, payload, signature = jwt(world).split(".")
    claims = json.loads(jose.decode(payload))
    claims["credentialSubject"]["ratedCapacity"] = "300.0"
    result = check(world, ".".join([header, jose.encode(json.dumps(claims).encode()), signature]))
    assert (result.verified, result.check(2).code) == (False, "invalid-signature")
    assert result.check(2).part("controller") is Outcome.NOT_REACHED


def test_a_token_signed_by_somebody_else_has_a_good_signature_and_another_controller(world):
    result = check(world, token_of(world, plain(world), world.stranger))
    assert (result.verified, result.check(2).code) == (False, "foreign-key")
    assert (result.check(2).part("proof"), result.check(2).part("controller")) == (Outcome.PASSED, Outcome.FAILED)


def test_validity_status_and_policy_count_for_tokens_too(world):
    late = check(world, jwt(world, validUntil="2026-12-31T00:00:00Z"))
    assert (late.verified, late.check(3).code) == (False, "expired")
    unknown = Verifier(world.trust(), loader=world.loader)
    foreign = plain(world, issuer=world.stranger.id)
    token = enveloping.secure(foreign, world.stranger, loader=world.loader)
    assert world.verify(envelope(VC_JWT, token), verifier=unknown).check(5).outcome is Outcome.FAILED
    entry = status_list.entry(f"{world.base}/status/1", 7, "revocation")
    token = enveloping.secure(world.unsigned(credentialStatus=[entry]), world.issuer, loader=world.loader)
    revoked = world.verify(world.saved(envelope(VC_JWT, token), world.list(7)))
    assert (revoked.verified, revoked.check(4).code) == (False, "revoked")


def test_a_did_web_issuer_needs_its_document_and_gets_it_from_the_trust_list(world):
    token = enveloping.secure(plain(world, issuer=world.did_web), world.web_issuer, loader=world.loader)
    assert check(world, token).check(2).outcome is Outcome.UNDETERMINED
    pinned = world.verifier(world.trust(world.web_entry()))
    assert check(world, token, verifier=pinned).verified is True


def test_a_short_kid_is_a_name_in_the_issuers_document(world):
    for kid in ("2026", "#2026"):
        claims = plain(world, issuer=world.did_web)
        token = jose.sign(claims, world.web_issuer.signer, typ="vc+jwt", kid=kid)
        assert opened(world, token, resolver=DidResolver({world.did_web: world.web_document})).method.id.endswith(
            "#2026"
        )


def test_a_key_may_stand_in_the_document_as_a_jwk(world):
    document = world.web_document
    (method,) = document["verificationMethod"]
    del method["publicKeyMultibase"]
    method |= {"type": "JsonWebKey", "publicKeyJwk": world.web_key.public_key.jwk}
    token = enveloping.secure(plain(world, issuer=world.did_web), world.web_issuer, loader=world.loader)
    assert opened(world, token, resolver=DidResolver({world.did_web: document})).algorithm == "ES256"


def test_without_a_kid_only_a_did_key_says_which_key_it_is(world):
    def without_kid(claims, issuer):
        start = ".".join(jose.encode(json.dumps(part).encode()) for part in ({"alg": "ES256", "typ": "vc+jwt"}, claims))
        return f"{start}.{jose.encode(issuer.signer.sign(start.encode()))}"

    assert opened(world, without_kid(plain(world), world.issuer)).document["issuer"] == world.issuer.id
    by_web = without_kid(plain(world, issuer=world.did_web), world.web_issuer)
    with pytest.raises(ProofError, match="which key"):
        opened(world, by_web, resolver=DidResolver({world.did_web: world.web_document}))


def test_registered_claims_may_say_the_same_as_the_credential(world):
    document = plain(world)
    claims = {
        "iss": document["issuer"], "jti": document["id"], "sub": document["credentialSubject"]["id"],
        "iat": int(world.now.timestamp()), "nbf": int(world.now.timestamp()), "exp": int(world.now.timestamp()) + 1,
    }  # fmt: skip
    found = opened(world, token_of(world, document | claims))
    assert found.document == document
    assert found.signed_at == world.now


@each(
    ("claims", "error"),
    [
        ({"iss": "did:web:other.example.com"}, MalformedCredential),
        ({"jti": "urn:uuid:other"}, MalformedCredential),
        ({"sub": "urn:uuid:other"}, MalformedCredential),
        ({"vc": {}}, MalformedCredential),
        ({"proof": {"type": "DataIntegrityProof"}}, MalformedCredential),
        ({"issuer": None}, ProofError),
        ({"type": ["VerifiablePresentation"]}, MalformedCredential),
        ({"typo": 1}, UnsafeJsonLd),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", {"a": "b:c"}]}, UnsafeJsonLd),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/unknown"]}, UnknownContext),
        ({"exp": 1}, ProofError),
        ({"nbf": 4_000_000_000}, ProofError),
        ({"iat": 4_000_000_000}, ProofError),
        ({"exp": "tomorrow"}, ProofError),
        ({"exp": True}, ProofError),
        ({"iat": -1}, ProofError),
        ({"exp": 1e300}, ProofError),
    ],
    ids=repr,
)
def test_a_token_that_contradicts_itself_is_refused(world, claims, error):
    kid = (
        {"kid": f"{world.issuer.id}#{world.issuer.id.removeprefix('did:key:')}"}
        if "issuer" not in claims
        else {"kid": "x"}
    )
    token = token_of(world, plain(world) | claims, **kid)
    with pytest.raises(error):
        opened(world, token)
    # An unknown context is not wrong; it could not be checked.
    assert check(world, token).verified is (None if error is UnknownContext else False)


def test_a_token_of_another_kind_is_refused(world):
    for typ in ("JWT", "vp+jwt", "vc+sd-jwt", "dc+sd-jwt", "kb+jwt"):
        with pytest.raises(ProofError, match="another kind"):
            opened(world, token_of(world, plain(world), typ=typ))
    with pytest.raises(UsageError):
        opened(world, jwt(world), "application/vc+mdoc")
    with pytest.raises(ProofError):
        opened(world, jwt(world), "application/vc+cose")


def test_a_proof_of_another_purpose_does_not_count(world):
    """A key that a DID document lists for authentication alone signs no credential."""
    document = world.web_document | {"assertionMethod": []}
    token = enveloping.secure(plain(world, issuer=world.did_web), world.web_issuer, loader=world.loader)
    with pytest.raises(ProofError, match="not a key for assertionMethod"):
        opened(world, token, resolver=DidResolver({world.did_web: document}))


@each("token", ["", "x", "a.b.c", "e30.e30.e30", "~", "a~b~", "ä", "e30.e30.e30~~"])
@each("media_type", enveloping.OPENED_HERE)
def test_junk_in_an_envelope_is_a_result_and_no_crash(world, media_type, token):
    result = check(world, token.encode() if media_type.endswith("+cose") else token, media_type)
    assert result.verified is False


@each(
    "changes",
    [{"issuer": "did:web:other.example.com"}, {"proof": {"type": "X"}}, {"validFrom": "x"}],
    ids=["issuer", "proof", "validFrom"],
)
def test_what_would_not_verify_is_not_put_into_a_token(world, changes):
    with pytest.raises(MalformedCredential):
        enveloping.secure(plain(world) | changes, world.issuer, loader=world.loader)
    with pytest.raises(UnsafeJsonLd):
        enveloping.secure(plain(world) | {"typo": 1}, world.issuer, loader=world.loader)


# --- vc+sd-jwt ----------------------------------------

HIDDEN = ["/credentialSubject/ratedCapacity", "/credentialSubject/id"]


def selective(world, **options) -> str:
    return enveloping.secure_selectively(plain(world), world.issuer, HIDDEN, loader=world.loader, **options)


def test_a_holder_shows_a_part_and_it_verifies_as_derived(world):
    token = selective(world, decoys=4)
    part = enveloping.disclose(token, ["/credentialSubject/id"])
    result = check(world, part, VC_SD_JWT)
    assert result.verified is True
    (credential,) = result.credentials
    assert credential.derived is True
    assert set(credential.document["credentialSubject"]) == {"id"}
    whole = check(world, token, VC_SD_JWT).credentials[0].document
    assert whole == plain(world)


def test_a_view_without_any_claim_is_no_credential(world):
    assert check(world, enveloping.disclose(selective(world), []), VC_SD_JWT).check(1).outcome is Outcome.FAILED


def test_a_disclosure_of_another_token_is_refused(world):
    first, other = sd_jwt.split(selective(world)), sd_jwt.split(selective(world))
    mixed = str(sd_jwt.Presented(first.issuer_token, other.disclosures))
    assert check(world, mixed, VC_SD_JWT).check(2).outcome is Outcome.FAILED


@each("pointer", ["", "/issuer", "/type", "/validFrom", "/@context/0", "/credentialSubject", "/nothing", "/id"])
def test_what_a_verifier_decides_by_cannot_be_hidden(world, pointer):
    with pytest.raises(UsageError):
        enveloping.secure_selectively(plain(world), world.issuer, [pointer], loader=world.loader)


@each("pointer", ["/validUntil", "/credentialStatus", "/type/1", "/cnf"])
def test_an_issuer_that_hid_it_all_the_same_is_not_believed(world, pointer):
    """A holder who could leave out the end of a credential's validity would have one for ever."""
    entry = status_list.entry(f"{world.base}/status/1", 7, "revocation")
    claims = world.unsigned(validUntil="2028-01-01T00:00:00Z", credentialStatus=entry) | {"cnf": {}}
    payload, disclosures = sd_jwt.conceal(claims, [pointer])
    token = str(sd_jwt.Presented(token_of(world, payload, typ="vc+sd-jwt"), disclosures))
    with pytest.raises(ProofError, match="must not be hidden"):
        opened(world, token, VC_SD_JWT)


# --- key binding ----------------------------------------


@pytest.fixture
def holder() -> KeySigner:
    return KeySigner(PrivateKey.generate())


@pytest.fixture
def shown(world, holder) -> str:
    token = selective(world, holder_key=holder.public_key)
    part = enveloping.disclose(token, ["/credentialSubject/id"])
    return enveloping.bind(part, holder, challenge=NONCE, domain=DOMAIN, at=world.now)


def test_a_bound_token_verifies_for_its_occasion(world, shown):
    result = check(world, shown, VC_SD_JWT, challenge=NONCE, domain=DOMAIN)
    assert result.verified is True
    assert opened(world, shown, VC_SD_JWT).bound is True


@pytest.mark.parametrize("asked", [{"challenge": "c2"}, {"domain": "https://elsewhere.example.org"}])
def test_a_bound_token_does_not_answer_another_question(world, shown, asked):
    result = check(world, shown, VC_SD_JWT, **({"challenge": NONCE, "domain": DOMAIN} | asked))
    assert result.check(2).outcome is Outcome.FAILED


def test_a_token_without_binding_is_refused_where_a_challenge_was_given(world):
    result = check(world, selective(world), VC_SD_JWT, challenge=NONCE, domain=DOMAIN)
    assert result.check(2).outcome is Outcome.FAILED
    # A plain token cannot be bound to an occasion at all.
    assert check(world, jwt(world), challenge=NONCE, domain=DOMAIN).verified is False


def test_a_binding_by_another_key_or_over_other_disclosures_is_refused(world, holder, shown):
    presented = sd_jwt.split(shown)
    fewer = str(sd_jwt.Presented(presented.issuer_token, (), presented.binding))
    with pytest.raises(ProofError, match="other disclosures"):
        opened(world, fewer, VC_SD_JWT)
    unbound = str(sd_jwt.Presented(presented.issuer_token, presented.disclosures))
    stranger = KeySigner(PrivateKey.generate())
    with pytest.raises(ProofError):
        opened(world, enveloping.bind(unbound, stranger, challenge=NONCE, domain=DOMAIN, at=world.now), VC_SD_JWT)
    with pytest.raises(UsageError, match="already"):
        enveloping.bind(shown, holder, challenge=NONCE, domain=DOMAIN, at=world.now)


@pytest.mark.parametrize("minutes", [-11, 6])
def test_a_binding_that_is_not_of_this_moment_is_refused(world, holder, minutes):
    token = selective(world, holder_key=holder.public_key)
    at = world.now + timedelta(minutes=minutes)
    with pytest.raises(ProofError, match="of this moment"):
        opened(world, enveloping.bind(token, holder, challenge=NONCE, domain=DOMAIN, at=at), VC_SD_JWT)


@pytest.mark.parametrize("confirmation", [None, {}, {"jwk": {}}, {"jwk": "x"}, [], {"kid": 5}])
def test_a_binding_to_a_token_that_names_no_holder_is_refused(world, holder, confirmation):
    claims = plain(world) | ({} if confirmation is None else {"cnf": confirmation})
    payload, _ = sd_jwt.conceal(claims, [])
    token = token_of(world, payload, typ="vc+sd-jwt") + "~"
    bound = enveloping.bind(token, holder, challenge=NONCE, domain=DOMAIN, at=world.now)
    with pytest.raises(ProofError, match="no key of its holder"):
        opened(world, bound, VC_SD_JWT)


def test_a_holder_may_be_named_by_a_method_of_a_did_document(world, holder):
    payload, _ = sd_jwt.conceal(plain(world) | {"cnf": {"kid": holder.verification_method}}, [])
    token = token_of(world, payload, typ="vc+sd-jwt") + "~"
    assert opened(world, enveloping.bind(token, holder, challenge=NONCE, domain=DOMAIN, at=world.now), VC_SD_JWT).bound


@pytest.mark.parametrize("claims", [{"nonce": 1}, {"aud": None}, {"iat": "now"}, {"sd_hash": "x"}, {"iat": ...}])
def test_a_binding_with_a_claim_of_the_wrong_kind_is_refused(world, holder, claims):
    presented = sd_jwt.split(selective(world, holder_key=holder.public_key))
    good = {
        "iat": int(world.now.timestamp()), "aud": DOMAIN, "nonce": NONCE,
        "sd_hash": sd_jwt.digest_of(presented.bound, "sha-256"),
    }  # fmt: skip
    made = {key: value for key, value in (good | claims).items() if value is not ...}
    with pytest.raises(ProofError):
        opened(world, f"{presented}{jose.sign(made, holder, typ='kb+jwt')}", VC_SD_JWT)


# --- vp+jwt ----------------------------------------


def presented(world, **options) -> dict:
    options = {"challenge": NONCE, "domain": DOMAIN, "at": world.now} | options
    members = [envelope(VC_JWT, jwt(world)), world.pack(2, credentialStatus=...)]
    return envelope(VP_JWT, enveloping.secure_presentation(members, world.stranger, **options))


def test_a_presentation_in_a_token_verifies_for_its_occasion_and_names_its_holder(world):
    result = world.verify(presented(world), challenge=NONCE, domain=DOMAIN)
    assert result.verified is True
    assert result.holder == world.stranger.id
    assert len(result.credentials) == 2
    assert result.presentation.check(2).part("controller") is Outcome.PASSED
    # Without a challenge of one's own, a signature shows that somebody once presented it, and no more.
    assert world.verify(presented(world)).holder is None


@each("asked", [{"challenge": "c2"}, {"domain": "https://elsewhere.example.org"}])
def test_a_presentation_for_another_occasion_is_refused(world, asked):
    result = world.verify(presented(world), **({"challenge": NONCE, "domain": DOMAIN} | asked))
    assert (result.verified, result.holder) == (False, None)


def test_a_presentation_that_somebody_else_signed_is_refused(world):
    claims = {
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": world.issuer.id, "nonce": NONCE, "aud": [DOMAIN], "verifiableCredential": [],
    }  # fmt: skip
    document = envelope(VP_JWT, token_of(world, claims, world.stranger, typ="vp+jwt"))
    result = world.verify(document, challenge=NONCE, domain=DOMAIN)
    assert (result.verified, result.presentation.check(2).code) == (False, "foreign-key")


def test_a_presentation_signed_with_a_key_for_assertion_alone_is_refused(world):
    document = did_web.document(
        world.did_web, {"new": world.issuer.signer.public_key}, {"2026": world.web_key.public_key}
    )
    signed = enveloping.secure_presentation([], world.web_issuer, challenge=NONCE, domain=DOMAIN, at=world.now)
    with pytest.raises(ProofError, match="not a key for authentication"):
        opened(world, signed, VP_JWT, resolver=DidResolver({world.did_web: document}))


@each("options", [{"challenge": ""}, {"domain": ""}])
def test_a_presentation_for_nobody_is_not_signed(world, options):
    with pytest.raises(UsageError):
        presented(world, **options)


@each(
    "changes",
    [
        {"id": "data:application/vc+jwt,a.b.c"},
        {"id": "x"},
        {"@context": []},
        {"holder": "x"},
        {"id": "data:application/vp+jwt,x"},
    ],
    ids=repr,
)
def test_an_envelope_that_holds_no_presentation_is_refused(world, changes):
    assert world.verify(presented(world) | changes, challenge=NONCE, domain=DOMAIN).verified is False


@each("name", ["data:application/vp+jwt;base64,YS5iLmM=", "data:application/vp+cose,0oRD"])
def test_binary_as_text_and_text_as_binary_are_refused(world, name):
    assert world.verify(presented(world) | {"id": name}).presentation.check(1).outcome is Outcome.FAILED


@each("ask", [DOMAIN, DOMAIN + "/"])
@each("signed", [DOMAIN, DOMAIN + "/"])
def test_a_slash_behind_the_domain_makes_no_difference(world, ask, signed):
    result = world.verify(presented(world, domain=signed), challenge=NONCE, domain=ask)
    assert (result.verified, result.holder) == (True, world.stranger.id)


# --- vp+sd-jwt ------------------------------------------------------------------------------------------------------


def selectively(world, hidden=(), **options) -> str:
    options = {"challenge": NONCE, "domain": DOMAIN, "at": world.now} | options
    members = [envelope(VC_JWT, jwt(world)), world.pack(2, credentialStatus=...)]
    return enveloping.secure_presentation_selectively(members, world.stranger, hidden, **options)


def test_a_presentation_with_a_key_binding_verifies_for_its_occasion(world):
    result = world.verify(envelope(VP_SD_JWT, selectively(world)), challenge=NONCE, domain=DOMAIN)
    assert (result.verified, result.holder, len(result.credentials)) == (True, world.stranger.id, 2)
    assert result.presentation.check(2).detail.startswith("vp+sd-jwt ES256")


def test_a_presentation_may_leave_out_a_credential_that_it_was_signed_with(world):
    result = world.verify(
        envelope(VP_SD_JWT, selectively(world, ["/verifiableCredential/1"])), challenge=NONCE, domain=DOMAIN
    )
    assert (result.verified, len(result.credentials)) == (True, 1)


@each("pointer", [
        "/holder", "/type", "/verifiableCredential", "/cnf", "/iat", "/@context", "/verifiableCredential/1/issuer",
        "/verifiableCredential/1/credentialSubject/ratedCapacity",
    ],
)  # fmt: skip
def test_what_a_verifier_decides_by_cannot_be_hidden_in_a_presentation(world, pointer):
    with pytest.raises(UsageError, match="cannot be hidden"):
        selectively(world, [pointer])


def test_a_presentation_whose_key_binding_was_taken_off_is_refused(world):
    token = selectively(world).rpartition("~")[0] + "~"
    assert world.verify(envelope(VP_SD_JWT, token), challenge=NONCE, domain=DOMAIN).verified is False
    with pytest.raises(ProofError, match="no key binding"):
        opened(world, token, VP_SD_JWT, challenge=NONCE)


@each("asked", [{"challenge": "c2"}, {"domain": "https://elsewhere.example.org"}])
def test_a_key_binding_of_a_presentation_for_another_occasion_is_refused(world, asked):
    result = world.verify(envelope(VP_SD_JWT, selectively(world)), **({"challenge": NONCE, "domain": DOMAIN} | asked))
    assert (result.verified, result.holder) == (False, None)


def test_a_key_binding_by_another_key_than_the_holders_is_refused(world):
    accomplice = KeySigner(PrivateKey.generate())
    claims = {
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": world.stranger.id, "verifiableCredential": [], "cnf": {"jwk": accomplice.public_key.jwk},
    }  # fmt: skip
    presented = sd_jwt.Presented(token_of(world, claims, world.stranger, typ="vp+sd-jwt"), ())
    binding = {
        "iat": int(world.now.timestamp()), "aud": DOMAIN, "nonce": NONCE,
        "sd_hash": sd_jwt.digest_of(presented.bound, "sha-256"),
    }  # fmt: skip
    token = f"{presented}{jose.sign(binding, accomplice, typ='kb+jwt')}"
    with pytest.raises(ProofError, match="not by the key that signed"):
        opened(world, token, VP_SD_JWT, challenge=NONCE, domain=DOMAIN)


@each("form", ["vc+jwt", "vc+cose"])
def test_a_kid_that_is_a_did_key_alone_means_its_one_key(world, form):
    signer = KeySigner(world.issuer.signer.private_key, world.issuer.id)
    if form == "vc+jwt":
        token = jose.sign(plain(world), signer, typ=form)
    else:
        token = cose.sign(plain(world), signer, typ=f"application/{form}", content_type="application/vc")
    assert check(world, token, f"application/{form}").verified is True


def test_a_disclosure_that_brings_another_holder_is_refused(world):
    claims = {
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": world.stranger.id, "verifiableCredential": [],
    }  # fmt: skip
    payload, disclosures = sd_jwt.conceal(claims, ["/holder"])
    kid = {"kid": world.stranger.signer.verification_method}
    token = token_of(world, payload, world.stranger, typ="vp+sd-jwt", **kid)
    with pytest.raises(ProofError, match="must not be hidden"):
        opened(world, str(sd_jwt.Presented(token, disclosures)), VP_SD_JWT)


def test_a_credential_does_not_pass_for_a_presentation_of_the_same_form(world):
    for typ, media_type in (("vc+sd-jwt", VP_SD_JWT), ("vp+sd-jwt", VC_SD_JWT)):
        with pytest.raises(ProofError, match="another kind"):
            opened(world, token_of(world, plain(world), typ=typ) + "~", media_type)


# --- hostile tokens, rightly signed ----------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["_sd", "...", "id", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)
places = st.sampled_from(
    [
        "@context",
        "id",
        "type",
        "issuer",
        "validFrom",
        "credentialSubject",
        "credentialStatus",
        "relatedResource",
        "holder",
        "verifiableCredential",
        "iss",
        "sub",
        "jti",
        "iat",
        "exp",
        "nbf",
        "aud",
        "nonce",
        "cnf",
        "_sd",
        "_sd_alg",
        "...",
    ]
)


@given(st.dictionaries(places, values, max_size=3), st.sampled_from(enveloping.OPENED_HERE), st.booleans())
@settings(max_examples=example_count(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_signed_token_says_the_answer_is_a_result(world, changes, media_type, asked):
    claims = plain(world) | changes
    try:
        token = token_of(world, claims, typ=media_type.removeprefix("application/"))
        if media_type.endswith("+cose"):
            signer = world.issuer.signer
            token = cose.sign(claims, signer, typ=media_type, content_type=media_type[:14])
    except PassportError:
        return  # it cannot even be written as JSON
    token += "~" if media_type in (VC_SD_JWT, VP_SD_JWT) else type(token)()
    options = {"challenge": NONCE, "domain": DOMAIN} if asked else {}
    result = check(world, token, media_type, **options)
    json.dumps(result.to_json())
