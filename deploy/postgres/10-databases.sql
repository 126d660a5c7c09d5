-- Run once, when the volume is empty: one server, three databases, a role for Temporal and one for the register.
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv registro_password REGISTRO_DB_PASSWORD

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

CREATE ROLE registro LOGIN PASSWORD :'registro_password';
CREATE DATABASE registro OWNER registro;

REVOKE CONNECT ON DATABASE temporal, temporal_visibility, registro FROM PUBLIC;
