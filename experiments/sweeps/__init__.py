"""Sweeps: many runs over scenarios and over what is uncertain, kept, continued, compared and understood."""
