from hotplug import Resource, get_current_plugin

class DatabaseConnection(Resource):
    def __init__(self, plugin, connection_string):
        super().__init__(plugin)
        self.conn = connect(connection_string)

    def _cleanup(self):
        self.conn.close()

# Register it
conn = DatabaseConnection(get_current_plugin(), "localhost:5432")
get_current_plugin().host.resource_manager.register(conn)
