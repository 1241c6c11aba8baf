"""Drafts: files come in, are read, judged, corrected, shown and ordered."""
