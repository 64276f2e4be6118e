-- The shape that the sample's customers are moved into: other names, other types, one name column instead of two.
CREATE TABLE customers (
    customer_id    INTEGER PRIMARY KEY,
    full_name      TEXT NOT NULL,
    email          TEXT,
    phone          TEXT,
    date_of_birth  DATE,
    street_address TEXT,
    city           TEXT,
    zip            TEXT,
    country        TEXT,
    registered_at  TIMESTAMP,
    balance        REAL,
    newsletter     BOOLEAN
);
