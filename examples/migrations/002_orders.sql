CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  placed_at TEXT NOT NULL
);
CREATE INDEX orders_by_product ON orders (product_id);
