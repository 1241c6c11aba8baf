"""People of the workspace and strangers before it: passkeys, sessions, access, suppliers."""
