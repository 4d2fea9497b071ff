"""The making and the configuration of the embedded PostgreSQL."""

from __future__ import annotations

from typing import Final

OWNER: Final = "hushi"
SETTINGS: Final = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    # What a statement or the detail of an error quotes may be somebody's name or number.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
INITDB: Final = ("-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--locale-provider=builtin")
