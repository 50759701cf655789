-- Takes the carts away, with every row.
DROP TABLE carts;
