"""The services shared by the views and pages of the resolver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from passport.presenting.presenter import Presenter
from passport.presenting.wallet_requests import WalletRequests
from passport.store import Store
from passport.store.state.resolver_state import ResolverState
from passport.vocabulary.vocabulary import Regime, Vocabulary
from resolver.access.access_control import AccessControl
from resolver.config import ResolverConfig
from resolver.running_trust import RunningTrust


@dataclass(frozen=True)
class Services:
    """What the views work with. One object, made once."""

    trust: RunningTrust
    store: Store
    presenter: Presenter
    vocabulary: Vocabulary
    regimes: tuple[Regime, ...]
    access: AccessControl
    state: ResolverState
    wallets: WalletRequests
    now: Callable[[], datetime]
    style_sheets: Mapping[str, str]

    @property
    def config(self) -> ResolverConfig:
        """The configuration, with the trust list as it is now."""
        return self.trust.config()


def services_of(application: Flask) -> Services:
    """The services of an application that :func:`resolver.app.create_app` made."""
    services: Services = application.extensions["resolver"]
    return services
