"""Rules for a form: some always apply, one just this once, and one is taken away.

Shown: a collecting hook, a module-level function in a single call through call_extra, unregister.
"""

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("forms")
hookimpl = HookimplMarker("forms")

Form = dict[str, str]


class Specs:
    @hookspec
    def problem(self, form: Form) -> str:
        """Say what is wrong with the form, or return None."""
        raise NotImplementedError


class NameRule:
    @hookimpl
    def problem(self, form: Form) -> str | None:
        return None if form["name"] else "name is required"


class EmailRule:
    @hookimpl
    def problem(self, form: Form) -> str | None:
        return None if "@" in form["email"] else "email looks invalid"


def adults_only(form: Form) -> str | None:
    return None if int(form["age"]) >= 18 else "must be an adult"


def main() -> None:
    pm = PluginManager("forms", Specs)
    pm.register(NameRule(), name="name")
    pm.register(EmailRule(), name="email")
    form = {"name": "", "email": "nowhere", "age": "12"}

    print(pm.hook.problem(form=form))
    print(pm.hook.problem.call_extra([adults_only], {"form": form}))
    pm.unregister("email")
    print(pm.hook.problem(form=form))


if __name__ == "__main__":
    main()
