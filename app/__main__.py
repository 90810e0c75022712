"""`python -m app` in the source is `sighthound`."""

from sighthound.app.cli import main

main()
