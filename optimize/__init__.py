"""Decisions: what treatments would bring, which to choose within budgets, and what a plan is worth."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
