"""Signers whose keys are not in a file: a PKCS#11 token, and a signing service over HTTPS."""
