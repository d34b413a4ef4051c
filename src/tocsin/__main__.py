"""``python -m tocsin``."""

from tocsin.cli.main import main

raise SystemExit(main())
