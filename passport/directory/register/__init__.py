"""The register of passports of many makers: entries, coherence, submissions, look-up, the continuity copy."""
