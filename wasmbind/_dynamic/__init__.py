"""What the dynamic `Module` is made of: the exports of a binary, and what becomes of values nobody has declared."""
