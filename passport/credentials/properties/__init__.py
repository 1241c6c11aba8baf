"""The properties of credentials and presentations, as the VC Data Model 2.0 has them."""
