"""How a document is signed: Data Integrity proofs and the cryptosuites behind them. Knows no battery.

Imports errors, linked_data and identity. Here, and only here, the table of suites is filled.
"""

from passport.proofs.cryptosuite import CRYPTOSUITES, Cryptosuite, register
from passport.proofs.ecdsa_jcs_2019 import EcdsaJcs2019
from passport.proofs.ecdsa_rdfc_2019 import EcdsaRdfc2019
from passport.proofs.ecdsa_sd_2023 import EcdsaSd2023
from passport.proofs.eddsa_jcs_2022 import EddsaJcs2022
from passport.proofs.eddsa_rdfc_2022 import EddsaRdfc2022

register(EcdsaRdfc2019())
register(EddsaRdfc2022())
register(EcdsaSd2023())
register(EcdsaJcs2019())
register(EddsaJcs2022())

__all__ = ["CRYPTOSUITES", "Cryptosuite"]
