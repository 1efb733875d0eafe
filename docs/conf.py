"""Settings of the documentation."""

from importlib.metadata import version as version_of

project = "Keystay"
author = "The Keystay authors"
copyright = "2026, The Keystay authors"
release = version_of("keystay")
version = release

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "jupyter_execute"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the tests execute the notebooks

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "groupwise"
autodoc_default_options = {"members": True, "undoc-members": False}
napoleon_google_docstring = True
napoleon_use_ivar = True  # a documented attribute is listed once

html_theme = "furo"
html_title = f"Keystay {release}"
