"""Commands of supervision: facts, alerts, duties, reports of a period."""
