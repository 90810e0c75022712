"""Where the shared data and the golden numbers lie."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("SIGHTHOUND_DATA", ROOT.parent / "shared" / "data"))
GOLDEN = SHARED_DATA.parent / "golden"
