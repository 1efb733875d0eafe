"""Parts of a researcher's own, one file each; a scenario names those it wants under `extensions`."""
