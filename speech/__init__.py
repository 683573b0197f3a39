"""How Simak speaks: texts in Indonesian and English, and numbers, dates and times as each language writes them."""
