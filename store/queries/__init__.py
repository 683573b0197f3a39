"""Everything that pages, exports and the command line ask the store: read only, and bounded in what it returns."""
