"""Composing settings from YAML files, what they extend, and overrides, with the place of every value."""
