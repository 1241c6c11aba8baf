"""One project folder: where an operator's configuration, keys, store and trust list are.

    passport.toml           base URL, issuer, regimes, access policy, store
    keys/                   private keys (mode 600), one PEM file each; keys/holders/ those of role holders in the demo
    trusted-issuers.json    whom this operator trusts, and for what
    passports.db            the store, unless passport.toml says where else it is
    state.db                the resolver's own state (token secret, used challenges, access log)
    out/                    what commands write

Found by ``--project``, ``PASSPORT_PROJECT``, else the current folder. ``PASSPORT_STORE`` names another store for it:
the same one in another role, say. Opening a project reads no key.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from passport.battery.address import check_base_url
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import UnusableProject
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.store import Store

CONFIGURATION = "passport.toml"
ISSUER_KEY = Path("keys") / "issuer.pem"


@dataclass(frozen=True)
class Project:
    """A project folder and what its ``passport.toml`` says.

    :ivar base_url: address under which passports are published, without a closing slash; never taken from a request.
    :ivar issuer: DID of the economic operator that issues.
    :ivar verification_method: URL of the key in the issuer's DID document that signs.
    :ivar regimes: codes of the regimes that a pack is validated against before it is issued, as far as they apply.
    :ivar access_policy: ``annex-xiii`` (default) or ``article-77``, see docs/decisions.
    :ivar store: SQLAlchemy URL of the store, without a password; None: ``passports.db`` in the folder.
    """

    folder: Path
    base_url: str
    issuer: str
    verification_method: str
    regimes: tuple[str, ...] = ("eu", "cn")
    access_policy: str = "annex-xiii"
    store: str | None = None

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
            raise UnusableProject(f"no {CONFIGURATION} in {folder.resolve()}") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UnusableProject(f"{path} cannot be read", found=str(error)) from error
        known = {"base_url", "issuer", "verification_method", "regimes", "access_policy", "store"}
        unknown = sorted(set(settings) - known)
        if unknown:
            raise UnusableProject(f"{path}: unknown setting", expected=", ".join(sorted(known)), found=unknown[0])
        for name in ("base_url", "issuer", "verification_method"):
            if not isinstance(settings.get(name), str):
                raise UnusableProject(f"{path}: {name} is missing", expected="a text")
        policy = settings.get("access_policy", "annex-xiii")
        if policy not in ("annex-xiii", "article-77"):
            raise UnusableProject(f"{path}: access_policy", expected="annex-xiii or article-77", found=repr(policy))
        store = settings.get("store")
        if store is not None and not isinstance(store, str):
            raise UnusableProject(f"{path}: store", expected="an address", found=type(store).__name__)
        regimes = settings.get("regimes", ["eu", "cn"])
        if not isinstance(regimes, list) or not all(isinstance(code, str) for code in regimes):
            raise UnusableProject(f"{path}: regimes", expected="a list of regime codes", found=repr(regimes))
        return cls(
            folder,
            check_base_url(settings["base_url"]),
            settings["issuer"],
            settings["verification_method"],
            tuple(regimes),
            policy,
            store,
        )

    def write(self) -> None:
        """Write ``passport.toml``. Values are DIDs, URLs and codes, which TOML takes as they are."""
        (self.folder / CONFIGURATION).write_text(
            "# Battery passports of this operator. Keys are in keys/, never in this file.\n"
            f'base_url = "{self.base_url}"\n'
            f'issuer = "{self.issuer}"\n'
            f'verification_method = "{self.verification_method}"\n'
            f"regimes = [{', '.join(repr(code).replace(chr(39), chr(34)) for code in self.regimes)}]\n"
            f'access_policy = "{self.access_policy}"\n' + (f'store = "{self.store}"\n' if self.store else ""),
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
    def trust_list_path(self) -> Path:
        return self.folder / "trusted-issuers.json"

    def trust_list(self) -> TrustList:
        return TrustList.load(self.trust_list_path)

    def issuer_with_key(self, passphrase: bytes | None) -> Issuer:
        """The issuer with its private key loaded. Only commands that sign call this.

        :raises KeyFileError: the key file is missing, readable by others, or the passphrase is wrong.
        """
        key = PrivateKey.load(self.folder / ISSUER_KEY, passphrase)
        return Issuer(self.issuer, KeySigner(key, self.verification_method))
