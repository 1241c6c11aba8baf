"""The numbered checks of a verification, a module for each, and what they rest on."""
