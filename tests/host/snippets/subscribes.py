# Other plugins subscribe to events
from hotplug.plugins import auth

@auth.user_login.on
def on_login(username: str):
    print(f"Handling login for {username}")

# Or using += operator
# auth.user_login += on_login

# To trigger the event, call the API function
auth.login_user("alice")
