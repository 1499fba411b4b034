"""What is foretold of tickets that nobody rated."""
