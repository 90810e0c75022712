"""What setup.cfg cannot say: docs/ becomes the site of guides that the server gives its users."""

import subprocess
import sys

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithGuides(build_py):
    """Builds the site before what is shipped is looked for."""

    def run(self) -> None:
        subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet"], check=True)
        super().run()


setup(cmdclass={"build_py": BuildWithGuides})
