from hotplug import event, syscall

# Event with before/after behavior (generator function)
@event()
def user_login(username: str):
    print(f"User {username} logging in")
    yield # Handlers run here
    print(f"User {username} logged in")

# Simple event (regular function) - just calls handlers
@event()
def config_changed():
    pass # No before/after code

# Protected event - only this plugin can subscribe
@event(protected=True)
def internal_event():
    print("Internal plugin event")
    yield

# API to allow other plugins to trigger events
@syscall
def login_user(username: str):
    """Public API to trigger the login event."""
    user_login(username) # Must use @syscall to run in this plugin's context
