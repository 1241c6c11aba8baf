"""Products, attestations and anchors of the UN Transparency Protocol, in and out."""
