# Seconds until something that was started has to be there: a new container, its health, a certificate, a node.
PATIENCE=${NODE_STEP_PATIENCE:-150}
