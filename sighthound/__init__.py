"""Sighthound: a genome browser with a model behind it; `import sighthound as sh`.

Beside this file lie links to the folders of the source, so that what people import and install
has a name of its own: `sighthound.core` is core/. What is here is a lab's project in Python:
`sh.open("lab")`.
"""

from sighthound import core
from sighthound.core import *  # noqa: F403
from sighthound.core import __version__
from sighthound.results import Alleles, Effects, TrackData, pearson
from sighthound.session import Lab
from sighthound.session import open_lab as open

__all__ = ["Alleles", "Effects", "Lab", "TrackData", "__version__", "core", "open", "pearson"]
__all__ += core.__all__
