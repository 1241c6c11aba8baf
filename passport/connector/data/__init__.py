"""What is handed over: offered, signed, sealed to its receiver, and a supplier's part of a record."""
