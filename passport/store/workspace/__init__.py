"""What the workspace keeps: people and sessions, drafts, orders, requests. One SQLite file beside the store."""
