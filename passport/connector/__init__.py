"""Exchange of data between two companies: the Dataspace Protocol 2025-1, with claims by DCP 1.0.1.

* A provider offers datasets, each under a usage policy. A consumer requests one; both sign an agreement step by step,
  and a transfer under the agreement hands over the data.
* Messages, states, policies and decisions are pure (:mod:`~passport.connector.dataspace_messages`,
  :mod:`~passport.connector.exchange_process`, :mod:`~passport.connector.usage_policy`,
  :mod:`~passport.connector.decider`). :mod:`~passport.connector.exchange_service` joins them with SQL and with a
  courier that sends; :mod:`~passport.connector.connector_endpoint` answers requests without knowing a web server.
* Who sends is proved by a self-issued token and by credentials (:mod:`passport.connector.claims`).
* What is handed over is signed, and encrypted to the receiver (:mod:`~passport.connector.data.sealed_data`).
"""
