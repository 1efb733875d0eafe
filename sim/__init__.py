"""The market: business customers, the carriers they share their lines among, and what happens month by month."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
