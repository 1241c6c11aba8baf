"""Routes that take a role: a challenge and its token, the page for people, and wallets."""
