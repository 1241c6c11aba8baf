"""What must not leave: personal data in texts, the policy of a release, rights in a record."""
