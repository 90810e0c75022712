"""Where the golden numbers lie, and bigger real data, which a clone alone has not."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
SHARED_DATA = Path(os.environ.get("SIGHTHOUND_DATA", ROOT.parent / "shared" / "data"))
