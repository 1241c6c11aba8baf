"""Role credentials from wallets: OpenID for Verifiable Presentations 1.0, beside the challenge of ``/token``.

A page shows a link and a QR code. The wallet fetches a signed request, its holder agrees, and the wallet posts a
presentation. What it earns is decided by :class:`resolver.access.access_control.AccessControl`,
by the steps of every other presentation; the page then fetches an access token like any other. (docs/decisions/0015)
"""
