"""What helps the tests of an application that uses this library. The pytest plugin is in `plugin.py`."""
