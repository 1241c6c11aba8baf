"""RDF and JSON-LD without a network: pinned contexts, safe expansion, RDFC-1.0, RFC 8785.

Imports only :mod:`passport.errors`. It is the only package that imports pyld. Nothing in it fetches anything.
"""
