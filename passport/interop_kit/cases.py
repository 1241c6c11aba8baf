"""The cases of the interoperability set, each with the verdict that is expected of every check, written by hand."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from passport.credentials import enveloping, status_list
from passport.credentials.credential import date_time
from passport.credentials.issuer import presentation
from passport.interop_kit.world import BASE, INSTANT, MODEL, OTHER, PACK, World, json_bytes

CHALLENGE, DOMAIN = "c0ffee", "verifier.example.net"
_PASSED = {str(number): "passed" for number in range(1, 7)}


@dataclass(frozen=True)
class Case:
    """One file of the set.

    :param shows: what it is there for, by language.
    :param expected: outcome of each check over the whole file, by its number; with a code where one decides.
    :param verified: True, False, or None: could not be determined.
    :param options: what the verifier is told beside the file: ``challenge``, ``domain``, ``about``.
    """

    name: str
    media_type: str
    shows: dict[str, str]
    document: Any
    verified: bool | None
    expected: dict[str, str]
    code: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its file in the set."""
        return f"cases/{self.name}.{'txt' if isinstance(self.document, str) else 'json'}"

    @property
    def data(self) -> bytes:
        """The bytes of its file."""
        return self.document.encode() if isinstance(self.document, str) else json_bytes(self.document)

    def tojson_bytes(self) -> dict[str, Any]:
        """Its entry in the manifest."""
        return {
            "name": self.name,
            "file": self.file,
            "mediaType": self.media_type,
            "sha256": hashlib.sha256(self.data).hexdigest(),
            "shows": self.shows,
            **({"options": self.options} if self.options else {}),
            "expected": {
                "verified": self.verified,
                "exitCode": {True: 0, False: 1, None: 3}[self.verified],
                "checks": self.expected,
                **({} if self.code is None else {"code": self.code}),
            },
        }


