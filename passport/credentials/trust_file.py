"""A trust list that is read again when its file changes, so that trust ends without a restart.

* Each :meth:`TrustFile.current` looks at the file's identity (device, inode, size, times), which costs microseconds.
  Where that differs from what was read, the file is read and replaces the list in one step.
* A file that is missing or cannot be used trusts no issuer until it can be used again. The list before it is not kept:
  an issuer may have been taken off it, and a mistake in the file must not keep it on.
* A file that was changed a moment ago is read each time: its times are too coarse to show a second change.

    trust = TrustFile(path)
    trust.current().issuer(did)      # as the file says now
    trust.fault                      # why no issuer is trusted, None where all is well
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from passport.credentials.trust import TrustList
from passport.errors import MalformedTrustList, PassportError
from passport.linked_data import strict_json
from passport.texts import Message

#: Seconds after a change in which another one may leave the same times behind.
_COARSE = 2.0

logger = logging.getLogger("passport.trust")
_Identity = tuple[int, ...]


class TrustFile:
    """The trust list in a file, as it is now. Safe to share between threads.

    :param path: the file.
    :param prepare: makes what is handed out of what was read, or raises :class:`PassportError` to refuse it.
    """

    def __init__(self, path: Path, prepare: Callable[[TrustList], TrustList] = lambda trust_list: trust_list) -> None:
        self._path = path
        self._prepare = prepare
        self._lock = threading.Lock()
        self._identity: _Identity | None = None
        self._data: bytes | None = None
        self._list = TrustList()
        self.version = 0
        self.fault: PassportError | None = None

    def current(self) -> TrustList:
        """The list as the file says now; an empty one, with :attr:`fault` set, where it cannot be used."""
        identity = self._look()
        if identity is not None and identity == self._identity:
            return self._list
        with self._lock:
            self.read_file()
            return self._list

    def _look(self) -> _Identity | None:
        """The identity of the file; None where it is missing, or so new that it says nothing."""
        try:
            state = os.stat(self._path)
        except OSError:
            return None
        return None if self._is_fresh(state) else _identity(state)

    @staticmethod
    def _is_fresh(state: os.stat_result) -> bool:
        return abs(time.time() - max(state.st_mtime, state.st_ctime)) < _COARSE

    def read_file(self) -> None:
        try:
            with self._path.open("rb") as file:
                # Of the file that was opened: another one may have taken its name by now.
                state = os.fstat(file.fileno())
                data = file.read(strict_json.MAX_BYTES + 1)
        except OSError as error:
            self._set(
                None,
                None,
                MalformedTrustList(Message("the trust list cannot be read: {strerror}", strerror=error.strerror)),
            )
            return
        identity = None if self._is_fresh(state) else _identity(state)
        if data == self._data:
            self._identity = identity
            return
        try:
            trust_list = self._prepare(TrustList.from_json(strict_json.loads(data)))
        except PassportError as error:
            self._set(identity, data, error)
            return
        self._set(identity, data, None, trust_list)

    def _set(
        self,
        identity: _Identity | None,
        data: bytes | None,
        fault: PassportError | None,
        trust_list: TrustList | None = None,
    ) -> None:
        is_news = self.version == 0 or data != self._data or str(fault) != str(self.fault)
        # The list before the identity: who reads without the lock must not take the old list for the new file's.
        if is_news:
            self._list, self.fault = trust_list or TrustList(), fault
            self.version += 1
            if fault is not None:
                logger.error("the trust list cannot be used, so no issuer is trusted: %s", fault)
            else:
                logger.info("the trust list was read, %d issuers", len(self._list.issuers))
        self._data, self._identity = data, identity


def _identity(state: os.stat_result) -> _Identity:
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
