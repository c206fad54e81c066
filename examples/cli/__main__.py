"""A command line whose subcommands are plugins; only what is asked for is started.

Shown: lazy plugins, commands that their manifests name, arguments made of a function's signature.
"""

import sys
from argparse import ArgumentParser
from inspect import Parameter, signature
from pathlib import Path

from hotplug import Command, PluginHost, UnknownPluginError

PLUGINS = Path(__file__).with_name("plugins")


def run(command: Command, arguments: list[str]) -> None:
    """Call a function with what its own signature says the command line is."""
    parser = ArgumentParser(prog=f"cafe {command.name}", description=command.function.__doc__)
    for name, parameter in signature(command.function).parameters.items():
        if parameter.annotation is bool:
            parser.add_argument(f"--{name}", action="store_true")
        elif parameter.default is Parameter.empty:
            parser.add_argument(name, type=parameter.annotation)
        else:
            parser.add_argument(f"--{name}", type=parameter.annotation, default=parameter.default)
    print(command(**vars(parser.parse_args(arguments))))


def main(arguments: list[str]) -> str | None:
    with PluginHost("cafe") as host:
        for folder in sorted(PLUGINS.iterdir()):
            host.load_plugin(folder).enable()  # they are lazy: only their manifests are read
        if arguments:
            try:
                run(host.commands[arguments[0]], arguments[1:])
            except UnknownPluginError as error:
                return str(error)
        else:
            for name in host.commands:
                print(f"cafe {name:8}", host.commands[name].plugin.metadata.description)
        started = [plugin.name for plugin in host if plugin.is_running]
        print(f"[started: {', '.join(started) or 'none'}]")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
