"""The trust list of a running resolver, read again from its file without a restart.

A configuration is one frozen value. Where the list comes from a file (:mod:`passport.credentials.trust_file`), each
change of the file makes a new configuration, which differs in the trust list alone. A file that cannot be used makes
a configuration that trusts no issuer.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from passport.credentials.trust import TrustList
from passport.credentials.trust_file import TrustFile
from passport.errors import PassportError
from resolver.config import ResolverConfig, check_audiences, issuers_without_audiences

logger = logging.getLogger("resolver")


class RunningTrust:
    """:param config: as read at the start; its ``trust_path`` is what is read again, None keeps its list for good."""

    def __init__(self, config: ResolverConfig) -> None:
        self._file = None if config.trust_path is None else TrustFile(config.trust_path, _prepared)
        self._config = config
        if self._file is None:
            _tell_of_roles(config.trust_list)

    def current(self) -> TrustList:
        return self._config.trust_list if self._file is None else self._file.current()

    def config(self) -> ResolverConfig:
        """The configuration with the list of now."""
        current, config = self.current(), self._config
        if config.trust_list is not current:
            config = self._config = replace(config, trust_list=current)
        return config

    @property
    def version(self) -> int:
        """Changes with the list. Looks at the file."""
        self.current()
        return 0 if self._file is None else self._file.version

    @property
    def fault(self) -> PassportError | None:
        """Why no issuer is trusted; None where the list can be used."""
        self.current()
        return None if self._file is None else self._file.fault


def _prepared(trust_list: TrustList) -> TrustList:
    check_audiences(trust_list)
    _tell_of_roles(trust_list)
    return trust_list


def _tell_of_roles(trust_list: TrustList) -> None:
    for issuer in issuers_without_audiences(trust_list):
        logger.warning(
            "the trust list names %s for roles and no audiences: its roles let nobody in until its entry has audiences",
            issuer.named(),
        )
