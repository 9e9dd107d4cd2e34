"""What a batch creates: the create operation of the product whose API object it was given.

An API can be used if its create can be looked up after a lost answer, because a batch that was killed goes on by
looking up the items that were under way. Nothing here knows a product.
"""

from __future__ import annotations

import json
from inspect import iscoroutinefunction
from typing import NamedTuple

from xendit.exceptions import ApiTypeError
from xendit.products import PRODUCTS, product_of
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from xendit.operation import Operation


class Creation(NamedTuple):
    """The create of an API."""

    operation: Operation
    body: str
    """The parameter that takes the request."""
    is_async: bool
    """Whether the API's methods are awaited."""

    def text_of(self, request: object, added: Mapping[str, str | None]) -> str:
        """The body of a request as it goes out. Raises ApiTypeError, ApiValueError for one that cannot be sent."""
        body = self.operation.request({self.body: request, **added}).body
        assert body is not None
        return body.decode("ascii")

    def sought(self, body: Mapping[str, object], added: Mapping[str, str | None]) -> Any:
        """What identifies the thing that a request makes: its `external_id`, and what the look-up compares beside it."""
        assert self.operation.recovery is not None
        return self.operation.recovery({self.body: body, **added}, {}).sought

    def external_id_of(self, text: str) -> str:
        """Your own id of the thing, from a request's body."""
        found: str = self.sought(json.loads(text), {}).external_id
        return found


def creation_of(api: object) -> Creation:
    """The create of an API object, or of an object of a class that is derived from an API class.

    Raises:
        ApiTypeError: it is no API whose things can be looked up.
    """
    for ancestor in type(api).__mro__:
        package, _, rest = ancestor.__module__.partition(".")
        folder = rest.partition(".")[0]
        if package != "xendit" or folder not in PRODUCTS:
            continue
        for operation in product_of(folder).operations:
            method = getattr(ancestor, operation.name, None)
            body = next((each.name for each in operation.parameters if each.location == "body"), None)
            if method is not None and body is not None and operation.recovery is not None:
                return Creation(operation, body, iscoroutinefunction(method))
    named = [name for folder in PRODUCTS for name in product_of(folder).api_homes]
    raise ApiTypeError(f"create_many: {type_name(api)} was given, one of {', '.join(named)} is needed", ("api",))
