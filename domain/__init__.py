"""The words and the pure rules of Simak: nothing here reads a file, a clock, a network or a database."""
