"""How gunicorn serves the site; `--bind` and `--workers` (or WEB_CONCURRENCY) come from who starts it."""

worker_class = "gthread"
threads = 4
# Longer than a load balancer keeps an idle connection is the balancer's choice; behind none, short is kinder.
keepalive = 5
timeout = 30
graceful_timeout = 10
control_socket_disable = True
