"""Writes what is made anew: ``python -m docs_from_code``."""

from __future__ import annotations

from docs_from_code.made import DOCS, made


def main() -> None:
    for file, text in made():
        path = DOCS / file
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"docs/{file}")


if __name__ == "__main__":
    main()
