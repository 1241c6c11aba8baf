"""Configuration of the resolver: one frozen object, checked before the first request.

It is read from the project folder (``passport.toml``, ``trusted-issuers.json``, ``did.json`` where there is one).
No key of the issuer is read: the resolver runs where ``keys/`` is unreadable or absent.

    PASSPORT_PROJECT          the project folder
    PASSPORT_STORE            SQLAlchemy URL of the store; default: what passport.toml says, or passports.db beside it
    PASSPORT_TOKEN_LIFETIME   seconds that an access token lasts, 300 to 600; default 600
    PASSPORT_RATE_LIMIT       requests/seconds for one client and worker process, or "off"; default 600/60
    PASSPORT_PROXIES          how many proxies of ours a request passes; default 0
    PASSPORT_VEHICLE_KEYS     folder with the shared keys for hashes of vehicles, for the supervision desk; default none
    PASSPORT_STATUS_MAX_AGE   hours until a status list is too old for /health to be green; default 168
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passport.battery.identifiers.address import check_base_url
from passport.battery.privacy.rights import DEFAULT_POLICY, POLICIES
from passport.credentials.trust import TrustedIssuer, TrustList
from passport.errors import MalformedDocument, MalformedIdentifier, UnusableProject, UsageError
from passport.identity import did_web, shared_secret
from passport.identity.shared_secret import SharedSecret
from passport.linked_data import strict_json
from passport.project import Project
from passport.texts import Message, error_text, languages
from passport.vocabulary.credential_types import ROLE
from passport.vocabulary.vocabulary import Audience
from passport.web.limits import Limit
from resolver.health import MAX_AGE

TOKEN_LIFETIME_MIN, TOKEN_LIFETIME_MAX = 300, 600


@dataclass(frozen=True)
class ResolverConfig:
    """Everything that the resolver is told.

    :ivar base_url: where passports are published, without a closing slash; never taken from a request.
    :ivar state_path: SQLite file of the resolver's own state; made with mode 600.
    :ivar trust_list: who is trusted for which credentials, role credentials included.
    :ivar trust_path: the file of that list, read again when it changes; None: the list is what it is.
    :ivar store_url: SQLAlchemy URL of the store; not needed where a store is handed over.
    :ivar issuer_document: the operator's did:web document, served as ``/.well-known/did.json``; None: 404.
    :ivar issuer_document_path: file that is read for each request of it, so that a key that was revoked is gone at
        once; None keeps ``issuer_document`` for good.
    :ivar regimes: codes of the regimes that a page shows, as far as they apply to the battery.
    :ivar access_policy: ``article-77`` (default) or ``annex-xiii``: who may read point 2 of Annex XIII.
    :ivar token_lifetime: seconds.
    :ivar languages: of the pages; the first is the default.
    :ivar rate_limit: what one client may ask of one worker process.
    :ivar proxies: how many proxies of our own a request passes before it comes here.
    :ivar vehicle_keys: by which the desk hashes a VIN that is typed; none: no vehicle can be asked for.
    :ivar register_path: file of the register of other makers' passports; None: this site is none.
    :ivar register_reach: addresses of makers' resolvers that may be on a private network or this machine.
    :ivar workspace_url: origin of the workspace that takes requests for access; None: pages tell how to ask instead.
    :ivar status_max_age: how old a status list may be for ``/health`` to be green.
    """

    base_url: str
    state_path: Path
    trust_list: TrustList
    store_url: str | None = None
    issuer_document: Mapping[str, Any] | None = None
    issuer_document_path: Path | None = None
    regimes: tuple[str, ...] = ("eu", "cn")
    access_policy: str = DEFAULT_POLICY
    token_lifetime: int = TOKEN_LIFETIME_MAX
    languages: tuple[str, ...] = field(default_factory=languages)
    rate_limit: Limit = Limit()
    proxies: int = 0
    status_max_age: timedelta = MAX_AGE
    trust_path: Path | None = None
    vehicle_keys: tuple[SharedSecret, ...] = field(default=(), repr=False)
    register_path: Path | None = None
    register_reach: tuple[str, ...] = ()
    workspace_url: str | None = None

    def __post_init__(self) -> None:
        """:raises UnusableProject: a field is out of its range."""
        try:
            object.__setattr__(self, "base_url", check_base_url(self.base_url))
        except MalformedIdentifier as error:
            raise UnusableProject(error_text(error), hint=Message("Such as https://passport.example.com.")) from error
        if self.access_policy not in POLICIES:
            raise UnusableProject(
                Message("access policy"), expected=" or ".join(POLICIES), found=repr(self.access_policy)
            )
        lifetime = self.token_lifetime
        if (
            isinstance(lifetime, bool)
            or not isinstance(lifetime, int)
            or not (TOKEN_LIFETIME_MIN <= lifetime <= TOKEN_LIFETIME_MAX)
        ):
            raise UnusableProject(
                Message("token lifetime"),
                expected=Message("{least} to {most} seconds", least=TOKEN_LIFETIME_MIN, most=TOKEN_LIFETIME_MAX),
                found=repr(lifetime),
                hint=Message("Anybody who has a token can read with it, so it must not last long."),
            )
        if not 0 <= self.proxies <= 9:
            raise UnusableProject(Message("proxies"), expected=Message("0 to 9"), found=repr(self.proxies))
        if not timedelta(hours=1) <= self.status_max_age <= timedelta(days=366):
            raise UnusableProject(
                Message("age of a status list"), expected=Message("1 to 8784 hours"), found=str(self.status_max_age)
            )
        check_audiences(self.trust_list)
        if not self.languages or any(language not in languages() for language in self.languages):
            raise UnusableProject(Message("languages"), expected=" or ".join(languages()), found=repr(self.languages))

    @property
    def ask_url(self) -> str | None:
        """Address of the workspace to which the form of a passport page posts a request for access."""
        return None if self.workspace_url is None else f"{self.workspace_url}/ask"

    @property
    def root(self) -> str:
        """Path under which the site is mounted (``""`` at the top): links within a page need no host."""
        return urlsplit(self.base_url).path

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> ResolverConfig:
        """The configuration of the project that the environment names.

        :raises UnusableProject: it names none, or what it names cannot be used.
        """
        folder = environ.get("PASSPORT_PROJECT")
        if not folder:
            raise UnusableProject(
                Message("the resolver does not know its project"),
                expected=Message("PASSPORT_PROJECT=DIR"),
                found=Message("nothing"),
            )
        lifetime = environ.get("PASSPORT_TOKEN_LIFETIME", str(TOKEN_LIFETIME_MAX))
        project = Project.open(Path(folder))
        return cls.from_project(
            project,
            trust_path=project.trust_list_path,
            store_url=environ.get("PASSPORT_STORE") or None,
            token_lifetime=int(lifetime) if lifetime.isascii() and lifetime.isdecimal() else 0,
            rate_limit=Limit.parse(environ.get("PASSPORT_RATE_LIMIT", "600/60")),
            proxies=_number(environ.get("PASSPORT_PROXIES", "0")),
            status_max_age=timedelta(hours=_number(environ.get("PASSPORT_STATUS_MAX_AGE", "168"))),
            vehicle_keys=_vehicle_keys(environ.get("PASSPORT_VEHICLE_KEYS")),
            register_reach=tuple(environ.get("PASSPORT_REGISTER_REACH", "").split()),
        )

    @classmethod
    def from_project(
        cls,
        project: Project,
        *,
        store_url: str | None = None,
        token_lifetime: int = TOKEN_LIFETIME_MAX,
        **operation: Any,
    ) -> ResolverConfig:
        """The configuration that a project folder gives. Reads no key.

        :param operation: ``rate_limit``, ``proxies``, ``status_max_age`` and ``trust_path``, where they differ from the
            defaults.
        """
        # To visitors it is the list of this site, and its path stays private.
        trust_list = replace(project.trust_list(), source=None)
        document = _issuer_document(project, trust_list)
        return cls(
            base_url=project.base_url,
            state_path=project.state_path,
            trust_list=trust_list,
            store_url=store_url or project.store_url,
            issuer_document=document,
            issuer_document_path=None if document is None else project.did_document_path,
            regimes=project.regimes,
            access_policy=project.access_policy,
            token_lifetime=token_lifetime,
            register_path=project.register_path,
            workspace_url=project.workspace_url,
            **operation,
        )


def _vehicle_keys(folder: str | None) -> tuple[SharedSecret, ...]:
    """The shared keys in a folder.

    :raises UnusableProject: there is no such folder, or no key in it.
    :raises KeyFileError: one of them cannot be read.
    """
    if not folder:
        return ()
    paths = sorted(Path(folder).glob(f"*{shared_secret.SUFFIX}"))
    if not paths:
        raise UnusableProject(
            Message("there are no keys for hashes of vehicles in {path}", path=folder),
            expected=Message("a folder with files *{suffix}", suffix=shared_secret.SUFFIX),
        )
    return tuple(SharedSecret.load(path) for path in paths)


def check_audiences(trust_list: TrustList) -> None:
    """:raises UnusableProject: an entry names an audience that there is not."""
    known = {code.value for code in Audience if code is not Audience.PUBLIC}
    for issuer in trust_list.issuers:
        # A misspelt code would silently admit no one.
        if unknown := sorted((issuer.audiences or set()) - known):
            raise UnusableProject(
                Message("audiences of {issuer} in the trust list", issuer=issuer.name),
                expected=", ".join(sorted(known)),
                found=unknown[0][:80],
            )


def issuers_without_audiences(trust_list: TrustList) -> tuple[TrustedIssuer, ...]:
    """The issuers that are named for roles and whose roles admit no one, since their entries name no audiences."""
    return tuple(issuer for issuer in trust_list.issuers if ROLE in issuer.trusted_for and issuer.audiences is None)


def _number(text: str) -> int:
    """A number of the environment; -1, which every range refuses, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _issuer_document(project: Project, trust_list: TrustList) -> Mapping[str, Any] | None:
    """``did.json`` of the project folder, else the document that the trust list pins for this issuer."""
    if not project.issuer.startswith("did:web:"):
        return None
    path = project.did_document_path
    document = _read(path) if path.exists() else trust_list.did_documents().get(project.issuer)
    if document is not None and document.get("id") != project.issuer:
        raise UnusableProject(
            Message("{path} is not the issuer's DID document", path=path),
            expected=Message("id {did}", did=project.issuer),
        )
    # Served anywhere else than where the DID points, it could not be found.
    return document if document is not None and _served_at(project.issuer, project.base_url) else None


