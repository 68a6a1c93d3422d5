"""Put beside the package what a checkout has beside it: the data, the app and its libraries."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# In the checkout: in the wheel. The app finds its settings and static files beside itself.
CARRIED = {
    "app.py": "patrolmap/app.py",
    "data": "patrolmap/data",
    "static/vendor": "patrolmap/static/vendor",
    ".streamlit/config.toml": "patrolmap/.streamlit/config.toml",
}


class WheelHook(BuildHookInterface[Any]):
    """Fill a release wheel; an editable one reads everything in its place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name what goes into the wheel and say what is missing."""
        if version == "editable":
            return
        for source, target in CARRIED.items():
            path = Path(self.root, source)
            if path.exists():
                build_data["force_include"][str(path)] = target
            else:
                self.app.display_warning(f"{source} is missing: the wheel goes without it.")
