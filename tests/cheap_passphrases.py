"""Key files of the tests are encrypted with an scrypt that takes no time.

Half a second for each file that is written and read again protects a stolen one from guesses; hundreds of tests of
something else would take it. :mod:`tests.identity.test_keys` writes with the parameters that are :data:`REAL`.
"""

from __future__ import annotations

from passport.identity import key_file

#: N, r and p as the program has them.
REAL = key_file.SCRYPT_N, key_file.SCRYPT_R, key_file.SCRYPT_P


def make_passphrases_cheap() -> None:
    """For this process, from now on."""
    key_file.SCRYPT_N, key_file.SCRYPT_R, key_file.SCRYPT_P = 2, 8, 1
