class AsyncHooks: 
    __slots__ = ()
