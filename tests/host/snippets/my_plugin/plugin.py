from hotplug import event, log

@event()
def user_login(username: str):
    log.info(f"User {username} logging in")
    yield # Handlers run here
    log.info(f"User {username} logged in")
