"""`python -m sighthound` is `sighthound`."""

from sighthound.app.cli import main

main()
