"""The door of whoever sits at the machine: parse, ask one rule, say what became of it."""
