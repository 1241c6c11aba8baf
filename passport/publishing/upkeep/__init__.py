"""A project's backup, its restore, and the examination of all that it keeps."""
