"""What the pages of the workspace work with. One object for each application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from issuer.wallets.accreditation_check import AccreditationChallenges, CompanyCredentialCheck
from issuer.wallets.foreign_lists import ForeignLists
from issuer.wallets.issuance import Issuance
from issuer.workspace.drafts.judgement import DraftJudge
from issuer.workspace.people.company_provider import CompanyProvider, ProviderConfig
from issuer.workspace.people.passkeys import Ceremonies, check_origin
from passport.credentials.issuer import Issuer
from passport.credentials.wording import shortened
from passport.identity.did import DidResolver
from passport.identity.http_client import GuardedClient
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import Presenter
from passport.presenting.role_tokens import ACTOR_KIND
from passport.presenting.wallet_requests import WalletRequests
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.store.register.registration_outbox import RegistrationOutbox
from passport.store.workspace.drafts import Drafts
from passport.store.workspace.journal import DeedJournal
from passport.store.workspace.offers import Offers
from passport.store.workspace.orders import Orders
from passport.store.workspace.people import People, Person
from passport.store.workspace.requests import AccessRequests
from passport.store.workspace.sessions import Sessions
from passport.store.workspace.subjects import Subjects
from passport.store.workspace.supplier_requests import SupplierRequests
from passport.store.workspace.workspace_file import WorkspaceFile
from passport.texts import Message, Text
from passport.vocabulary.vocabulary import Vocabulary, chosen_regimes, load


@dataclass(frozen=True)
class WorkspaceConfig:
    """Everything that the workspace is told.

    :ivar issuer: with its key; :ivar origin: where browsers find the workspace, such as ``https://work.example.com``.
    :ivar accreditation: of the issuer, to be enclosed with events; None where the inbox has it; with its status lists.
    :ivar log_passphrase: of the key of the project's log, for receipts.
    :ivar provider: the company's own sign-in, beside passkeys; None: there is none.
    :ivar client: asks for status lists of other authorities.
    :ivar languages: of the pages, the first where a browser asks for none of them.
    """

    project: Project
    store: Store
    issuer: Issuer = field(repr=False)
    origin: str
    accreditation: JsonObject | None = None
    status_lists: tuple[JsonObject, ...] = ()
    log_passphrase: bytes | None = field(default=None, repr=False)
    provider: ProviderConfig | None = field(default=None, repr=False)
    client: GuardedClient = field(default_factory=GuardedClient, repr=False)
    languages: tuple[str, ...] = ("en", "zh")

    def __post_init__(self) -> None:
        """:raises UsageError: passkeys do not work at the origin."""
        check_origin(self.origin)


class Workspace:
    """:param now: the clock, giving aware instants."""

    def __init__(self, config: WorkspaceConfig, now: Callable[[], datetime]) -> None:
        self.config, self.now = config, now
        self.project, self.store = config.project, config.store
        file = self.file = WorkspaceFile(config.project.workspace_path)
        self.people, self.sessions, self.journal = People(file), Sessions(file), DeedJournal(file)
        self.subjects = Subjects(file, self.people)
        self.provider = CompanyProvider(config.provider, config.origin) if config.provider else None
        self.drafts, self.orders = Drafts(file), Orders(file)
        self.offers, self.issuance = Offers(file), Issuance(config.origin, file.secret, self.dids)
        self.wallet_requests = WalletRequests(config.origin, file.secret, "actor", ACTOR_KIND)
        self.foreign_lists = ForeignLists(config.client, f"{config.project.base_url}/status/")
        self.accreditation_challenges = AccreditationChallenges(file.secret)
        self.access, self.suppliers = AccessRequests(file), SupplierRequests(file)
        self.vocabulary: Vocabulary = load()
        self.regimes = chosen_regimes(config.project.regimes)
        self.judge = DraftJudge(self.regimes, config.project.base_url)
        self.presenter = Presenter(self.store, self.vocabulary, policy=config.project.access_policy)
        self.ceremonies = Ceremonies(config.origin, self.company_name("en"))

    @property
    def publisher(self) -> Publisher:
        """A publisher for one step or order: what it remembers of lists is not shared between threads."""
        return Publisher(self.store, self.config.issuer, self.project.base_url, self.vocabulary, self.regimes)

    @property
    def company_check(self) -> CompanyCredentialCheck:
        """Verifies credentials about companies, by the trust list as it is now."""
        return CompanyCredentialCheck(
            self.project.trust_list(), self.store, self.foreign_lists, self.config.status_lists
        )  # fmt: skip

    @cached_property
    def registrations(self) -> RegistrationOutbox:
        """What became of passports at a register. The file is made where there is none."""
        return RegistrationOutbox(self.project.registrations_path)

    def dids(self) -> DidResolver:
        """The DIDs of the trust list as it is now, beside those that are computed."""
        project = self.project
        return DidResolver(project.trust_list().did_documents() if project.trust_list_path.exists() else {})

    def company_name(self, language: str) -> str:
        """What the trust list calls the issuer; else its DID, shortened."""
        return self.named(self.project.issuer, language)

    def named(self, did: str, language: str) -> str:
        """What the trust list calls a company; else its DID, shortened."""
        known = self.project.trust_list().issuer(did) if self.project.trust_list_path.exists() else None
        return known.named(language) if known is not None else shortened(did)

    def person_name(self, id_: str | None) -> Text:
        """The display name of a person whom the file names by an id."""
        if id_ in _OUTSIDE:
            return _OUTSIDE[id_]
        person: Person | None = self.people.get(id_) if id_ else None
        return person.full_name if person is not None else "—"


_OUTSIDE = {
    "command": Message("the command line"),
    "supplier": Message("the supplier"),
    "stranger": Message("the asker"),
    "provider": Message("the company's sign-in"),
}
