"""The files that pages load, such as their style: over HTTP, under `/static/`."""

from __future__ import annotations

from xendit.sandbox.pages.render import static
from xendit.sandbox.state import SandboxError
from xendit.sandbox.web import Request, Response


class PageFiles:
    """Answers with the files of all pages: of the sandbox itself, and of each product under the name of its folder."""

    routes = (("GET", "/static/<path:name>", "page_file"),)

    def page_file(self, _request: Request, name: str) -> Response:
        """Serve one of the few files that the pages use."""
        found = static(name)
        if found is None:
            raise SandboxError(404, "NOT_FOUND", "There is no such file.")
        return Response(found[1], content_type=found[0])
