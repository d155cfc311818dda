"""RFC 3676 format=flowed: lines that end in a space go on in the next one of the same quote depth."""


def unflowed(text: str, delsp: bool) -> str:
    """Lines joined as the sender's program broke them; `delsp` drops the space that marked the break."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, content = _quoted(line)
        if depth == open_depth:
            out[-1] += content
        else:
            out.append(f"{'>' * depth} {content}" if depth else content)
        open_depth = depth if content.endswith(" ") and content != "-- " else -1
        if open_depth >= 0 and delsp:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _quoted(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")