def current_document(config: ResolverConfig) -> Mapping[str, Any] | None:
    """The issuer's DID document as its file says now, else the one of the start; None where this is not its place.

    :raises UnusableProject: the file cannot be read any more, or is the document of another DID.
    """
    path, known = config.issuer_document_path, config.issuer_document
    if path is None or known is None:
        return known
    if not path.exists():
        # The trust list is read anew when its file changes.
        return config.trust_list.did_documents().get(known["id"], known)
    document = _read(path)
    if document.get("id") != known["id"]:
        raise UnusableProject(
            Message("{name} is not the issuer's DID document", name=path.name),
            expected=Message("id {did}", did=known["id"]),
        )
    return document


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = strict_json.loads(path.read_bytes())
    except (OSError, MalformedDocument) as error:
        raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error
    if not isinstance(document, dict):
        raise UnusableProject(
            Message("{path} is no DID document", path=path),
            expected=Message("an object"),
            found=type(document).__name__,
        )
    return document


def _served_at(did: str, base_url: str) -> bool:
    try:
        return did_web.url_for(did) in (f"{base_url}/.well-known/did.json", f"{base_url}/did.json")
    except UsageError as error:
        raise UnusableProject(
            Message("the issuer {did} is no usable did:web", did=did), found=error_text(error)
        ) from error
