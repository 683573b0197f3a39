"""The groups of commands, each in its own file."""
