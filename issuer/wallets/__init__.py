"""Role credentials for wallets: OpenID for Verifiable Credential Issuance 1.0, pre-authorized code flow.

An access request that was granted becomes a credential offer: a link and a QR code. The wallet exchanges its code for
an access token, proves its key, and gets the role in the format that it asks for. Who is granted what stays a decision
of a person in the workspace.
"""
