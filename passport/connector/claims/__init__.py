"""Who a company is, by the Decentralized Claims Protocol 1.0.1.

Each request carries a self-issued token (:mod:`~passport.connector.claims.self_issued`). Its verifier asks the
sender's credential service for presentations (:mod:`~passport.connector.claims.credential_service`), and believes what
trusted issuers say in them (:mod:`~passport.connector.claims.peer_verifier`). Issuers hand credentials out by
:mod:`~passport.connector.claims.issuer_service`.
"""
