"""Reading a mention: what the model sees of it, which language it is in, and what the model makes of it."""
