"""The `xendit` command, through a pipe and through a terminal, as people and programs use it."""
