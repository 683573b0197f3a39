"""One file a source: each turns what a source sends into mentions, and returns values without writing any."""
