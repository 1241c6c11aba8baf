"""Envelopes of credentials and presentations: JWT, SD-JWT and COSE."""
