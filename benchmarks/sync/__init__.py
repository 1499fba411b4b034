"""A large helpdesk on a loopback socket, and who pulls it."""
