"""What PyInstaller must carry: modules that are imported by their names when they are needed, and the sandbox's pages.

What a program's environment does not have, such as an extra that is not installed, is left out by PyInstaller with a line in
its log.
"""

# pyright: reportMissingImports=false, reportMissingModuleSource=false

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

_NOT_FOR_PROGRAMS = ("xendit.testing", "xendit.webhook.django", "xendit.hooks")
hiddenimports = collect_submodules(
    "xendit", filter=lambda name: not name.startswith(_NOT_FOR_PROGRAMS), on_error="ignore"
)
datas = collect_data_files("xendit", includes=["**/*.html", "**/*.css", "**/*.js", "**/*.svg", "**/py.typed"])
