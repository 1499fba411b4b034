"""The vendors that Keepline can be connected to: one module, or one package, each."""
