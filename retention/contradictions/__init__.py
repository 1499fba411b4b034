"""The kinds of contradiction between sources, a module for each sort of claim."""
