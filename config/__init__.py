"""Knows the settings, the defaults that ship, and how a mistake in a configuration file is explained."""
