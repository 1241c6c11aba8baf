"""One project folder: where an operator's configuration, keys, store and trust list are.

    passport.toml           base URL, issuer, regimes, access policy, store
    keys/                   private keys (mode 600), one PEM file each; keys/holders/ those of role holders in the demo;
                            keys/vehicles/ shared keys for hashes of vehicles
    trusted-issuers.json    the issuers that this operator trusts, and for which credentials
    did.json                the operator's own DID document, where it issues as did:web
    passports.db            the store, unless passport.toml says where else it is
    state.db                the resolver's own state (token secret, used challenges, access log)
    register.db             the register of the passports of others, where this project is one
    registrations.db        the outbox of registrations at a register
    workspace.db            the workspace's people, drafts, orders and requests
    out/                    what commands write

Found by ``--project``, ``PASSPORT_PROJECT``, else the current folder. ``PASSPORT_STORE`` names another store for it:
the same one in another role, say. Opening a project reads no key.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from passport.battery.identifiers.address import check_base_url
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import MalformedDocument, UnusableProject
from passport.identity import DidResolver, did_web, shared_secret
from passport.identity.keys import PrivateKey
from passport.identity.shared_secret import SharedSecret
from passport.identity.signer import KeySigner, Signer
from passport.linked_data import strict_json
from passport.store import Store
from passport.texts import Message

CONFIGURATION = "passport.toml"
ISSUER_KEY = Path("keys") / "issuer.pem"
DID_DOCUMENT = "did.json"
VEHICLE_KEYS = Path("keys") / "vehicles"
#: A web origin. It goes into the content security policy of every page, where a blank or semicolon would end a rule.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?").fullmatch


@dataclass(frozen=True)
class Project:
    """A project folder and what its ``passport.toml`` says.

    :ivar base_url: address under which passports are published, without a closing slash; never taken from a request.
    :ivar issuer: DID of the economic operator that issues.
    :ivar verification_method: URL of the key in the issuer's DID document that signs.
    :ivar regimes: codes of the regimes that a pack is validated against before it is issued, as far as they apply.
    :ivar access_policy: ``article-77`` (default) or ``annex-xiii``, see docs/decisions.
    :ivar store: SQLAlchemy URL of the store, without a password; None: ``passports.db`` in the folder.
    :ivar key_file: file of the private key that signs, from the folder; None: ``keys/issuer.pem``.
    :ivar signer: address of a key that is in no file: a PKCS#11 token or a signing service
        (:mod:`passport.identity.signers.signer_address`), which is used instead of the file; None: there is none.
    :ivar workspace_url: origin of the workspace that takes requests for access from strangers; None: there is none.
    """

    folder: Path
    base_url: str
    issuer: str
    verification_method: str
    regimes: tuple[str, ...] = ("eu", "cn")
    access_policy: str = "article-77"
    store: str | None = None
    key_file: str | None = None
    signer: str | None = None
    workspace_url: str | None = None

    @classmethod
    def find(cls, folder: str | None) -> Project:
        """The project in ``folder``, in ``PASSPORT_PROJECT`` or in the current folder.

        :raises UnusableProject: there is none, or its configuration is unusable.
        """
        project = cls.open(Path(folder or os.environ.get("PASSPORT_PROJECT") or "."))
        return replace(project, store=os.environ.get("PASSPORT_STORE") or project.store)

    @classmethod
    def open(cls, folder: Path) -> Project:
        path = folder / CONFIGURATION
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UnusableProject(
                Message("no {configuration} in {folder}", configuration=CONFIGURATION, folder=folder.resolve())
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error
        known = {
            "base_url", "issuer", "verification_method", "regimes", "access_policy", "store", "key_file", "signer",
            "workspace_url",
        }  # fmt: skip
        unknown = sorted(set(settings) - known)
        if unknown:
            raise UnusableProject(
                Message("{path}: unknown setting", path=path),
                expected=Message("one of {names}", names=", ".join(sorted(known))),
                found=unknown[0],
            )
        for name in ("base_url", "issuer", "verification_method"):
            if not isinstance(settings.get(name), str):
                raise UnusableProject(
                    Message("{path}: {name} is missing", path=path, name=name), expected=Message("a text")
                )
        policy = settings.get("access_policy", "article-77")
        if policy not in ("article-77", "annex-xiii"):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="access_policy"),
                expected=Message("article-77 or annex-xiii"),
                found=repr(policy),
            )
        store = settings.get("store")
        if store is not None and not isinstance(store, str):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="store"),
                expected=Message("an address"),
                found=type(store).__name__,
            )
        key_file = settings.get("key_file")
        if key_file is not None and (not isinstance(key_file, str) or not key_file.strip()):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="key_file"),
                expected=Message("such as keys/issuer.pem"),
                found=repr(key_file)[:80],
            )
        signer = settings.get("signer")
        if signer is not None and (not isinstance(signer, str) or not signer.strip()):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="signer"),
                expected=Message("such as {address}", address="pkcs11:token=…;object=…?module-path=…"),
                found=repr(signer)[:80],
            )
        workspace_url = settings.get("workspace_url")
        if workspace_url is not None and not (isinstance(workspace_url, str) and _ORIGIN(workspace_url)):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="workspace_url"),
                expected=Message("such as {address}", address="https://work.example.com"),
                found=repr(workspace_url)[:80],
            )
        regimes = settings.get("regimes", ["eu", "cn"])
        if not isinstance(regimes, list) or not all(isinstance(code, str) for code in regimes):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="regimes"),
                expected=Message("a list of regime codes"),
                found=repr(regimes),
            )
        return cls(
            folder,
            check_base_url(settings["base_url"]),
            settings["issuer"],
            settings["verification_method"],
            tuple(regimes),
            policy,
            store,
            key_file,
            signer,
            workspace_url,
        )

    def write(self) -> None:
        """Write ``passport.toml``. Values are DIDs, URLs and codes, which TOML takes as they are."""
        (self.folder / CONFIGURATION).write_text(
            "# Battery passports of this operator. Keys are in keys/, never in this file.\n"
            f'base_url = "{self.base_url}"\n'
            f'issuer = "{self.issuer}"\n'
            f'verification_method = "{self.verification_method}"\n'
            f"regimes = [{', '.join(repr(code).replace(chr(39), chr(34)) for code in self.regimes)}]\n"
            f'access_policy = "{self.access_policy}"\n'
            + (f'store = "{self.store}"\n' if self.store else "")
            + (f'key_file = "{self.key_file}"\n' if self.key_file else "")
            + (f'signer = "{self.signer}"\n' if self.signer else "")
            + (f'workspace_url = "{self.workspace_url}"\n' if self.workspace_url else ""),
            encoding="utf-8",
        )

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.folder.resolve() / 'passports.db'}"

    def has_store(self) -> bool:
        """Whether there is a store to be opened: an embedded one is made by the first command that writes."""
        return self.store is not None or (self.folder / "passports.db").exists()

    def open_store(self) -> Store:
        """:raises UnusableProject: it cannot be opened."""
        return Store.open(self.store_url)

    @property
    def state_path(self) -> Path:
        return self.folder.resolve() / "state.db"

    @property
    def workspace_path(self) -> Path:
        return self.folder.resolve() / "workspace.db"

    @property
    def trust_list_path(self) -> Path:
        return self.folder / "trusted-issuers.json"

    @property
    def register_path(self) -> Path:
        """File of the register of passports, where this project is one."""
        return self.folder.resolve() / "register.db"

    @property
    def registrations_path(self) -> Path:
        """File of the outbox of registrations at another operator's register."""
        return self.folder.resolve() / "registrations.db"

    def trust_list(self) -> TrustList:
        return TrustList.load(self.trust_list_path)

    # --- the issuer's identity --------------------------------------------------------------------------------------

    @property
    def key_path(self) -> Path:
        """File of the private key that signs. It is absent where only pages are served."""
        return self.folder / (self.key_file or ISSUER_KEY)

    def vehicle_keys(self) -> tuple[SharedSecret, ...]:
        """The shared keys for hashes of vehicles, by id; a new event carries a hash under each.

        :raises KeyFileError: one of them cannot be read.
        """
        paths = (self.folder / VEHICLE_KEYS).glob(f"*{shared_secret.SUFFIX}")
        return tuple(SharedSecret.load(path) for path in sorted(paths))

    def keep_vehicle_key(self, secret: SharedSecret) -> Path:
        """Write a shared key into the project. :returns: its file.

        :raises KeyFileError: there is one of that id already.
        """
        folder = self.folder / VEHICLE_KEYS
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{secret.id}{shared_secret.SUFFIX}"
        secret.save(path)
        return path

    @property
    def did_document_path(self) -> Path:
        return self.folder / DID_DOCUMENT

    def own_documents(self) -> tuple[Mapping[str, Any], ...]:
        """The issuer's DID document as the world gets it (``did.json``) and as the trust list pins it, where they are.

        Empty for a did:key, whose document is computed.

        :raises UnusableProject: ``did.json`` cannot be read, or is the document of another DID.
        :raises MalformedTrustList: the trust list cannot be read.
        """
        if not self.issuer.startswith(did_web.PREFIX):
            return ()
        documents: list[Mapping[str, Any]] = []
        if self.did_document_path.exists():
            documents.append(self._served_document())
        pinned = self.trust_list().did_documents().get(self.issuer)
        return (*documents, pinned) if pinned is not None else tuple(documents)

    def _served_document(self) -> Mapping[str, Any]:
        path = self.did_document_path
        try:
            document = strict_json.loads(path.read_bytes())
        except (OSError, MalformedDocument) as error:
            raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error
        if not isinstance(document, dict) or document.get("id") != self.issuer:
            raise UnusableProject(
                Message("{path} is not the issuer's DID document", path=path),
                expected=Message("id {issuer}", issuer=self.issuer),
            )
        return document

    def resolvers(self) -> tuple[DidResolver, ...]:
        """Each of :meth:`own_documents` as verifiers use it. One resolver without documents for a did:key.

        :raises UnusableProject: the issuer is a did:web and no DID document is at hand.
        """
        documents = self.own_documents()
        if not documents and self.issuer.startswith(did_web.PREFIX):
            raise UnusableProject(
                Message("no DID document of {issuer} is at hand", issuer=self.issuer),
                expected=Message(
                    "{did_document} in {folder}, or didDocument in {name}",
                    did_document=DID_DOCUMENT,
                    folder=self.folder,
                    name=self.trust_list_path.name,
                ),
                hint=Message("passport key did-document prints one. Without it, the right key cannot be determined."),
            )
        return tuple(DidResolver({self.issuer: dict(document)}) for document in documents) or (DidResolver(),)

    def issuer_with_key(self, passphrase: bytes | None) -> Issuer:
        """The issuer with its private key loaded. Only commands that sign call this, and all of them do.

        The key is held against every DID document of the project: the served one tells the world, the pinned one tells
        this site. The first signature of each kind is verified with the pinned one, before anything is stored.

        :raises KeyFileError: the key file is missing, readable by others, or the passphrase is wrong.
        :raises UnusableSigner: the project names another signer, and there is none.
        :raises ForeignKey: a DID document names another key.
        :raises ProofError: a DID document has no such verification method, or it is revoked.
        :raises UnusableProject: the issuer is a did:web and no DID document is at hand.
        """
        signer = self.open_signer(passphrase)
        return [Issuer(self.issuer, signer, resolver) for resolver in self.resolvers()][-1]

    def open_signer(self, passphrase: bytes | None) -> Signer:
        """What signs for this project: the key in its file, or the one behind the address of :attr:`signer`.

        :param passphrase: of the key file; the PIN of a token; of the client certificate for a signing service.
        :raises KeyFileError: the file is missing, readable by others, or the passphrase is wrong.
        :raises UnusableSigner: no key is behind the address.
        """
        if self.signer is None:
            return KeySigner(PrivateKey.load(self.key_path, passphrase), self.verification_method)
        # Loaded where it is needed: a resolver asks no other machine to sign.
        from passport.identity.signers.signer_address import open_signer

        return open_signer(self.signer, self.verification_method, self.folder, passphrase, self.resolvers()[-1])
