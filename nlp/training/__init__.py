"""How the bundled reader is made, one command a step; nothing that ships imports this package."""
