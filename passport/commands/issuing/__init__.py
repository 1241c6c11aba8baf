"""Commands that issue passports: from a template to a run that survives, and what it tells."""
