"""Commands about who is who: identities, accreditations, roles, attestations, trust lists."""
