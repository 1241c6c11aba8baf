"""How a document is signed: Data Integrity proofs and the cryptosuites behind them. Knows no battery.

Imports errors, linked_data and identity. Here, and only here, the table of suites is filled.
"""

from passport.proofs.cryptosuite import CRYPTOSUITES, Cryptosuite, register
from passport.proofs.ecdsa_sd_2023 import EcdsaSd2023
from passport.proofs.whole_document import SUITES

for _suite in (*SUITES, EcdsaSd2023()):
    register(_suite)

__all__ = ["CRYPTOSUITES", "Cryptosuite"]
