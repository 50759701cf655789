-- Takes the carts' contents away, with every row.
DROP TABLE cart_items;
