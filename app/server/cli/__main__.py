"""`python -m app.server.cli`: the `voltlane` command where its script is not on the path."""

from app.server.cli.main import main

main()
