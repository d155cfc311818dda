"""Templates with what never changes written in when they are compiled.

Why: a page asks for some ninety translations and forty pictures, the same at every request, since there is one environment
for each language. Jinja folds constants, but does not know that these calls give one; asked for at every request they were
a third of a page's time.
"""

from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup


class Folding(Environment):
    """An environment whose `constants` (a function of constants, a mapping by constants) are looked up at compile time.

    A call with other arguments, or with values that only a request knows, is left as it is.
    """

    def __init__(self, constants: dict[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self._folder = _Folder(constants)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        self._folder.visit(parsed)
        return parsed


class _Folder(NodeTransformer):
    def __init__(self, constants: dict[str, Any]) -> None:
        self._constants = constants

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (Jinja's name)
        """`_("…")`."""
        self.generic_visit(node)
        values = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        plain = len(values) == len(node.args) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not plain or not isinstance(node.node, nodes.Name):
            return node
        function = self._constants.get(node.node.name)
        return _written(function(*values), node) if callable(function) else node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 (Jinja's name)
        """`icons["…"]`."""
        self.generic_visit(node)
        if (
            isinstance(node.node, nodes.Name)
            and node.node.name in self._constants
            and isinstance(node.arg, nodes.Const)
        ):
            return _written(self._constants[node.node.name][node.arg.value], node)
        return node


def _written(value: str, node: nodes.Node) -> nodes.Expr:
    constant = nodes.Const(str(value), lineno=node.lineno)
    return nodes.MarkSafe(constant, lineno=node.lineno) if isinstance(value, Markup) else constant
