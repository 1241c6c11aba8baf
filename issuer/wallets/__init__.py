"""Wallets at the workspace.

* Role and actor credentials go into wallets by OpenID for Verifiable Credential Issuance 1.0, pre-authorized code flow.
  An access request that was granted, or an accreditation, becomes a credential offer: a link and a QR code. The wallet
  exchanges its code for an access token, proves its key, and gets the credential in the format that it asks for.
* An asker may show an accreditation from a wallet, by OpenID for Verifiable Presentations 1.0.

Who is granted what stays a decision of a person in the workspace.
"""
