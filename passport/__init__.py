"""An open publisher of battery passports as linked data with verifiable credentials."""

__version__ = "0.1.0"
