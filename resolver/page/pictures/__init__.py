"""The pictures of the page: which ones there are, and how each is drawn."""
