"""Supervision over a store: rules over its facts, alerts with their handling, events judged as they arrive."""
