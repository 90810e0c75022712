"""Sighthound: a genome browser with a model behind it; `import sighthound as sh`.

Beside this file lie links to the folders of the source, so that what people import and install
has a name of its own: `sighthound.core` is core/.
"""

from sighthound.core import *  # noqa: F403
from sighthound.core import __all__, __version__

__all__ = [*__all__, "__version__"]
