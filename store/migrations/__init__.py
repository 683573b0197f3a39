"""The steps by which older stores come up to date."""
