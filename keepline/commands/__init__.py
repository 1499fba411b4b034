"""What each command does once its words have been read; one module a command."""
