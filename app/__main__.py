"""`python -m app` is `sighthound`."""

from app.cli import main

main()