def cases(world: World) -> Iterator[Case]:
    """Every case with its verdict. What is not named in ``checks`` is expected to pass."""
    model, pack, lists = world.model(), world.pack(), (world.list(1), world.list(2))

    def case(
        name: str,
        english: str,
        chinese: str,
        document: Any,
        verified: bool | None = True,
        code: str | None = None,
        checks: dict[int, str] | None = None,
        kind: str = "application/vp",
        **options: str,
    ) -> Case:
        expected = _PASSED | {str(number): outcome for number, outcome in (checks or {}).items()}
        return Case(name, kind, {"en": english, "zh": chinese}, document, verified, expected, code, options)

    def saved(*members: dict[str, Any], **options: Any) -> dict[str, Any]:
        return presentation(members, **options)

    def changed(document: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        copied = copy.deepcopy(document)
        change(copied)
        return copied

    public = saved(model, pack, *lists)
    failed_proof = {2: "failed", 3: "not-reached", 4: "not-reached", 5: "not-reached"}
    yield case("good-public", "a pack and its model, with status lists", "电池包及其型号，附状态列表", public)
    yield case("good-model", "a model alone", "仅型号", saved(model, *lists))
    yield case(
        "good-single",
        "one credential; its status could not be checked without a list",
        "单份凭证；没有列表，状态未核验",
        pack,
        None,
        "no-status-list",
        {4: "undetermined"},
        "application/vc",
    )
    yield case(
        "good-read-out",
        "a derived view of a read-out (ecdsa-sd-2023) beside pack and model",
        "电池状况的派生视图（ecdsa-sd-2023），附电池包与型号",
        saved(model, pack, world.read_out(), *lists, world.list(3)),
    )
    web = [world.model(by=world.web), world.pack(by=world.web)]
    yield case(
        "good-did-web",
        "signed by a did:web issuer whose DID document the trust list pins",
        "由did:web签发方签署，其DID文档固定在信任名录中",
        saved(*web, world.list(1, by=world.web), world.list(2, by=world.web)),
    )
    yield case("good-asked", "the battery that was asked for", "与所查询的电池一致", public, about=PACK)
    yield case(
        "superseded-read-out",
        "a read-out whose refresh bit is set: it passes, and a newer one exists",
        "refresh位已置位的读数：核验通过，且已有更新的读数",
        saved(model, pack, world.read_out(), *lists, world.list(3, 7)),
    )
    yield case(
        "tampered-value",
        "one value was changed",
        "一项值被更改",
        changed(public, lambda d: d["verifiableCredential"][0]["credentialSubject"].update(ratedCapacity="300.0")),
        False,
        "invalid-signature",
        failed_proof,
    )
    yield case(
        "respelled",
        "the same graph in another JSON spelling: a list of one for a value",
        "同一图的另一种JSON写法：单个值写成列表",
        changed(public, lambda d: d["verifiableCredential"][0]["credentialSubject"].update(ratedCapacity=["280.0"])),
        False,
        "respelled",
        {1: "failed", 2: "not-reached", 3: "not-reached", 4: "not-reached", 5: "not-reached"},
    )
    yield case(
        "revoked",
        "the pack's revocation bit is set",
        "电池包的撤销位已置位",
        saved(model, world.pack(status=((1, "revocation", 9), (2, "suspension", 9))), world.list(1, 9), lists[1]),
        False,
        "revoked",
        {4: "failed"},
    )
    yield case(
        "suspended",
        "the pack's suspension bit is set",
        "电池包的暂停位已置位",
        saved(model, world.pack(status=((1, "revocation", 9), (2, "suspension", 9))), lists[0], world.list(2, 9)),
        False,
        "suspended",
        {4: "failed"},
    )
    yield case(
        "stale-list",
        "the status lists are past their time: status unknown, nothing wrong",
        "状态列表已过期：状态未知，并非有误",
        saved(model, pack, world.list(1, days=9), world.list(2, days=9)),
        None,
        "unusable-status-list",
        {4: "undetermined"},
    )
    yield case(
        "missing-list",
        "no status list in the file",
        "文件中没有状态列表",
        saved(model, pack),
        None,
        "no-status-list",
        {4: "undetermined"},
    )
    yield case(
        "tampered-list",
        "a status list was changed",
        "状态列表被更改",
        saved(model, pack, changed(lists[0], lambda d: d.update(validUntil="2099-01-01T00:00:00Z")), lists[1]),
        False,
        "invalid-signature",
        {2: "failed", 3: "not-reached", 4: "undetermined", 5: "not-reached"},
    )
    yield case(
        "expired",
        "the pack credential has ended",
        "电池包凭证已过期",
        saved(model, world.pack(validUntil=date_time(INSTANT - timedelta(hours=1))), *lists),
        False,
        "expired",
        {3: "failed"},
    )
    yield case(
        "unknown-issuer",
        "signed by somebody who is not on the trust list",
        "签发方不在信任名录中",
        saved(
            world.model(by=world.stranger),
            world.pack(by=world.stranger),
            world.list(1, by=world.stranger),
            world.list(2, by=world.stranger),
        ),
        False,
        "issuer-not-accepted",
        {5: "failed"},
    )
    yield case(
        "foreign-member",
        "a credential of an unknown issuer was added, and calls itself a status list too",
        "加入了未知签发方的凭证，并自称状态列表",
        saved(
            model,
            pack,
            *lists,
            world.sign(
                world.unsigned(
                    "BatteryModelCredential",
                    MODEL,
                    {"batteryModelIdentifier": "X"},
                    by=world.stranger,
                    status=(),
                    type=["VerifiableCredential", "BatteryModelCredential", status_list.LIST_CREDENTIAL],
                ),
                world.stranger,
            ),
        ),
        False,
        "issuer-not-accepted",
        {5: "failed", 6: "failed"},
    )
    yield case(
        "outside-namespace",
        "a trusted issuer speaks of a battery outside its namespace",
        "获认可的签发方所述电池不在其命名空间内",
        saved(
            world.model(by=world.rival),
            world.pack(by=world.rival),
            world.list(1, by=world.rival),
            world.list(2, by=world.rival),
        ),
        False,
        "subject-not-accepted",
        {5: "failed"},
    )
    yield case(
        "two-packs",
        "a genuine read-out of another pack",
        "另一电池包的真实读数",
        saved(model, pack, world.read_out(subject=OTHER), *lists, world.list(3)),
        False,
        "other-pack",
        {6: "failed"},
    )
    yield case(
        "another-model",
        "a genuine model that the pack does not name",
        "电池包未指向的真实型号",
        saved(world.model(f"{BASE}/id/NL-200"), pack, *lists),
        False,
        "other-model",
        {6: "failed"},
    )
    yield case(
        "another-asked",
        "a genuine passport of another battery than was asked for",
        "真实护照，但属于另一电池",
        public,
        False,
        "other-asked",
        {6: "failed"},
        about=OTHER,
    )
    yield case(
        "unknown-cryptosuite",
        "a cryptosuite that nobody has to know",
        "未知的密码套件",
        changed(saved(pack, *lists), lambda d: d["verifiableCredential"][0]["proof"].update(cryptosuite="x-2026")),
        None,
        "unknown-proof",
        {2: "undetermined", 6: "not-reached"},
    )
    yield case(
        "unknown-context",
        "a context that is not pinned",
        "未固定的上下文",
        changed(
            saved(pack, *lists), lambda d: d["verifiableCredential"][0]["@context"].append("https://unknown.example/v1")
        ),
        None,
        "unknown-context",
        {1: "undetermined", 2: "not-reached", 3: "not-reached", 4: "not-reached", 5: "not-reached", 6: "not-reached"},
    )
    held = world.holder.present([model, pack, *lists], challenge=CHALLENGE, domain=DOMAIN, created=INSTANT)
    yield case(
        "presented",
        "a presentation that its holder signed for a challenge",
        "持有者应质询签署的可验证展示",
        held,
        challenge=CHALLENGE,
        domain=DOMAIN,
    )
    yield case(
        "presented-elsewhere",
        "the same presentation, and another challenge was asked",
        "同一展示，但质询不同",
        held,
        False,
        None,
        {},
        challenge="another",
        domain=DOMAIN,
    )
    plain = world.unsigned("BatteryModelCredential", MODEL, {"batteryModelIdentifier": "NL-100"}, status=())
    token = enveloping.secure(plain, world.maker)
    yield case("token-vc-jwt", "a model as vc+jwt", "vc+jwt格式的型号", token, kind="application/vc+jwt")
    hidden = enveloping.secure_selectively(plain, world.maker, ["/credentialSubject/batteryModelIdentifier"])
    yield case(
        "token-vc-sd-jwt",
        "a model as vc+sd-jwt, its one claim disclosed",
        "vc+sd-jwt格式的型号，披露其唯一声明",
        hidden,
        kind="application/vc+sd-jwt",
    )
    cose = enveloping.envelope(enveloping.VC_COSE, enveloping.secure_as_cose(plain, world.maker))
    yield case(
        "envelope-vc-cose",
        "a model as vc+cose, in its envelope",
        "vc+cose格式的型号（信封）",
        cose,
        kind="application/vc",
    )
    shown = enveloping.secure_presentation(
        [model, pack, *lists], world.holder, challenge=CHALLENGE, domain=DOMAIN, at=INSTANT
    )
    yield case(
        "token-vp-jwt",
        "a presentation as vp+jwt, signed for a challenge",
        "vp+jwt格式的展示，应质询签署",
        shown,
        kind="application/vp+jwt",
        challenge=CHALLENGE,
        domain=DOMAIN,
    )
    yield case(
        "token-vc-jwt-tampered",
        "the same token with another signature",
        "同一令牌，签名被更改",
        token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8),
        False,
        "invalid-signature",
        failed_proof | {6: "not-reached"},
        kind="application/vc+jwt",
    )
