"""SHACL shapes as Python functions over plain statements: a pre-check that only ever says "conforms".

* :mod:`.shape` compiles a shapes graph. A construct that it does not know leaves its shape uncompiled.
* :mod:`.values` compares terms. What it is not sure of it leaves undecided.
* :mod:`.queries` has the counterparts of the SPARQL rules, each bound to the text of its query.
* :mod:`.precheck` judges a record. What is uncompiled, undecided or at fault goes to pySHACL, which writes the report.

``docs/decisions/0008-two-tiers-for-speed-one-truth.md`` gives the reasons, and
``tests/validation/test_compiled_shapes.py`` holds both tiers together.
"""
