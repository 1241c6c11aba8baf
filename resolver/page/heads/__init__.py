"""What a page begins with: the head, bands, trust, what a reader may need."""
