"""Credentials of VC Data Model 2.0: checked, issued, revoked, trusted, verified.

``credential`` says what one must look like, ``issuer`` makes and presents them, ``status_list`` withdraws them,
``trust`` says who may sign what, and ``verifier`` gives a ``result`` of numbered checks. Nothing here knows what the
subjects of credentials are.
"""
